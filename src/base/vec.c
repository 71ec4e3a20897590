// SPDX-License-Identifier: MIT
#include "base/vec.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

int vec_grow(void **items, size_t n, size_t *cap, size_t size)
{
	size_t want, bytes;
	void *p;

	want = n < 8 ? 8 : n;
	if (add_overflows(want, n, &want) || mul_overflows(want, size, &bytes))
		return -ENOMEM;
	p = realloc(*items, bytes);
	if (!p)
		return -ENOMEM;
	*items = p;
	*cap = want;
	return 0;
}

void strv_done(struct strv *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->items[i]);
	free(v->items);
	*v = (struct strv){ 0 };
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool strv_has(const struct strv *v, const char *s)
{
	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->items[i], s) == 0)
			return true;
	return false;
}

void strv_sort(struct strv *v, size_t first)
{
	if (v->n > first)
		qsort(v->items + first, v->n - first, sizeof(*v->items), by_text);
}

int strv_take(struct strv *v, char *s)
{
	if (!s)
		return -ENOMEM;
	if (vec_room(&v->items, v->n, &v->cap) < 0) {
		free(s);
		return -ENOMEM;
	}
	v->items[v->n++] = s;
	return 0;
}

int strv_add(struct strv *v, const char *s)
{
	return strv_take(v, strdup(s));
}

int strv_addn(struct strv *v, const char *s, size_t n)
{
	return strv_take(v, strndup(s, n));
}
