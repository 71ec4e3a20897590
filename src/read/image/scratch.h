/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Memory and decoders that are reused from file to file, one per thread. Where a source_open() takes a scratch, with
 * NULL the source makes its own.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "read/image/codec.h"

/*
 * No module is unpacked to more than this; a decompression bomb gives -EFBIG. (The largest of Debian's 6.12, amdgpu.ko,
 * has 29 MB.)
 */
#define SOURCE_UNPACKED_MAX (UINT64_C(256) << 20)
/* More than this is unpacked by one thread at a time, where threads share a scratch->large. */
#define SCRATCH_LARGE ((size_t)32 << 20)
/* Memory beyond this is given back when the source is closed. */
#define SCRATCH_KEPT ((size_t)8 << 20)

struct scratch_block {
	char *p;
	size_t cap;
};

struct scratch {
	bool busy; /* lent to an open source */
	struct buf unpacked;
	void *contexts[CODEC_ZST + 1]; /* by enum codec_id */
	struct scratch_block *blocks;
	size_t n_blocks, cap_blocks;
	size_t current, used; /* block in use, and how much of it */
	size_t total;         /* allocated since the last reset */
	/*
	 * Of all scratches that are used at the same time; borrowed, NULL: there are no others. Whoever has it waits
	 * for nobody, and whoever waits for it has given back what it had unpacked.
	 */
	pthread_mutex_t *large;
	bool has_large; /* until the source is closed */
};

/* ---- for source.c ---- */

/* n bytes that stay valid until scratch_reset(). NULL: no memory, or more than SOURCE_UNPACKED_MAX in all. */
void *scratch_alloc(struct scratch *s, size_t n);
/* How much scratch_alloc() still gives if there is memory. */
size_t scratch_room(const struct scratch *s);
/* Everything allocated is free again; the memory is kept. */
void scratch_reset(struct scratch *s);

/* The source that it was lent to is closed. */
void scratch_return(struct scratch *s);

/* NULL: no memory. */
struct scratch *scratch_new(void);
void scratch_free(struct scratch *s);

DEFINE_CLEANUP(struct scratch *, scratch_free)
