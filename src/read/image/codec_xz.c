// SPDX-License-Identifier: MIT
#include <errno.h>
#include <lzma.h>

#include "read/image/built.h"
#define DL_LINKED CODEC_XZ_LINKED
#include "base/dl.h"
#include "read/image/codec.h"

/* A decoder may take this much: four times the dictionary of `xz -9`. */
#define XZ_MEMORY_MAX (UINT64_C(256) << 20)
/* As the kernel packs its own modules: larger dictionaries work, but cost the kernel more memory. */
#define XZ_DICTIONARY (UINT32_C(1) << 20)

#define SONAME "liblzma.so.5"

DL_NOTE(xz, "xz", "modules compressed with xz", SONAME);

static struct {
	__typeof__(lzma_stream_decoder) *decoder;
	__typeof__(lzma_code) *code;
	__typeof__(lzma_end) *end;
	__typeof__(lzma_lzma_preset) *preset;
	__typeof__(lzma_stream_buffer_bound) *bound;
	__typeof__(lzma_stream_buffer_encode) *encode;
} xz;

static const struct dl_symbol symbols[] = {
	{ "lzma_stream_decoder", (void **)&xz.decoder, DL_FUNCTION(lzma_stream_decoder) },
	{ "lzma_code", (void **)&xz.code, DL_FUNCTION(lzma_code) },
	{ "lzma_end", (void **)&xz.end, DL_FUNCTION(lzma_end) },
	{ "lzma_lzma_preset", (void **)&xz.preset, DL_FUNCTION(lzma_lzma_preset) },
	{ "lzma_stream_buffer_bound", (void **)&xz.bound, DL_FUNCTION(lzma_stream_buffer_bound) },
	{ "lzma_stream_buffer_encode", (void **)&xz.encode, DL_FUNCTION(lzma_stream_buffer_encode) },
	{ NULL, NULL, NULL },
};
static struct dl_library library = { .soname = SONAME, .symbols = symbols };

static int xz_load(const char *label, struct diag *diag)
{
	return dl_library_load(&library) < 0 ? codec_missing(&codec_xz, label, diag) : 0;
}

static int xz_fail(lzma_ret ret, const char *label, struct diag *diag)
{
	switch (ret) {
	case LZMA_MEM_ERROR:
		return codec_fail(&codec_xz, label, diag, -ENOMEM, "Out of memory");
	case LZMA_MEMLIMIT_ERROR:
		return codec_fail(&codec_xz, label, diag, -EFBIG, "Needs too much memory");
	case LZMA_FORMAT_ERROR:
		return codec_fail(&codec_xz, label, diag, -EINVAL, "File format not recognized");
	case LZMA_OPTIONS_ERROR:
		return codec_fail(&codec_xz, label, diag, -EINVAL, "Unsupported compression options");
	case LZMA_BUF_ERROR:
		return codec_fail(&codec_xz, label, diag, -EINVAL, "Unexpected end of input");
	default:
		return codec_fail(&codec_xz, label, diag, -EINVAL, "File is corrupt");
	}
}

static int decode(lzma_stream *s, uint64_t cap, const char *label, struct diag *diag, struct buf *into)
{
	size_t start = into->n;
	lzma_ret ret = LZMA_OK;

	while (ret == LZMA_OK) {
		size_t room;
		int r = codec_room(into, start, cap, &room);

		if (r < 0)
			return codec_fail(&codec_xz, label, diag, r,
					  r == -EFBIG ? "Unpacked content is too large" : "Out of memory");
		s->next_out = (uint8_t *)into->p + into->n;
		s->avail_out = room;
		ret = xz.code(s, LZMA_FINISH);
		into->n += room - s->avail_out;
		into->p[into->n] = '\0';
	}
	if (ret != LZMA_STREAM_END)
		return xz_fail(ret, label, diag);
	return into->n - start > cap ? codec_fail(&codec_xz, label, diag, -EFBIG, "Unpacked content is too large") : 0;
}

static int xz_unpack_with(void **context, struct span in, uint64_t cap, const char *label, struct diag *diag,
			  struct buf *into)
{
	lzma_stream *s;
	lzma_ret ret;
	int r = xz_load(label, diag);

	if (r < 0)
		return r;
	if (!*context)
		*context = calloc(1, sizeof(lzma_stream));
	s = *context;
	if (!s)
		return xz_fail(LZMA_MEM_ERROR, label, diag);
	ret = xz.decoder(s, XZ_MEMORY_MAX, LZMA_CONCATENATED);
	if (ret != LZMA_OK)
		return xz_fail(ret, label, diag);
	s->next_in = in.p;
	s->avail_in = in.n;
	return decode(s, cap, label, diag, into);
}

static void xz_context_free(void *context)
{
	if (context)
		xz.end(context);
	free(context);
}

static int xz_unpack(struct span in, uint64_t cap, const char *label, struct diag *diag, struct buf *into)
{
	void *context = NULL;
	int r = xz_unpack_with(&context, in, cap, label, diag, into);

	xz_context_free(context);
	return r;
}

static int xz_pack(struct span in, const char *label, struct diag *diag, struct buf *into)
{
	lzma_options_lzma options;
	lzma_filter filters[] = {
		{ .id = LZMA_FILTER_LZMA2, .options = &options },
		{ .id = LZMA_VLI_UNKNOWN },
	};
	size_t at = 0;
	lzma_ret ret;
	int r = xz_load(label, diag);

	if (r < 0)
		return r;
	if (xz.preset(&options, LZMA_PRESET_DEFAULT))
		return xz_fail(LZMA_OPTIONS_ERROR, label, diag);
	options.dict_size = XZ_DICTIONARY;
	r = buf_reserve(into, xz.bound(in.n));
	if (r < 0)
		return xz_fail(LZMA_MEM_ERROR, label, diag);
	ret = xz.encode(filters, LZMA_CHECK_CRC32, NULL, in.p, in.n, (uint8_t *)into->p + into->n, &at,
			into->cap - into->n - 1);
	if (ret != LZMA_OK)
		return xz_fail(ret, label, diag);
	into->n += at;
	into->p[into->n] = '\0';
	return 0;
}

const struct codec codec_xz = {
	.id = CODEC_XZ,
	.name = "xz",
	.kernel = "xz",
	.suffix = ".xz",
	.lack = "library " SONAME " is not available",
	.magic = { 0xfd, '7', 'z', 'X', 'Z', 0 },
	.magic_len = 6,
	.unpack = xz_unpack,
	.unpack_with = xz_unpack_with,
	.context_free = xz_context_free,
	.pack = xz_pack,
};
