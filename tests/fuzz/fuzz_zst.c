// SPDX-License-Identifier: MIT
#include "fuzz_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_codec(&codec_zst, data, size);
}
