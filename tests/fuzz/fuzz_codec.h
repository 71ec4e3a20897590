/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the targets of the codecs share: unpacking never gives more than its cap, and a context that has seen damage
 * still serves.
 */

#include <stdlib.h>

#include "read/image/codec.h"

#define FUZZ_CODEC_CAP (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline int fuzz_codec(const struct codec *codec, const uint8_t *data, size_t size)
{
	_cleanup_buf_ struct buf first = BUF_INIT, second = BUF_INIT;
	struct span in = span_of(data, size);
	void *context = NULL;
	int a = codec->unpack_with(&context, in, FUZZ_CODEC_CAP, "fuzz", NULL, &first);
	int b = codec->unpack_with(&context, in, FUZZ_CODEC_CAP, "fuzz", NULL, &second);

	if (a != b || (a == 0 && (first.n > FUZZ_CODEC_CAP || !span_eq(buf_span(&first), buf_span(&second)))))
		abort();
	codec->context_free(context);
	return 0;
}
