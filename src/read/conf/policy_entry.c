// SPDX-License-Identifier: MIT
#include "read/conf/policy_entry.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

#define GLOB "*?[\\" /* what makes a name a pattern to fnmatch(3) */

void policy_entries_done(struct policy_entries *e)
{
	map_done(&e->first);
	globs_done(&e->globs);
	free(e->items);
	*e = (struct policy_entries){ 0 };
}

void policy_found_done(struct policy_found *f)
{
	free(f->items);
	*f = (struct policy_found){ 0 };
}

static bool is_pattern(const char *name)
{
	return strpbrk(name, GLOB);
}

/*
 * Each module that is planned asks for its lines. Whoever may add modules determines how many lines modules.softdep
 * has, so none of the questions may compare all of them.
 */
int policy_entries_index(struct policy_entries *of)
{
	for (size_t i = of->n; i-- > 0;) {
		struct policy_entry *e = &of->items[i];

		e->next_same = map_get(&of->first, e->name);
		if (map_put(&of->first, e->name, e) < 0)
			return -ENOMEM;
	}
	for (size_t i = 0; i < of->n; i++)
		if (is_pattern(of->items[i].name) && globs_add(&of->globs, of->items[i].name, i) < 0)
			return -ENOMEM;
	return globs_index(&of->globs);
}

const struct policy_entry *policy_entries_literal(const struct policy_entries *in, const char *name)
{
	return map_get(&in->first, name);
}

/* The first entry that is not a pattern. A pattern need not match its own text. */
static const struct policy_entry *first_plain(const struct policy_entries *in, const char *name)
{
	return is_pattern(name) ? NULL : policy_entries_literal(in, name);
}

const struct policy_entry *policy_entries_match(const struct policy_entries *in, const char *name)
{
	const struct policy_entry *plain = first_plain(in, name);
	struct globs_search search;
	size_t first = plain ? (size_t)(plain - in->items) : in->n;

	globs_start(&search, &in->globs, name, first);
	while (globs_next(&search, &first))
		search.below = first;
	return first < in->n ? &in->items[first] : NULL;
}

static int add_found(struct policy_found *f, const struct policy_entry *e)
{
	if (vec_room(&f->items, f->n, &f->cap) < 0)
		return -ENOMEM;
	f->items[f->n++] = e;
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const struct policy_entry *x = *(const struct policy_entry *const *)a,
				  *y = *(const struct policy_entry *const *)b;

	return (x > y) - (x < y);
}

int policy_entries_find(const struct policy_entries *in, const char *name, struct policy_found *into)
{
	size_t id, before = into->n;
	struct globs_search search;

	for (const struct policy_entry *e = first_plain(in, name); e; e = e->next_same)
		if (add_found(into, e) < 0)
			return -ENOMEM;
	globs_start(&search, &in->globs, name, in->n);
	while (globs_next(&search, &id))
		if (add_found(into, &in->items[id]) < 0)
			return -ENOMEM;
	if (into->n > before)
		qsort(into->items + before, into->n - before, sizeof(*into->items), by_place);
	return 0;
}
