// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "read/kernel/kmsg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kmsg_record r;
	struct span text;

	if (kmsg_parse(span_of(data, size), &r, &text) < 0)
		return 0;
	if (text.p < data || text.p + text.n > data + size || memchr(text.p, '\n', text.n))
		abort();
	return 0;
}
