// SPDX-License-Identifier: MIT
/* The answer depends on the first bytes only, and says what the format can say. */
#include <stdlib.h>

#include "image/xzhead.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xzhead x;

	if (xzhead_read(span_of(data, size), &x) < 0)
		return 0;
	if (x.check > 15 || x.dictionary > UINT64_C(1) << 32 || !xzhead_check_name(x.check))
		abort();
	return 0;
}
