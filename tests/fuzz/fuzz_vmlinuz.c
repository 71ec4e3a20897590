// SPDX-License-Identifier: MIT
/* Where the packed kernel lies in a boot image. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "read/image/vmlinuz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vmlinuz_packed packed;

	if (vmlinuz_find(span_of(data, size), &packed) == 0)
		assert(packed.bytes.p >= data && packed.bytes.p + packed.bytes.n <= data + size && packed.bytes.n > 0);
	return 0;
}
