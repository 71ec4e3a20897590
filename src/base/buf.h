/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A growing byte string. Always NUL-terminated behind its n bytes once anything was added.
 * Errors are sticky: after a failed call every later one returns the same error, so that a sequence
 * of additions may be checked once, at the end, with buf_error().
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/span.h"

struct buf {
	char *p;
	size_t n;
	size_t cap;
	int error; /* 0 or the first -errno */
};

#define BUF_INIT ((struct buf){ 0 })

void buf_done(struct buf *b);
/* The slow path of buf_reserve(): errors, and more memory. */
int buf_grow(struct buf *b, size_t more);

/* Room for this many bytes and the NUL behind them. */
static inline int buf_reserve(struct buf *b, size_t more)
{
	return !b->error && more < b->cap - b->n ? 0 : buf_grow(b, more);
}

static inline int buf_add(struct buf *b, const void *p, size_t n)
{
	int r = buf_reserve(b, n);

	if (r < 0)
		return r;
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
	return 0;
}

static inline int buf_adds(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

static inline int buf_addc(struct buf *b, char c)
{
	int r = buf_reserve(b, 1);

	if (r < 0)
		return r;
	b->p[b->n++] = c;
	b->p[b->n] = '\0';
	return 0;
}

int buf_addf(struct buf *b, const char *fmt, ...) _printf_(2, 3);
int buf_vaddf(struct buf *b, const char *fmt, va_list ap) _printf_(2, 0);
static inline int buf_add_be32(struct buf *b, uint32_t v)
{
	uint8_t raw[4];

	store_be32(raw, v);
	return buf_add(b, raw, sizeof(raw));
}

/* Empties it but keeps the memory and clears a sticky error. */
void buf_clear(struct buf *b);
/* "" when nothing was added. Borrowed. */
const char *buf_str(const struct buf *b);
/* The string, now the caller's; the buffer is empty again. NULL after an error. */
char *buf_steal(struct buf *b);

static inline int buf_error(const struct buf *b)
{
	return b->error;
}

static inline struct span buf_span(const struct buf *b)
{
	return span_of(b->p, b->n);
}

#define _cleanup_buf_ _cleanup_(buf_done)
