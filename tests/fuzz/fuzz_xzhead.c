// SPDX-License-Identifier: MIT
/* The answer depends on the first bytes only, and says what the format can say. */
#include <stdlib.h>

#include "read/image/xzhead.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t check;

	if (xzhead_check(span_of(data, size), &check) < 0)
		return 0;
	if (check > 15 || !xzhead_check_name(check) || (xzhead_kernel_can(check) && check > 1))
		abort();
	return 0;
}
