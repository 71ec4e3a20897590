// SPDX-License-Identifier: MIT
/* Kernel option strings: every option lies inside of the text, and the walk ends. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "verb/params/check.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	const char *rest = text, *end;
	struct option o;

	if (!text)
		return 0;
	end = text + strlen(text);
	while (option_next(&rest, &o)) {
		assert(rest > text && rest <= end);
		assert(o.key >= text && o.key_len <= (size_t)(end - o.key));
		assert(!o.value || (o.value >= o.key && o.value_len <= (size_t)(end - o.value)));
	}
	free(text);
	return 0;
}
