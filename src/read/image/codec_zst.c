// SPDX-License-Identifier: MIT
#include <errno.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "read/image/built.h"
#define DL_LINKED CODEC_ZST_LINKED
#include "base/dl.h"
#include "read/image/codec.h"

/* the level of `zstd` without options, which the kernel's modules_install uses */
#define ZST_LEVEL 3
/* A block unpacks to this much at most (RFC 8878, 3.1.1.2.4). */
#define ZST_BLOCK_MAX (UINT64_C(128) << 10)

#define SONAME "libzstd.so.1"

DL_NOTE(zstd, "zstd", "modules compressed with zstd", SONAME);

static struct {
	__typeof__(ZSTD_createDCtx) *create;
	__typeof__(ZSTD_freeDCtx) *free;
	__typeof__(ZSTD_decompressDCtx) *decompress;
	__typeof__(ZSTD_getFrameContentSize) *content_size;
	__typeof__(ZSTD_findFrameCompressedSize) *frame_size;
	__typeof__(ZSTD_isError) *is_error;
	__typeof__(ZSTD_getErrorCode) *error_code;
	__typeof__(ZSTD_getErrorName) *error_name;
	__typeof__(ZSTD_compress) *compress;
	__typeof__(ZSTD_compressBound) *bound;
} zst;

static const struct dl_symbol symbols[] = {
	{ "ZSTD_createDCtx", (void **)&zst.create, DL_FUNCTION(ZSTD_createDCtx) },
	{ "ZSTD_freeDCtx", (void **)&zst.free, DL_FUNCTION(ZSTD_freeDCtx) },
	{ "ZSTD_decompressDCtx", (void **)&zst.decompress, DL_FUNCTION(ZSTD_decompressDCtx) },
	{ "ZSTD_getFrameContentSize", (void **)&zst.content_size, DL_FUNCTION(ZSTD_getFrameContentSize) },
	{ "ZSTD_findFrameCompressedSize", (void **)&zst.frame_size, DL_FUNCTION(ZSTD_findFrameCompressedSize) },
	{ "ZSTD_isError", (void **)&zst.is_error, DL_FUNCTION(ZSTD_isError) },
	{ "ZSTD_getErrorCode", (void **)&zst.error_code, DL_FUNCTION(ZSTD_getErrorCode) },
	{ "ZSTD_getErrorName", (void **)&zst.error_name, DL_FUNCTION(ZSTD_getErrorName) },
	{ "ZSTD_compress", (void **)&zst.compress, DL_FUNCTION(ZSTD_compress) },
	{ "ZSTD_compressBound", (void **)&zst.bound, DL_FUNCTION(ZSTD_compressBound) },
	{ NULL, NULL, NULL },
};
static struct dl_library library = { .soname = SONAME, .symbols = symbols };

static int zst_load(const char *label, struct diag *diag)
{
	return dl_library_load(&library) < 0 ? codec_missing(&codec_zst, label, diag) : 0;
}

/* Appends one frame that unpacks to at most size bytes. *ret: what libzstd returned. 0, or -ENOMEM (not reported). */
static int unpack_into(ZSTD_DCtx *context, struct span frame, uint64_t size, struct buf *into, size_t *ret)
{
	int r = buf_reserve(into, (size_t)size);

	if (r < 0)
		return r;
	*ret = zst.decompress(context, into->p + into->n, (size_t)size, frame.p, frame.n);
	if (!zst.is_error(*ret)) {
		into->n += *ret;
		into->p[into->n] = '\0';
	}
	return 0;
}

/*
 * A frame that was made of a stream does not say how much it unpacks to. Each try has twice the room of the one before,
 * so that all of them together cost at most twice the last one.
 */
static int unpack_unsized(ZSTD_DCtx *context, struct span frame, uint64_t most, struct buf *into, size_t *ret)
{
	uint64_t size = ZST_BLOCK_MAX + 4 * (uint64_t)frame.n;
	int r;

	do {
		size = size < most ? size : most;
		r = unpack_into(context, frame, size, into, ret);
		if (r < 0 || size == most)
			return r;
		size *= 2;
	} while (zst.is_error(*ret) && zst.error_code(*ret) == ZSTD_error_dstSize_tooSmall);
	return 0;
}

