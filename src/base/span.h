/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A bounded run of foreign bytes. Parsers of files touch their input only through these calls, so that
 * no length read from a file can lead outside of it. A span borrows its bytes.
 */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

struct span {
	const uint8_t *p;
	size_t n;
};

static inline struct span span_of(const void *p, size_t n)
{
	return (struct span){ p, n };
}

static inline struct span span_of_str(const char *s)
{
	return span_of(s, strlen(s));
}

/* [off, off+len) of s. -ERANGE when it is not wholly inside. */
static inline int span_sub(struct span s, uint64_t off, uint64_t len, struct span *ret)
{
	if (off > s.n || len > s.n - off)
		return -ERANGE;
	/* Even adding 0 to a null pointer is undefined. */
	*ret = span_of(off ? s.p + off : s.p, (size_t)len);
	return 0;
}

/* Everything from off on. -ERANGE when off is behind the end. */
static inline int span_from(struct span s, uint64_t off, struct span *ret)
{
	return off > s.n ? -ERANGE : span_sub(s, off, s.n - off, ret);
}

/* Removes and returns the first len bytes. -ERANGE when there are fewer. */
static inline int span_take(struct span *s, uint64_t len, struct span *ret)
{
	struct span head;

	if (span_sub(*s, 0, len, &head) < 0)
		return -ERANGE;
	*s = span_of(len ? s->p + len : s->p, s->n - (size_t)len);
	*ret = head;
	return 0;
}

static inline int span_u8(struct span s, uint64_t off, uint8_t *ret)
{
	if (off >= s.n)
		return -ERANGE;
	*ret = s.p[off];
	return 0;
}

#define SPAN_LOAD(name, type, load)                                    \
	static inline int name(struct span s, uint64_t off, type *ret) \
	{                                                              \
		struct span w;                                         \
		if (span_sub(s, off, sizeof(type), &w) < 0)            \
			return -ERANGE;                                \
		*ret = load(w.p);                                      \
		return 0;                                              \
	}
SPAN_LOAD(span_be16, uint16_t, load_be16)
SPAN_LOAD(span_be32, uint32_t, load_be32)
SPAN_LOAD(span_be64, uint64_t, load_be64)
SPAN_LOAD(span_le16, uint16_t, load_le16)
SPAN_LOAD(span_le32, uint32_t, load_le32)
SPAN_LOAD(span_le64, uint64_t, load_le64)
#undef SPAN_LOAD

/* The NUL-terminated string at off. -ERANGE when off or the terminator is outside. */
static inline int span_cstr(struct span s, uint64_t off, const char **ret)
{
	if (off >= s.n || !memchr(s.p + off, '\0', s.n - off))
		return -ERANGE;
	*ret = (const char *)s.p + off;
	return 0;
}

/* A NUL-terminated copy, the caller's. NULL without memory. */
static inline char *span_dup(struct span s)
{
	char *copy = malloc(s.n + 1);

	if (!copy)
		return NULL;
	if (s.n)
		memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	return copy;
}

static inline bool span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool span_is(struct span s, const char *text)
{
	return span_eq(s, span_of_str(text));
}

static inline bool span_starts(struct span s, const void *p, size_t n)
{
	return s.n >= n && memcmp(s.p, p, n) == 0;
}

static inline bool span_ends(struct span s, const void *p, size_t n)
{
	return s.n >= n && memcmp(s.p + s.n - n, p, n) == 0;
}
