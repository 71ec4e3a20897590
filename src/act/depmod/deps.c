// SPDX-License-Identifier: MIT
#include "act/depmod/deps.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/vec.h"

struct edges {
	uint32_t *items;
	size_t n, cap;
	uint32_t *seen; /* per module: number of the last user found to need it, + 1 */
};

int deps_add_exports(const struct module *modules, uint32_t n, struct symtab *t)
{
	for (uint32_t m = 0; m < n; m++) {
		struct record_list exports = modules[m].facts.lists[RECORD_EXPORTS];
		const uint64_t *crcs = modules[m].facts.export_crcs;
		const char *name;

		for (size_t i = 0; (name = record_next(&exports)); i++)
			if (symtab_add(t, name, crcs ? crcs[i] : 0, m) < 0)
				return -ENOMEM;
	}
	return 0;
}

static const char *shown_path(const struct deps *d, uint32_t m, char *buf)
{
	const char *path = scan_module_file(d->dir, &d->modules[m], buf);

	return path ? path : d->modules[m].path;
}

static bool is_weak(const char *import)
{
	return import[-1] == 'W';
}

static void check_symbol(const struct deps *d, uint32_t m, size_t i, const char *import, const struct symtab_entry *e)
{
	const uint64_t *crcs = d->modules[m].facts.import_crcs;
	char buf[PATH_MAX];

	if (is_weak(import))
		return;
	if (!e && d->report_unknown)
		diag_warn(d->diag, "depmod.unknown-symbol", "%s needs unknown symbol %s", shown_path(d, m, buf),
			  import);
	else if (e && d->compare_versions && crcs && crcs[i] != e->crc)
		diag_warn(d->diag, "depmod.symbol-version", "%s disagrees about version of symbol %s",
			  shown_path(d, m, buf), import);
}

static int add_edge(const struct deps *d, struct edges *e, uint32_t m, const char *symbol, uint32_t owner)
{
	if (e->seen[owner] == m + 1)
		return 0;
	e->seen[owner] = m + 1;
	if (vec_room(&e->items, e->n, &e->cap) < 0)
		return -ENOMEM;
	e->items[e->n++] = owner;
	if (d->edge)
		d->edge(d->edge_data, &d->modules[m], symbol, &d->modules[owner]);
	return 0;
}

static int add_module(const struct deps *d, struct edges *e, uint32_t m)
{
	const struct record *facts = &d->modules[m].facts;
	int r = 0;

	for (size_t i = 0; r == 0 && i < facts->n_imports; i++) {
		const char *import = facts->lists[RECORD_IMPORTS].p + facts->imports[i].at;
		const struct symtab_entry *s = symtab_find(d->symtab, import, facts->imports[i].hash);

		if (d->report_unknown)
			check_symbol(d, m, i, import, s);
		if (s && s->owner != SYMTAB_KERNEL)
			r = add_edge(d, e, m, import, s->owner);
	}
	return r;
}

int deps_build(const struct deps *d, struct arena *arena, struct graph *ret)
{
	uint32_t *first = arena_array(arena, (size_t)d->n + 1, sizeof(*first)), *copy;
	struct edges e = { .seen = arena_array(arena, d->n, sizeof(*e.seen)) };
	int r = first && e.seen ? 0 : -ENOMEM;

	for (uint32_t m = 0; m < d->n && r == 0; m++) {
		r = add_module(d, &e, m);
		if (r == 0 && e.n > UINT32_MAX)
			r = -E2BIG;
		first[m + 1] = (uint32_t)e.n;
	}
	copy = r == 0 ? arena_array(arena, e.n, sizeof(*copy)) : NULL;
	if (r == 0 && !copy)
		r = -ENOMEM;
	if (r == 0) {
		if (e.n)
			memcpy(copy, e.items, e.n * sizeof(*copy));
		*ret = (struct graph){ d->n, first, copy };
	}
	free(e.items);
	return r;
}
