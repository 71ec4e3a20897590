/* SPDX-License-Identifier: MIT */
#pragma once

/* One compression format = one file codec_X.c = one const vtable. The libraries are dlopened when first needed. */

#include "base/buf.h"
#include "base/diag.h"
#include "base/span.h"
#include "image/source.h"

struct codec {
	enum codec_id id;
	const char *name;    /* "xz": as in messages */
	const char *kernel;  /* the word in /sys/module/compression: gzip, xz, zstd */
	const char *suffix;  /* ".xz" */
	const char *soname;  /* liblzma.so.5 */
	uint8_t magic[6];
	uint8_t magic_len;
	/* Appends the unpacked bytes to *into. -EINVAL damaged, -EFBIG more than cap, -ENOSYS library missing; reports. */
	int (*unpack)(struct span in, uint64_t cap, const char *label, struct diag *diag, struct buf *into);
	/*
	 * Appends the packed bytes, in a form that the kernel's own decompressor accepts: xz with CRC32 and a dictionary
	 * of at most 1 MiB, zstd with the content size in the frame.
	 */
	int (*pack)(struct span in, const char *label, struct diag *diag, struct buf *into);
};

extern const struct codec codec_gz, codec_xz, codec_zst;

/* By magic; NULL for anything else (plain). */
const struct codec *codec_detect(struct span head);
const struct codec *codec_by_id(enum codec_id id);       /* NULL for CODEC_NONE */
const struct codec *codec_by_kernel_name(const char *word); /* NULL: unknown */
