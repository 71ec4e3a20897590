// SPDX-License-Identifier: MIT
/* Every element and what is in it, down to a depth. */
#include <stdlib.h>

#include "read/image/der.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEPTH_MAX 8

static void walk(struct span in, int depth)
{
	struct der_item item;
	struct span at = in;

	while (depth < DEPTH_MAX && der_next(&at, &item) == 1) {
		if (item.whole.p < in.p || item.whole.p + item.whole.n > in.p + in.n || item.whole.n + at.n > in.n)
			abort();
		if (item.body.p < item.whole.p || item.body.p + item.body.n > item.whole.p + item.whole.n)
			abort();
		if (item.tag & 0x20)
			walk(item.body, depth + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk(span_of(data, size), 0);
	return 0;
}
