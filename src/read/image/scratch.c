// SPDX-License-Identifier: MIT
#include "read/image/scratch.h"

#include "base/vec.h"
#include "read/image/codec.h"

#define BLOCK_MIN ((size_t)256 << 10)

struct scratch *scratch_new(void)
{
	return calloc(1, sizeof(struct scratch));
}

static void free_contexts(struct scratch *s)
{
	for (enum codec_id id = CODEC_GZ; id <= CODEC_ZST; id++) {
		if (s->contexts[id])
			codec_by_id(id)->context_free(s->contexts[id]);
		s->contexts[id] = NULL;
	}
}

void scratch_free(struct scratch *s)
{
	if (!s)
		return;
	free_contexts(s);
	for (size_t i = 0; i < s->n_blocks; i++)
		free(s->blocks[i].p);
	free(s->blocks);
	buf_done(&s->unpacked);
	free(s);
}

static int add_block(struct scratch *s, size_t n)
{
	struct scratch_block b = { .cap = n > BLOCK_MIN ? n : BLOCK_MIN };
	int r = vec_room(&s->blocks, s->n_blocks, &s->cap_blocks);

	if (r < 0)
		return r;
	b.p = malloc(b.cap);
	if (!b.p)
		return -ENOMEM;
	s->blocks[s->n_blocks++] = b;
	return 0;
}

#define ALIGNMENT ((size_t)16)

size_t scratch_room(const struct scratch *s)
{
	return (SOURCE_UNPACKED_MAX - s->total) & ~(ALIGNMENT - 1);
}

void *scratch_alloc(struct scratch *s, size_t n)
{
	size_t rounded = (n + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	void *p;

	if (n > scratch_room(s))
		return NULL;
	while (s->current < s->n_blocks && s->blocks[s->current].cap - s->used < rounded) {
		s->current++;
		s->used = 0;
	}
	if (s->current == s->n_blocks && add_block(s, rounded) < 0)
		return NULL;
	p = s->blocks[s->current].p + s->used;
	s->used += rounded;
	s->total += rounded;
	return p;
}

void scratch_reset(struct scratch *s)
{
	s->current = s->used = s->total = 0;
	buf_clear(&s->unpacked);
}

void scratch_return(struct scratch *s)
{
	/* The window of a decoder may be as large as what it has unpacked. */
	if (s->unpacked.cap > SCRATCH_KEPT) {
		buf_done(&s->unpacked);
		free_contexts(s);
	}
	if (s->has_large)
		pthread_mutex_unlock(s->large);
	s->has_large = false;
	s->busy = false;
}
