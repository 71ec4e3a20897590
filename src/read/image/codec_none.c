// SPDX-License-Identifier: MIT
/* The codecs that this build leaves out: formats are recognized and named, nothing is unpacked. */
#include "read/image/built.h"
#include "read/image/codec.h"

static void no_context(void *context)
{
	(void)context;
}

#define ABSENT(var, codec_id, codec_name, kernel_name, codec_suffix, len, ...)                                        \
	static int var##_unpack(struct span in, uint64_t cap, const char *label, struct diag *diag, struct buf *into) \
	{                                                                                                             \
		(void)in, (void)cap, (void)into;                                                                      \
		return codec_missing(&var, label, diag);                                                              \
	}                                                                                                             \
	static int var##_unpack_with(void **context, struct span in, uint64_t cap, const char *label,                 \
				     struct diag *diag, struct buf *into)                                             \
	{                                                                                                             \
		(void)context;                                                                                        \
		return var##_unpack(in, cap, label, diag, into);                                                      \
	}                                                                                                             \
	static int var##_pack(struct span in, const char *label, struct diag *diag, struct buf *into)                 \
	{                                                                                                             \
		return var##_unpack(in, 0, label, diag, into);                                                        \
	}                                                                                                             \
	const struct codec var = {                                                                                    \
		.id = codec_id,                                                                                       \
		.name = codec_name,                                                                                   \
		.kernel = kernel_name,                                                                                \
		.suffix = codec_suffix,                                                                               \
		.lack = "this build has no " codec_name " decompression",                                             \
		.magic = { __VA_ARGS__ },                                                                             \
		.magic_len = len,                                                                                     \
		.unpack = var##_unpack,                                                                               \
		.unpack_with = var##_unpack_with,                                                                     \
		.context_free = no_context,                                                                           \
		.pack = var##_pack,                                                                                   \
	}

#if CODEC_GZ_DISABLED
ABSENT(codec_gz, CODEC_GZ, "gzip", "gzip", ".gz", 2, 0x1f, 0x8b);
#endif
#if CODEC_XZ_DISABLED
ABSENT(codec_xz, CODEC_XZ, "xz", "xz", ".xz", 6, 0xfd, '7', 'z', 'X', 'Z', 0);
#endif
#if CODEC_ZST_DISABLED
ABSENT(codec_zst, CODEC_ZST, "zstd", "zstd", ".zst", 4, 0x28, 0xb5, 0x2f, 0xfd);
#endif
