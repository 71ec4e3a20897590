// SPDX-License-Identifier: MIT
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

/* The first block is small: many arenas hold little. */
#define ARENA_FIRST_BLOCK ((size_t)16 << 10)
#define ARENA_BLOCK ((size_t)256 << 10)

struct arena_block {
	struct arena_block *next;
	_Alignas(max_align_t) char bytes[];
};

static char *new_block(struct arena *a, size_t n)
{
	size_t size = a->blocks ? ARENA_BLOCK : ARENA_FIRST_BLOCK, whole;
	struct arena_block *b;

	size = n > size ? n : size;
	if (add_overflows(size, sizeof(*b), &whole))
		return NULL;
	b = malloc(whole);
	if (!b)
		return NULL;
	b->next = a->blocks;
	a->blocks = b;
	/* The rest of the previous block is given up, unless the new one is full at once. */
	if (size > n && size - n > (size_t)(a->end - a->at)) {
		a->at = b->bytes + n;
		a->end = b->bytes + size;
	}
	return b->bytes;
}

static char *bump(struct arena *a, size_t n, size_t align)
{
	size_t skip = (size_t)(-(uintptr_t)a->at) & (align - 1);
	size_t left = (size_t)(a->end - a->at);
	char *p;

	if (!a->at || skip > left || n > left - skip)
		return new_block(a, n);
	p = a->at + skip;
	a->at = p + n;
	return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
	return bump(a, n, _Alignof(max_align_t));
}

void *arena_zalloc(struct arena *a, size_t n)
{
	void *p = arena_alloc(a, n);

	return p ? memset(p, 0, n) : NULL;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	return mul_overflows(n, size, &bytes) ? NULL : arena_zalloc(a, bytes);
}

char *arena_unaligned(struct arena *a, size_t n)
{
	return bump(a, n, 1);
}

char *arena_bytes(struct arena *a, const void *p, size_t n)
{
	char *copy = bump(a, n, 1);

	if (copy && n)
		memcpy(copy, p, n);
	return copy;
}

char *arena_strn(struct arena *a, const char *s, size_t n)
{
	char *copy = n < SIZE_MAX ? bump(a, n + 1, 1) : NULL;

	if (!copy)
		return NULL;
	memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

char *arena_str(struct arena *a, const char *s)
{
	return arena_strn(a, s, strlen(s));
}

char *arena_strf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *copy;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	copy = n < 0 ? NULL : bump(a, (size_t)n + 1, 1);
	if (!copy)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(copy, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return copy;
}

void arena_done(struct arena *a)
{
	struct arena_block *next;

	for (struct arena_block *b = a->blocks; b; b = next) {
		next = b->next;
		free(b);
	}
	*a = ARENA_INIT;
}
