// SPDX-License-Identifier: MIT
/* Unpacking never gives more than its cap, and a context that has seen damage still serves. */
#include <stdlib.h>

#include "image/codec.h"

#define CAP (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_buf_ struct buf first = BUF_INIT, second = BUF_INIT;
	struct span in = span_of(data, size);
	void *context = NULL;
	int a = codec_gz.unpack_with(&context, in, CAP, "fuzz", NULL, &first);
	int b = codec_gz.unpack_with(&context, in, CAP, "fuzz", NULL, &second);

	if (a != b || (a == 0 && (first.n > CAP || !span_eq(buf_span(&first), buf_span(&second)))))
		abort();
	codec_gz.context_free(context);
	return 0;
}
