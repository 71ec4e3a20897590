// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "read/index/symvers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(const struct symvers *s, const char *word)
{
	if (!*word)
		return;
	if (word < s->text.p || word + strlen(word) > s->text.p + s->text.n)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_symvers_ struct symvers s = SYMVERS_INIT;
	struct symvers_entry e;
	unsigned line = 0;

	if (buf_add(&s.text, data, size) < 0)
		return 0;
	while (symvers_next(&s, &e) > 0) {
		if (!*e.symbol || !*e.module || !*e.crc_word || e.line <= line || (!e.has_crc && e.crc))
			abort();
		check_inside(&s, e.symbol);
		check_inside(&s, e.module);
		check_inside(&s, e.ns);
		line = e.line;
	}
	return 0;
}
