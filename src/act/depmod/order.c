// SPDX-License-Identifier: MIT
#include "act/depmod/order.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/modname.h"
#include "act/depmod/hash.h"

/* What determines a module's place. */
struct order_key {
	uint32_t position, bucket;
	const char *name;
	uint32_t at; /* in the list before sorting */
};

/* The path up to and including ".ko", whatever the compression. */
static char *uncompressed_path(struct arena *arena, const char *path)
{
	size_t n = strlen(path), extension = modname_extension(path);

	return arena_strn(arena, path, n - extension + strlen(".ko"));
}

static int map_paths(struct scan *s, struct map *paths)
{
	for (size_t i = 0; i < s->n; i++) {
		char *path = uncompressed_path(s->arena, s->modules[i].path);

		if (!path || map_put(paths, path, &s->modules[i]) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Gives the module of each line its position; of equal lines the first counts. Cuts the text into strings. */
static void number_lines(char *text, const struct map *paths)
{
	uint32_t position = 0;
	char *end;

	for (; (end = strchr(text, '\n')); text = end + 1) {
		struct module *m;

		*end = '\0';
		m = map_get(paths, text);
		if (m && m->position == SCAN_UNORDERED)
			m->position = position;
		position++;
	}
}

static unsigned count_lines(const struct buf *b)
{
	unsigned n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += b->p[i] == '\n';
	return n;
}

static int apply_order(struct scan *s, struct buf *text)
{
	_cleanup_map_ struct map paths = { 0 };
	int r;

	if (text->n && text->p[text->n - 1] != '\n') {
		diag_report(s->diag, LOG_ERR, "depmod.order-cut", NULL, count_lines(text) + 1,
			    "%s/modules.order:%u corrupted line misses '\\n'", s->dir, count_lines(text) + 1);
		return 0;
	}
	r = map_paths(s, &paths);
	if (r == 0 && text->n)
		number_lines(text->p, &paths);
	return r;
}

/* 1: there is one, 0: there is none, which is a warning. */
static int check_order(const struct scan *s, int error)
{
	if (error == 0)
		return 1;
	if (input_counts_as_missing(error, s->strict)) {
		diag_warn(s->diag, "depmod.no-order", "could not open modules.order at %s: %s", s->dir,
			  strerror(-error));
		return 0;
	}
	diag_err(s->diag, "depmod.order", "could not read modules.order at %s: %s", s->dir, strerror(-error));
	return error;
}

static int compare_modules(const void *a, const void *b)
{
	const struct order_key *x = a, *y = b;

	if (x->position != y->position)
		return x->position < y->position ? -1 : 1;
	return hash_order_compare(x->bucket, x->name, y->bucket, y->name);
}

static int sort_modules(struct scan *s)
{
	_cleanup_free_ struct order_key *keys = calloc(s->n ? s->n : 1, sizeof(*keys));
	struct module *sorted = calloc(s->n ? s->n : 1, sizeof(*sorted));

	if (!keys || !sorted) {
		free(sorted);
		return -ENOMEM;
	}
	for (size_t i = 0; i < s->n; i++) {
		const char *name = s->modules[i].name;

		keys[i] = (struct order_key){ s->modules[i].position,
					      superfast_hash(name, strlen(name)) % HASH_MODULE_BUCKETS, name,
					      (uint32_t)i };
	}
	qsort(keys, s->n, sizeof(*keys), compare_modules);
	for (size_t i = 0; i < s->n; i++)
		sorted[i] = s->modules[keys[i].at];
	free(s->modules);
	s->modules = sorted;
	s->cap = s->n;
	return 0;
}

int order_sort(struct scan *s, struct input *order)
{
	int r = check_order(s, order->error);

	if (r > 0)
		r = apply_order(s, &order->text);
	return r < 0 ? r : sort_modules(s);
}
