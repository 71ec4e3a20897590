/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Growing arrays. A struct holds `T *items; size_t n, cap;` and calls vec_room() before each append:
 *
 *	if (vec_room(&v->items, v->n, &v->cap) < 0)
 *		return -ENOMEM;
 *	v->items[v->n++] = item;
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

/* The slow path of vec_room(): more memory. */
int vec_grow(void **items, size_t n, size_t *cap, size_t size);

/* Makes room for one more element after the first n. 0 or -ENOMEM; the array is untouched on failure. */
#define vec_room(items, n, cap)                                                           \
	({                                                                                \
		void *_p = *(items);                                                      \
		int _r = (n) < *(cap) ? 0 : vec_grow(&_p, (n), (cap), sizeof(**(items))); \
		*(items) = _p;                                                            \
		_r;                                                                       \
	})

/* A list of owned strings. */
struct strv {
	char **items;
	size_t n;
	size_t cap;
};

/* Sorts the strings from the first-th on by their bytes. */
bool strv_has(const struct strv *v, const char *s);
void strv_sort(struct strv *v, size_t first);
void strv_done(struct strv *v);
int strv_add(struct strv *v, const char *s);            /* copies */
int strv_addn(struct strv *v, const char *s, size_t n); /* copies n bytes */
int strv_take(struct strv *v, char *s);                 /* becomes the owner, also on failure */

#define _cleanup_strv_ _cleanup_(strv_done)