/* Appends one frame, and removes it from *in. */
static int unpack_frame(ZSTD_DCtx *context, struct span *in, uint64_t cap, const char *label, struct diag *diag,
			struct buf *into)
{
	unsigned long long size = zst.content_size(in->p, in->n);
	size_t packed = zst.frame_size(in->p, in->n), n = 0;
	struct span frame;
	uint64_t most;
	int r;

	if (zst.is_error(packed) && zst.error_code(packed) != ZSTD_error_srcSize_wrong)
		return codec_fail(&codec_zst, label, diag, -EINVAL, "File is corrupt");
	if (size == ZSTD_CONTENTSIZE_ERROR || zst.is_error(packed) || span_take(in, packed, &frame) < 0)
		return codec_fail(&codec_zst, label, diag, -EINVAL, "Unexpected end of input");
	/* Memory is for data, not for what a header claims: no block has less than three bytes. */
	most = (frame.n / 3 + 1) * ZST_BLOCK_MAX;
	if (size == ZSTD_CONTENTSIZE_UNKNOWN) {
		r = unpack_unsized(context, frame, most < cap ? most : cap, into, &n);
	} else {
		if (size > most)
			return codec_fail(&codec_zst, label, diag, -EINVAL, "Claims more content than it can have");
		if (size > cap)
			return codec_fail(&codec_zst, label, diag, -EFBIG, "Unpacked content is too large");
		r = unpack_into(context, frame, size, into, &n);
	}
	if (r < 0)
		return codec_fail(&codec_zst, label, diag, r, "Out of memory");
	if (!zst.is_error(n))
		return 0;
	if (size == ZSTD_CONTENTSIZE_UNKNOWN && zst.error_code(n) == ZSTD_error_dstSize_tooSmall)
		return codec_fail(&codec_zst, label, diag, -EFBIG, "Unpacked content is too large");
	return codec_fail(&codec_zst, label, diag, -EINVAL, zst.error_name(n));
}

static int zst_unpack_with(void **context, struct span in, uint64_t cap, const char *label, struct diag *diag,
			   struct buf *into)
{
	size_t start = into->n;
	int r = zst_load(label, diag);

	if (r == 0 && !*context) {
		*context = zst.create();
		if (!*context)
			r = codec_fail(&codec_zst, label, diag, -ENOMEM, "Out of memory");
	}
	while (r == 0 && in.n > 0)
		r = unpack_frame(*context, &in, cap - (into->n - start), label, diag, into);
	return r;
}

static void zst_context_free(void *context)
{
	if (context)
		zst.free(context);
}

static int zst_unpack(struct span in, uint64_t cap, const char *label, struct diag *diag, struct buf *into)
{
	void *context = NULL;
	int r = zst_unpack_with(&context, in, cap, label, diag, into);

	zst_context_free(context);
	return r;
}

static int zst_pack(struct span in, const char *label, struct diag *diag, struct buf *into)
{
	int r = zst_load(label, diag);
	size_t n;

	if (r < 0)
		return r;
	r = buf_reserve(into, zst.bound(in.n));
	if (r < 0)
		return codec_fail(&codec_zst, label, diag, r, "Out of memory");
	n = zst.compress(into->p + into->n, into->cap - into->n - 1, in.p, in.n, ZST_LEVEL);
	if (zst.is_error(n))
		return codec_fail(&codec_zst, label, diag, -EINVAL, zst.error_name(n));
	into->n += n;
	into->p[into->n] = '\0';
	return 0;
}

const struct codec codec_zst = {
	.id = CODEC_ZST,
	.name = "zstd",
	.kernel = "zstd",
	.suffix = ".zst",
	.lack = "library " SONAME " is not available",
	.magic = { 0x28, 0xb5, 0x2f, 0xfd },
	.magic_len = 4,
	.unpack = zst_unpack,
	.unpack_with = zst_unpack_with,
	.context_free = zst_context_free,
	.pack = zst_pack,
};
