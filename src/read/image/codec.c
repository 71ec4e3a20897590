// SPDX-License-Identifier: MIT
#include "read/image/codec.h"

#include <errno.h>
#include <string.h>

/* the least room that a decoder is given when it needs more */
#define ROOM_MIN ((size_t)64 << 10)

static const struct codec *const codecs[] = { &codec_xz, &codec_zst, &codec_gz };

/* A skippable frame of zstd (RFC 8878, 3.1.2): parallel compressors begin with one, for their own use. */
static bool is_skippable_frame(struct span head)
{
	return head.n >= 4 && (head.p[0] & 0xf0) == 0x50 && head.p[1] == 0x2a && head.p[2] == 0x4d && head.p[3] == 0x18;
}

const struct codec *codec_detect(struct span head)
{
	if (is_skippable_frame(head))
		return &codec_zst;
	for (size_t i = 0; i < ELEMENTSOF(codecs); i++) {
		if (span_starts(head, codecs[i]->magic, codecs[i]->magic_len))
			return codecs[i];
	}
	return NULL;
}

const struct codec *codec_by_id(enum codec_id id)
{
	for (size_t i = 0; i < ELEMENTSOF(codecs); i++) {
		if (codecs[i]->id == id)
			return codecs[i];
	}
	return NULL;
}

const struct codec *codec_by_kernel_name(const char *word)
{
	for (size_t i = 0; i < ELEMENTSOF(codecs); i++) {
		if (strcmp(codecs[i]->kernel, word) == 0)
			return codecs[i];
	}
	return NULL;
}

int codec_fail(const struct codec *c, const char *label, struct diag *diag, int r, const char *what)
{
	diag_report(diag, LOG_ERR, r == -EFBIG ? "image.too-large" : "image.compression", label, 0, "%s: %s: %s", label,
		    c->name, what);
	return r;
}

int codec_missing(const struct codec *c, const char *label, struct diag *diag)
{
	diag_missing(diag, "image.no-library", label, c->lack, "%s: %s: %s", label, c->name, c->lack);
	return -ENOSYS;
}

int codec_room(struct buf *into, size_t start, uint64_t cap, size_t *ret)
{
	size_t produced = into->n - start, room;
	uint64_t allowed;

	if (produced > cap)
		return -EFBIG;
	if (into->cap < into->n + 2) {
		int r = buf_reserve(into, produced > ROOM_MIN ? produced : ROOM_MIN);

		if (r < 0)
			return r;
	}
	room = into->cap - into->n - 1;
	allowed = cap - produced == UINT64_MAX ? UINT64_MAX : cap - produced + 1;
	*ret = room < allowed ? room : (size_t)allowed;
	return 0;
}
