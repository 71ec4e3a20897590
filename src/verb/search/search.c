// SPDX-License-Identifier: MIT
#include "verb/search/search.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/pool.h"
#include "base/vec.h"
#include "system/module.h"

/* One module, before and after it was looked at. */
struct target {
	const char *name, *path;
	struct search_hit hit;
	bool found;
	int error; /* -errno: it could not be read */
};

struct work {
	struct sys *sys;
	const struct plan_world *world;
	const struct search_words *words;
	const struct search_watch *watch;
	struct target *targets;
	size_t n, cap;
	struct arena names;
	struct map by_device; /* if a word is an id: the names of modules that the index has for such devices */
	bool needs_device;
	struct scratch **scratches; /* one for each thread */
	struct arena *strings;
	pthread_mutex_t large;
};

/* ---- which modules there are ---- */

/* Only modules that some word, an id, leads to need to be read then. */
static int note_alias(void *data, const char *key, const char *value, uint32_t priority _unused_)
{
	struct work *w = data;
	const char *name;

	for (size_t i = 0; i < w->words->n; i++) {
		const struct search_word *word = &w->words->items[i];

		if (!word->is_id || !search_word_is_device(word, key) || map_has(&w->by_device, value))
			continue;
		name = arena_str(&w->names, value);
		if (!name || map_put(&w->by_device, name, w) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int note_devices(struct work *w)
{
	const struct index_reader *alias = catalog_reader(w->world->catalog, CATALOG_ALIAS);

	for (size_t i = 0; alias && i < w->words->n; i++)
		w->needs_device = w->needs_device || w->words->items[i].is_id;
	return w->needs_device ? index_reader_walk(alias, note_alias, w) : 0;
}

static int add_target(struct work *w, const char *name, const char *path)
{
	struct target t = { .name = arena_str(&w->names, name), .path = path ? arena_str(&w->names, path) : NULL };

	if (!t.name || (path && !t.path) || vec_room(&w->targets, w->n, &w->cap) < 0)
		return -ENOMEM;
	w->targets[w->n++] = t;
	return 0;
}

static int add_installed(void *data, const char *key, const char *value _unused_, uint32_t priority _unused_)
{
	struct work *w = data;
	_cleanup_free_ char *path = NULL;
	int r = w->needs_device && !map_has(&w->by_device, key) ? 0 : world_path(w->world, key, &path);

	return r < 0 || !path ? r : add_target(w, key, path);
}

static int add_builtin(void *data, const char *key, const char *value _unused_, uint32_t priority _unused_)
{
	return add_target(data, key, NULL);
}

static int list_targets(struct work *w)
{
	const struct index_reader *dep = catalog_reader(w->world->catalog, CATALOG_DEP);
	const struct index_reader *builtin = catalog_reader(w->world->catalog, CATALOG_BUILTIN);
	int r = dep ? note_devices(w) : -ENOENT;

	if (r == 0)
		r = index_reader_walk(dep, add_installed, w);
	return r == 0 && builtin ? index_reader_walk(builtin, add_builtin, w) : r;
}

/* ---- one module ---- */

/* The best match decides, then the others. */
static unsigned rank_of(const struct search_match *matches, size_t n)
{
	unsigned best = SEARCH_NOWHERE, worst = 0;

	for (size_t i = 0; i < n; i++) {
		best = matches[i].place < best ? matches[i].place : best;
		worst = matches[i].place > worst ? matches[i].place : worst;
	}
	return best * (SEARCH_NOWHERE + 1) + worst;
}

static int copy_hit(struct target *t, const struct search_facts *f, struct search_match *matches, size_t n,
		    struct arena *strings)
{
	const char *description = modinfo_get(f->info, "description");

	for (size_t i = 0; i < n; i++) {
		matches[i].text = arena_str(strings, matches[i].text);
		if (!matches[i].text)
			return -ENOMEM;
	}
	t->hit = (struct search_hit){ .name = t->name, .path = t->path, .matches = matches };
	t->hit.rank = rank_of(matches, n);
	t->hit.description = description ? arena_str(strings, description) : NULL;
	t->found = true;
	return description && !t->hit.description ? -ENOMEM : 0;
}

static int match_facts(const struct work *w, struct target *t, const struct search_facts *f, struct arena *strings)
{
	const struct search_words *words = w->words;
	struct search_match *matches = arena_array(strings, words->n, sizeof(*matches));
	int r = matches ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < words->n; i++) {
		r = search_word_find(words, &words->items[i], f, strings, &matches[i]);
		if (r == 0 && matches[i].place == SEARCH_NOWHERE)
			return 0;
	}
	return r < 0 ? r : copy_hit(t, f, matches, words->n, strings);
}

static int look_at_builtin(const struct work *w, struct target *t, struct arena *strings)
{
	_cleanup_modinfo_ struct modinfo info = { 0 };
	const struct symbols none = { 0 };
	const struct search_facts facts = { t->name, &info, &none };
	int r = module_read_builtin(w->world->catalog, t->name, NULL, &info);

	/* A kernel before 5.2 has no such file: the name is known. */
	return r < 0 && r != -ENOENT ? r : match_facts(w, t, &facts, strings);
}

static int look_at_file(const struct work *w, struct target *t, struct scratch *scratch, struct diag *diag,
			struct arena *strings)
{
	_cleanup_(source_close_p) struct source *src = NULL;
	_cleanup_elf_ struct elf elf = { 0 };
	_cleanup_modinfo_ struct modinfo info = { 0 };
	_cleanup_symbols_ struct symbols exports = { 0 };
	const struct search_facts facts = { t->name, &info, &exports };
	int r = source_open(&w->sys->root, t->path, scratch, diag, &src);

	if (r == 0)
		r = elf_open(src, &elf);
	if (r == 0)
		r = modinfo_read(&elf, &info);
	if (r == 0)
		r = facts_exports(&elf, &exports);
	return r < 0 && r != -ENODATA ? r : match_facts(w, t, &facts, strings);
}

static int look_at(void *data, unsigned worker, size_t index)
{
	struct work *w = data;
	struct target *t = &w->targets[index];

	t->error = t->path ? look_at_file(w, t, w->scratches[worker], NULL, &w->strings[worker]) :
			     look_at_builtin(w, t, &w->strings[worker]);
	if (w->watch)
		w->watch->step(w->watch->data);
	return t->error == -ENOMEM ? -ENOMEM : 0;
}

/* ---- all modules ---- */

static int make_scratches(struct work *w, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		w->scratches[i] = scratch_new();
		if (!w->scratches[i])
			return -ENOMEM;
		w->scratches[i]->large = &w->large;
	}
	return 0;
}

static int run_threads(struct work *w, unsigned n)
{
	struct span text;
	int r;

	w->scratches = calloc(n, sizeof(struct scratch *));
	r = w->scratches ? make_scratches(w, n) : -ENOMEM;
	(void)catalog_builtin_modinfo(w->world->catalog, &text); /* opened before there are threads */
	if (r == 0 && w->watch)
		w->watch->begin(w->watch->data, w->n);
	if (r == 0)
		r = pool_run(n, w->n, look_at, w);
	for (unsigned i = 0; w->scratches && i < n; i++)
		if (w->scratches[i])
			scratch_free(w->scratches[i]);
	free(w->scratches);
	return r;
}

/*
 * Reads it once more, so that what is wrong with the file is reported where it is found. What cannot be unpacked for
 * want of a codec is one cause for many modules, which the sink counts: they are not named here.
 */
static void report_unreadable(struct work *w, struct target *t)
{
	int r = t->path ? look_at_file(w, t, NULL, &w->sys->diag, &w->strings[0]) : t->error;

	if (r < 0 && r != -ENOMEM && r != -ENOSYS)
		sys_warning(w->sys, "search.unreadable", "module %s was not searched: %s: %s", t->name,
			    t->path ? t->path : "modules.builtin.modinfo",
			    r == -ENOEXEC ? "it is no ELF object" : strerror(-r));
}

static void report_all_unreadable(struct work *w, struct search *s)
{
	size_t n_packed = 0, n_other = 0;

	for (size_t i = 0; i < w->n; i++) {
		struct target *t = &w->targets[i];

		if (t->error >= 0)
			continue;
		n_packed += t->error == -ENOSYS;
		n_other += t->error != -ENOSYS;
		if (t->error == -ENOSYS || n_other <= SEARCH_NAMED_MAX)
			report_unreadable(w, t);
	}
	if (n_packed)
		sys_warning(w->sys, "search.unreadable", "%zu module%s could not be unpacked, and %s not searched",
			    n_packed, n_packed == 1 ? "" : "s", n_packed == 1 ? "was" : "were");
	if (n_other > SEARCH_NAMED_MAX)
		sys_warning(w->sys, "search.unreadable", "%zu more modules were not searched",
			    n_other - SEARCH_NAMED_MAX);
	s->n_unreadable = n_packed + n_other;
}

static int compare_hits(const void *a, const void *b)
{
	const struct search_hit *x = a, *y = b;

	return x->rank != y->rank ? (x->rank > y->rank) - (x->rank < y->rank) : strcmp(x->name, y->name);
}

static int collect(struct work *w, struct search *s)
{
	s->n_modules = w->n;
	s->items = calloc(w->n + 1, sizeof(*s->items));
	if (!s->items)
		return -ENOMEM;
	for (size_t i = 0; i < w->n; i++) {
		struct target *t = &w->targets[i];

		if (t->found)
			s->items[s->n++] = t->hit;
	}
	report_all_unreadable(w, s);
	qsort(s->items, s->n, sizeof(*s->items), compare_hits);
	return 0;
}

int search_run(struct sys *sys, const struct plan_world *world, const struct search_words *words,
	       const struct search_watch *watch, struct search *ret)
{
	unsigned threads = pool_cpus();
	struct work w = { .sys = sys, .world = world, .words = words, .watch = watch };
	struct search s = { .strings = calloc(threads + 1, sizeof(*s.strings)), .n_threads = threads + 1 };
	int r = s.strings ? list_targets(&w) : -ENOMEM;

	w.strings = s.strings;
	pthread_mutex_init(&w.large, NULL);
	if (r == 0)
		r = run_threads(&w, threads);
	if (r == 0)
		r = collect(&w, &s);
	pthread_mutex_destroy(&w.large);
	map_done(&w.by_device);
	free(w.targets);
	if (s.strings)
		s.strings[threads] = w.names; /* the hits have the names of modules in it */
	else
		arena_done(&w.names);
	if (r < 0)
		search_done(&s);
	else
		*ret = s;
	return r;
}

void search_done(struct search *s)
{
	for (unsigned i = 0; s->strings && i < s->n_threads; i++)
		arena_done(&s->strings[i]);
	free(s->strings);
	free(s->items);
	*s = (struct search){ 0 };
}
