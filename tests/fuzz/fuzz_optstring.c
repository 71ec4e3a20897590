// SPDX-License-Identifier: MIT
/* Kernel option strings: every option lies inside of its word, the words lie in the text, and the walk ends. */
#include <assert.h>
#include <stdint.h>

#include "base/optstring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct span whole, const void *part, size_t n)
{
	const uint8_t *p = part;

	assert(p >= whole.p && n <= (size_t)(whole.p + whole.n - p));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_of(data, size);
	size_t left = size;
	struct option o;

	while (option_next(&rest, &o)) {
		assert(rest.n < left);
		left = rest.n;
		check_inside(span_of(data, size), o.word.p, o.word.n);
		check_inside(o.word, o.key, o.key_len);
		if (o.value)
			check_inside(o.word, o.value, o.value_len);
	}
	return 0;
}
