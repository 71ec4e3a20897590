// SPDX-License-Identifier: MIT
/* Unpacking never gives more than its cap, and what was packed unpacks to the same. */
#include <stdlib.h>

#include "image/codec.h"

#define CAP (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_buf_ struct buf out = BUF_INIT, packed = BUF_INIT, again = BUF_INIT;
	struct span in = span_of(data, size);

	if (codec_zst.unpack(in, CAP, "fuzz", NULL, &out) == 0 && out.n > CAP)
		abort();
	if (codec_zst.pack(in, "fuzz", NULL, &packed) < 0 || codec_zst.unpack(buf_span(&packed), size, "fuzz", NULL, &again) < 0 ||
	    !span_eq(buf_span(&again), in))
		abort();
	return 0;
}
