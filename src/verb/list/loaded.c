// SPDX-License-Identifier: MIT
#include "verb/list/loaded.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/map.h"
#include "base/modname.h"
#include "base/nearest.h"
#include "read/index/similar.h"
#include "system/system.h"

/* ---- the filter ---- */

static int add_pattern(struct loaded_filter *f, const char *word)
{
	char pattern[MODNAME_MAX];
	int r = *word ? alias_normalize(word, pattern, sizeof(pattern)) : -EINVAL;

	return r < 0 ? r : strv_add(&f->patterns, pattern);
}

static const struct {
	const char *word;
	size_t flag; /* where it stands in the filter */
} words[] = {
	{ "tainted", offsetof(struct loaded_filter, tainted) },
	{ "unsigned", offsetof(struct loaded_filter, unsigned_) },
	{ "out-of-tree", offsetof(struct loaded_filter, out_of_tree) },
	{ "unused", offsetof(struct loaded_filter, unused) },
};

int loaded_filter_add(struct loaded_filter *f, const char *word)
{
	for (size_t i = 0; i < ELEMENTSOF(words); i++) {
		if (strcmp(word, words[i].word) != 0)
			continue;
		*(bool *)((char *)f + words[i].flag) = true;
		return 0;
	}
	return add_pattern(f, word);
}

static bool has_name(const struct loaded_filter *f, const char *name)
{
	for (size_t i = 0; i < f->patterns.n; i++)
		if (fnmatch(f->patterns.items[i], name, 0) == 0)
			return true;
	return f->patterns.n == 0;
}

static bool is_wanted(const struct loaded_filter *f, const struct live_module *m)
{
	return has_name(f, m->name) && (!f->tainted || *m->taint) && (!f->unsigned_ || strchr(m->taint, 'E')) &&
	       (!f->out_of_tree || strchr(m->taint, 'O')) &&
	       (!f->unused || (m->has_refcnt && m->refcnt == 0 && !m->permanent));
}

/* ---- what is known of each ---- */

/* "updates" of "/lib/modules/RELEASE/updates/dkms/x.ko". */
static const char *place_of(const struct catalog *c, const char *path, struct arena *strings)
{
	size_t n = strlen(catalog_dir(c));

	if (strncmp(path, catalog_dir(c), n) != 0 || path[n] != '/')
		return NULL;
	return arena_strn(strings, path + n + 1, strcspn(path + n + 1, "/"));
}

static int find_file(const struct running *r, struct loaded_module *m, struct arena *strings)
{
	_cleanup_free_ char *path = NULL;
	int e = world_path(&r->world, m->live->name, &path);

	if (e < 0 || !path)
		return e;
	m->path = arena_str(strings, path);
	m->place = place_of(r->catalog, path, strings);
	return m->path ? 0 : -ENOMEM;
}

static int find_version(const struct sys *sys, struct loaded_module *m, struct arena *strings)
{
	char path[MODNAME_MAX + 32], text[256];

	snprintf(path, sizeof(path), "/sys/module/%s/version", m->live->name);
	if (strlen(m->live->name) >= MODNAME_MAX || file_read_line(&sys->root, path, text, sizeof(text)) < 0)
		return 0;
	m->version = arena_str(strings, text);
	return m->version ? 0 : -ENOMEM;
}

static int add_module(struct sys *sys, const struct running *r, const struct live_module *m, struct loaded *l)
{
	struct loaded_module *item;
	int e;

	if (vec_room(&l->items, l->n, &l->cap) < 0)
		return -ENOMEM;
	item = &l->items[l->n++];
	*item = (struct loaded_module){ .live = m };
	e = find_file(r, item, &l->strings);
	return e < 0 ? e : find_version(sys, item, &l->strings);
}

int loaded_read(struct sys *sys, const struct loaded_filter *filter, struct loaded *ret)
{
	_cleanup_running_ struct running running = { 0 };
	int r = running_open(sys, &running);

	*ret = (struct loaded){ 0 };
	if (r < 0)
		return r;
	r = live_read(&sys->root, &sys->diag, &ret->live);
	if (r < 0)
		sys_error(sys, "list.modules", "could not read the loaded modules from /proc/modules: %s",
			  strerror(-r));
	for (size_t i = 0; r == 0 && i < live_count(ret->live); i++)
		if (is_wanted(filter, live_get(ret->live, i)))
			r = add_module(sys, &running, live_get(ret->live, i), ret);
	if (r < 0)
		loaded_done(ret);
	return r;
}

void loaded_done(struct loaded *l)
{
	free(l->items);
	if (l->live)
		live_free(l->live);
	arena_done(&l->strings);
	*l = (struct loaded){ 0 };
}

/* ---- the walk ---- */

struct walk {
	const struct loaded *l;
	size_t *uses;  /* the modules that each module uses, one run behind the other */
	size_t *first; /* where the run of a module begins, and that of the next one: the end */
	bool *seen;    /* was visited as the user of others */
	ssize_t (*visit)(void *data, const struct loaded_module *m, size_t parent, bool is_again);
	void *data;
};

