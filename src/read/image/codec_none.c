// SPDX-License-Identifier: MIT
/* The codecs of a build without decompression: formats are recognized and named, nothing is unpacked. */
#include <errno.h>

#include "read/image/codec.h"

static int refuse(const char *name, const char *label, struct diag *diag)
{
	diag_report(diag, LOG_ERR, "image.no-library", label, 0, "%s: %s: this build has no decompression", label,
		    name);
	return -ENOSYS;
}

static void no_context(void *context)
{
	(void)context;
}

#define ABSENT(var, codec_id, codec_name, kernel_name, codec_suffix, len, ...)                                        \
	static int var##_unpack(struct span in, uint64_t cap, const char *label, struct diag *diag, struct buf *into) \
	{                                                                                                             \
		(void)in, (void)cap, (void)into;                                                                      \
		return refuse(codec_name, label, diag);                                                               \
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
		.soname = "",                                                                                         \
		.magic = { __VA_ARGS__ },                                                                             \
		.magic_len = len,                                                                                     \
		.unpack = var##_unpack,                                                                               \
		.unpack_with = var##_unpack_with,                                                                     \
		.context_free = no_context,                                                                           \
		.pack = var##_pack,                                                                                   \
	}

ABSENT(codec_gz, CODEC_GZ, "gzip", "gzip", ".gz", 2, 0x1f, 0x8b);
ABSENT(codec_xz, CODEC_XZ, "xz", "xz", ".xz", 6, 0xfd, '7', 'z', 'X', 'Z', 0);
ABSENT(codec_zst, CODEC_ZST, "zstd", "zstd", ".zst", 4, 0x28, 0xb5, 0x2f, 0xfd);
