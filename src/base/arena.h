/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Memory that is freed all at once. For the many small strings and arrays of one run: an allocation is a pointer
 * bump, and the parts are never freed one by one. Not for use by several threads at the same time.
 */

#include <stddef.h>

#include "base/cleanup.h"

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first */
	char *at, *end;             /* what is left of the newest */
};

#define ARENA_INIT ((struct arena){ 0 })

/* Aligned for any object, not zeroed. NULL without memory; n may be 0. */
void *arena_alloc(struct arena *a, size_t n);
void *arena_zalloc(struct arena *a, size_t n);
/* An array of n zeroed elements. NULL also when the size overflows. */
void *arena_array(struct arena *a, size_t n, size_t size);
/* Not aligned: for strings. */
char *arena_unaligned(struct arena *a, size_t n);
char *arena_bytes(struct arena *a, const void *p, size_t n);
char *arena_str(struct arena *a, const char *s);
/* n bytes of s and a NUL. */
char *arena_strn(struct arena *a, const char *s, size_t n);
char *arena_strf(struct arena *a, const char *fmt, ...) _printf_(2, 3);
void arena_done(struct arena *a);

#define _cleanup_arena_ _cleanup_(arena_done)
