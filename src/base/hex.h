/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/buf.h"
#include "base/span.h"

/*
 * Appends bytes as upper-case pairs joined by colons. After every wrap-th byte that is not the last, the
 * colon is followed by a newline and two tabs; wrap 0: never. kmod prints keys and signatures with wrap 20.
 */
int hex_colons(struct span bytes, size_t wrap, struct buf *into);
/*
 * The same of bytes that are written as pairs of digits already, in either case, as the kernel describes its keys; any
 * other text stays as it is.
 */
int hex_colons_of(struct span digits, struct buf *into);
/* Lower-case pairs without anything between. */
int hex_plain(struct span bytes, struct buf *into);

/* The value of a digit, in either case, or -1. */
static inline int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}
