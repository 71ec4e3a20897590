/* SPDX-License-Identifier: MIT */
#pragma once

/* The inside of a scratch: memory in blocks that are kept for the next file, and the decoders. */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "read/image/source.h"

struct scratch_block {
	char *p;
	size_t cap;
};

struct scratch {
	bool busy;                    /* lent to an open source */
	struct buf unpacked;
	void *contexts[CODEC_ZST + 1]; /* by enum codec_id */
	struct scratch_block *blocks;
	size_t n_blocks, cap_blocks;
	size_t current, used;         /* block in use, and how much of it */
	size_t total;                 /* handed out since the last reset */
};

/* n bytes that live until scratch_reset(). NULL: no memory, or more than SOURCE_UNPACKED_MAX in all. */
void *scratch_alloc(struct scratch *s, size_t n);
/* Everything handed out is free again; the memory is kept. */
void scratch_reset(struct scratch *s);
