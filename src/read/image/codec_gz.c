// SPDX-License-Identifier: MIT
#include <errno.h>
#include <limits.h>
#include <zlib.h>

#include "read/image/built.h"
#define DL_LINKED CODEC_GZ_LINKED
#include "base/dl.h"
#include "read/image/codec.h"

/* zlib: 16 asks for a gzip header, 15 is the largest window */
#define GZ_WINDOW (16 + 15)
#define GZ_MEMORY_LEVEL 8

#define SONAME "libz.so.1"

DL_NOTE(gz, "gzip", "modules compressed with gzip", SONAME);

static struct {
	__typeof__(inflateInit2_) *inflate_init;
	__typeof__(inflateReset) *inflate_reset;
	__typeof__(inflate) *inflate;
	__typeof__(inflateEnd) *inflate_end;
	__typeof__(deflateInit2_) *deflate_init;
	__typeof__(deflateBound) *deflate_bound;
	__typeof__(deflate) *deflate;
	__typeof__(deflateEnd) *deflate_end;
} gz;

static const struct dl_symbol symbols[] = {
	{ "inflateInit2_", (void **)&gz.inflate_init, DL_FUNCTION(inflateInit2_) },
	{ "inflateReset", (void **)&gz.inflate_reset, DL_FUNCTION(inflateReset) },
	{ "inflate", (void **)&gz.inflate, DL_FUNCTION(inflate) },
	{ "inflateEnd", (void **)&gz.inflate_end, DL_FUNCTION(inflateEnd) },
	{ "deflateInit2_", (void **)&gz.deflate_init, DL_FUNCTION(deflateInit2_) },
	{ "deflateBound", (void **)&gz.deflate_bound, DL_FUNCTION(deflateBound) },
	{ "deflate", (void **)&gz.deflate, DL_FUNCTION(deflate) },
	{ "deflateEnd", (void **)&gz.deflate_end, DL_FUNCTION(deflateEnd) },
	{ NULL, NULL, NULL },
};
static struct dl_library library = { .soname = SONAME, .symbols = symbols };

static int gz_load(const char *label, struct diag *diag)
{
	return dl_library_load(&library) < 0 ? codec_missing(&codec_gz, label, diag) : 0;
}

static unsigned clamp_uint(size_t n)
{
	return n > UINT_MAX ? UINT_MAX : (unsigned)n;
}

static int gz_fail(int z, const char *label, struct diag *diag)
{
	if (z == Z_MEM_ERROR)
		return codec_fail(&codec_gz, label, diag, -ENOMEM, "Out of memory");
	if (z == Z_BUF_ERROR)
		return codec_fail(&codec_gz, label, diag, -EINVAL, "Unexpected end of input");
	return codec_fail(&codec_gz, label, diag, -EINVAL, "File is corrupt");
}

/* One call of inflate(): takes from *in, adds to *into. Z_OK, Z_STREAM_END, or a zlib error. */
static int inflate_some(z_stream *s, struct span *in, size_t room, struct buf *into)
{
	unsigned given = clamp_uint(in->n), space = clamp_uint(room);
	int z;

	s->next_in = (Bytef *)(uintptr_t)in->p;
	s->avail_in = given;
	s->next_out = (Bytef *)into->p + into->n;
	s->avail_out = space;
	z = gz.inflate(s, Z_NO_FLUSH);
	*in = span_of(in->p + (given - s->avail_in), in->n - (given - s->avail_in));
	into->n += space - s->avail_out;
	into->p[into->n] = '\0';
	return z;
}

/* Members one after the other, as gzip(1) reads them; other bytes after the last one are ignored. */
static int inflate_all(z_stream *s, struct span in, uint64_t cap, const char *label, struct diag *diag,
		       struct buf *into)
{
	size_t start = into->n;

	for (;;) {
		size_t room;
		int z, r = codec_room(into, start, cap, &room);

		if (r < 0)
			return codec_fail(&codec_gz, label, diag, r,
					  r == -EFBIG ? "Unpacked content is too large" : "Out of memory");
		z = inflate_some(s, &in, room, into);
		if (z == Z_STREAM_END && span_starts(in, codec_gz.magic, codec_gz.magic_len))
			z = gz.inflate_reset(s);
		else if (z == Z_STREAM_END)
			break;
		if (z != Z_OK)
			return gz_fail(z, label, diag);
	}
	return into->n - start > cap ? codec_fail(&codec_gz, label, diag, -EFBIG, "Unpacked content is too large") : 0;
}

static int gz_unpack_with(void **context, struct span in, uint64_t cap, const char *label, struct diag *diag,
			  struct buf *into)
{
	z_stream *s = *context;
	int z, r = gz_load(label, diag);

	if (r < 0)
		return r;
	if (s) {
		z = gz.inflate_reset(s);
	} else {
		s = calloc(1, sizeof(*s));
		z = s ? gz.inflate_init(s, GZ_WINDOW, ZLIB_VERSION, (int)sizeof(*s)) : Z_MEM_ERROR;
		if (z != Z_OK)
			free(s);
		else
			*context = s;
	}
	return z == Z_OK ? inflate_all(s, in, cap, label, diag, into) : gz_fail(z, label, diag);
}

static void gz_context_free(void *context)
{
	if (context)
		gz.inflate_end(context);
	free(context);
}

static int gz_unpack(struct span in, uint64_t cap, const char *label, struct diag *diag, struct buf *into)
{
	void *context = NULL;
	int r = gz_unpack_with(&context, in, cap, label, diag, into);

	gz_context_free(context);
	return r;
}

static int deflate_all(z_stream *s, struct span in, struct buf *into)
{
	int z;

	if (in.n > UINT_MAX || buf_reserve(into, gz.deflate_bound(s, in.n)) < 0)
		return Z_MEM_ERROR;
	s->next_in = (Bytef *)(uintptr_t)in.p;
	s->avail_in = (unsigned)in.n;
	s->next_out = (Bytef *)into->p + into->n;
	s->avail_out = clamp_uint(into->cap - into->n - 1);
	z = gz.deflate(s, Z_FINISH);
	into->n += s->total_out;
	into->p[into->n] = '\0';
	return z == Z_STREAM_END ? Z_OK : Z_MEM_ERROR;
}

static int gz_pack(struct span in, const char *label, struct diag *diag, struct buf *into)
{
	z_stream s = { 0 };
	int z, r = gz_load(label, diag);

	if (r < 0)
		return r;
	z = gz.deflate_init(&s, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZ_WINDOW, GZ_MEMORY_LEVEL, Z_DEFAULT_STRATEGY,
			    ZLIB_VERSION, (int)sizeof(s));
	if (z == Z_OK) {
		z = deflate_all(&s, in, into);
		gz.deflate_end(&s);
	}
	return z == Z_OK ? 0 : gz_fail(z, label, diag);
}

const struct codec codec_gz = {
	.id = CODEC_GZ,
	.name = "gzip",
	.kernel = "gzip",
	.suffix = ".gz",
	.lack = "library " SONAME " is not available",
	.magic = { 0x1f, 0x8b },
	.magic_len = 2,
	.unpack = gz_unpack,
	.unpack_with = gz_unpack_with,
	.context_free = gz_context_free,
	.pack = gz_pack,
};
