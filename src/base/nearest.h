/* SPDX-License-Identifier: MIT */
#pragma once

/* How far two names are from each other, and the one of many that was probably meant: for "did you mean". */

#include <stddef.h>

#include "base/buf.h"

#define NEAREST_LEN_MAX 64 /* longer names are near to nothing */

/*
 * How many letters have to be put in, left out, exchanged for another or with their neighbour, without regard to case.
 * SIZE_MAX: one of them is longer than NEAREST_LEN_MAX.
 */
size_t nearest_distance(const char *a, size_t n, const char *b, size_t m);
/* That many letters may be wrong in a name of this length: in a short one fewer, or any would do. */
size_t nearest_tolerance(size_t n);

/* A search among words that are offered one by one. */
struct nearest {
	const char *written;
	size_t written_len, least;
	const char
		*word; /* the nearest so far, borrowed, the first of those that are equally near; NULL: none is near */
	size_t len;
};

/* written: borrowed */
void nearest_start(struct nearest *s, const char *written, size_t len);
/* A word that begins with three letters or more of what was written, and goes on, is near as well. */
void nearest_offer(struct nearest *s, const char *word, size_t len);

/* The message's tail: " (did you mean 'e1000e'?)"; nothing where no word is near. Sticky error of the buffer. */
int nearest_hint(const struct nearest *s, struct buf *into);
/*
 * The tail of "unknown verb 'enabel'", where only the words of a table are right: the hint, or where none is near all
 * of them: "; there are: enable, disable, list". names: the first one; each of the n stands stride bytes further.
 */
int nearest_among(const char *written, size_t len, const char *const *names, size_t stride, size_t n, struct buf *into);
/* The arguments of nearest_among() for a member of all rows of a table. */
#define NEAREST_NAMES(table, n, member) &(table)[0].member, sizeof((table)[0]), (n)
