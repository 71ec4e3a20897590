/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One compression format = one file codec_X.c = one const vtable. The libraries are dlopened when first needed, or
 * linked. The functions of a codec that the build leaves out (codec_none.c) return -ENOSYS: only the kernel unpacks it.
 */

#include "base/buf.h"
#include "base/diag.h"
#include "base/span.h"

enum codec_id { CODEC_NONE, CODEC_GZ, CODEC_XZ, CODEC_ZST };

struct codec {
	enum codec_id id;
	const char *name;   /* "xz": as in messages */
	const char *kernel; /* the word in /sys/module/compression: gzip, xz, zstd */
	const char *suffix; /* ".xz" */
	const char *lack;   /* why it does not unpack where it cannot: no such library, or left out */
	uint8_t magic[6];
	uint8_t magic_len;
	/*
	 * Appends the unpacked bytes to *into. -EINVAL damaged, -EFBIG more than cap, -ENOSYS library missing;
	 * reports.
	 */
	int (*unpack)(struct span in, uint64_t cap, const char *label, struct diag *diag, struct buf *into);
	/*
	 * The same with a decoder that is reused from call to call: *context starts as NULL, belongs to one thread, and
	 * is freed by context_free() (which takes NULL).
	 */
	int (*unpack_with)(void **context, struct span in, uint64_t cap, const char *label, struct diag *diag,
			   struct buf *into);
	void (*context_free)(void *context);
	/*
	 * Appends the packed bytes, in a form that the kernel's own decompressor accepts: xz with CRC32 and a
	 * dictionary of at most 1 MiB, zstd with the content size in the frame. -ENOSYS, -ENOMEM, -EINVAL; reports.
	 */
	int (*pack)(struct span in, const char *label, struct diag *diag, struct buf *into);
};

extern const struct codec codec_gz, codec_xz, codec_zst;

/* By magic; NULL for anything else (plain). */
const struct codec *codec_detect(struct span head);
const struct codec *codec_by_id(enum codec_id id);          /* NULL for CODEC_NONE */
const struct codec *codec_by_kernel_name(const char *word); /* NULL: unknown */

/* ---- for the codec files ---- */

/* Reports "LABEL: NAME: WHAT" and returns r. */
int codec_fail(const struct codec *c, const char *label, struct diag *diag, int r, const char *what);
/* Reports what it lacks: -ENOSYS. */
int codec_missing(const struct codec *c, const char *label, struct diag *diag);
/*
 * Room after into->n for a decoder's next bytes; *ret is how many it may write there. What was written since start
 * may be cap bytes at most; -EFBIG (not reported) once it is more.
 */
int codec_room(struct buf *into, size_t start, uint64_t cap, size_t *ret);