/* Calls fn with each pair of a module and one that uses it, by their numbers, as far as both are wanted. */
static void each_use(const struct loaded *l, const struct map *by_name,
		     void (*fn)(size_t *at, size_t used, size_t *into), size_t *at, size_t *into)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct live_module *m = l->items[i].live;

		for (size_t k = 0; k < m->n_users; k++) {
			const struct loaded_module *user = map_get(by_name, m->users[k]);

			if (user)
				fn(&at[user - l->items], i, into);
		}
	}
}

static void count_use(size_t *at, size_t used _unused_, size_t *into _unused_)
{
	at[1]++;
}

static void note_use(size_t *at, size_t used, size_t *into)
{
	into[(*at)++] = used;
}

static int index_uses(struct walk *w)
{
	_cleanup_map_ struct map by_name = { 0 };
	_cleanup_free_ size_t *at = NULL;
	const struct loaded *l = w->l;

	for (size_t i = 0; i < l->n; i++)
		if (map_put(&by_name, l->items[i].live->name, &l->items[i]) < 0)
			return -ENOMEM;
	w->first = calloc(l->n + 1, sizeof(*w->first));
	w->seen = calloc(l->n + 1, sizeof(*w->seen));
	at = calloc(l->n + 1, sizeof(*at));
	if (!w->first || !w->seen || !at)
		return -ENOMEM;
	each_use(l, &by_name, count_use, w->first, NULL);
	for (size_t i = 0; i < l->n; i++)
		w->first[i + 1] += w->first[i];
	memcpy(at, w->first, l->n * sizeof(*at));
	w->uses = calloc(w->first[l->n] + 1, sizeof(*w->uses));
	if (!w->uses)
		return -ENOMEM;
	each_use(l, &by_name, note_use, at, w->uses);
	return 0;
}

static int visit_below(struct walk *w, size_t i, size_t parent)
{
	bool again = w->seen[i] && w->first[i] < w->first[i + 1];
	ssize_t row = w->visit(w->data, &w->l->items[i], parent, again);
	int r = row < 0 ? (int)row : 0;

	if (again)
		return r;
	w->seen[i] = true;
	for (size_t k = w->first[i]; r == 0 && k < w->first[i + 1]; k++)
		r = visit_below(w, w->uses[k], (size_t)row);
	return r;
}

int loaded_walk(const struct loaded *l,
		ssize_t (*visit)(void *data, const struct loaded_module *m, size_t parent, bool is_again), void *data)
{
	_cleanup_free_ bool *used = calloc(l->n + 1, sizeof(*used));
	struct walk w = { .l = l, .visit = visit, .data = data };
	int r = used ? index_uses(&w) : -ENOMEM;

	for (size_t k = 0; r == 0 && k < w.first[l->n]; k++)
		used[w.uses[k]] = true;
	for (size_t i = 0; r == 0 && i < l->n; i++)
		if (!used[i])
			r = visit_below(&w, i, LOADED_TOP);
	/* A list that somebody wrote may have circles. */
	for (size_t i = 0; r == 0 && i < l->n; i++)
		if (!w.seen[i])
			r = visit_below(&w, i, LOADED_TOP);
	free(w.uses);
	free(w.first);
	free(w.seen);
	return r;
}

/* card.ko: the file of a module, which is loaded or not. */
static bool is_file_name(const struct loaded *l, const char *written, struct buf *into)
{
	char name[MODNAME_MAX];
	bool found = false;

	if (!modname_of_file(written, name))
		return false;
	for (size_t i = 0; i < l->n && !found; i++)
		found = strcmp(l->items[i].live->name, name) == 0;
	if (found)
		buf_addf(into, SIMILAR_FILE, name);
	return found;
}

/* It is no mistake, but the module is not loaded; or the name is like that of one. */
static int hint_of_installed(struct sys *sys, const char *written, struct buf *into)
{
	_cleanup_running_ struct running running = { 0 };
	char name[MODNAME_MAX];

	if (running_open(sys, &running) < 0)
		return 0;
	if (modname_normalize(written, name) == 0 && strlen(name) == strlen(written) &&
	    catalog_dep_line(running.catalog, name))
		return buf_addf(into, " (%s is installed, and not loaded)", name);
	return similar_hint(running.catalog, written, into);
}

int loaded_filter_hint(struct sys *sys, const struct loaded_filter *f, struct buf *into)
{
	const char *written = f->patterns.n == 1 ? f->patterns.items[0] : "";
	const struct loaded_filter all = { 0 };
	_cleanup_loaded_ struct loaded l = { 0 };
	struct nearest search;
	int r = *written ? loaded_read(sys, &all, &l) : 0;

	if (r < 0 || !*written || is_file_name(&l, written, into))
		return r < 0 ? r : buf_error(into);
	nearest_start(&search, written, strlen(written));
	for (size_t i = 0; i < ELEMENTSOF(words); i++)
		nearest_offer(&search, words[i].word, strlen(words[i].word));
	for (size_t i = 0; i < l.n; i++)
		nearest_offer(&search, l.items[i].live->name, strlen(l.items[i].live->name));
	return search.word ? nearest_hint(&search, into) : hint_of_installed(sys, written, into);
}
