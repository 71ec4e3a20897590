// SPDX-License-Identifier: MIT
/* Where the packed kernel lies in a boot image. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "read/image/vmlinuz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span payload;

	if (vmlinuz_payload(span_of(data, size), &payload) == 0)
		assert(payload.p >= data && payload.p + payload.n <= data + size && payload.n > 4);
	return 0;
}
