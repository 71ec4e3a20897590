// SPDX-License-Identifier: MIT
/*
 * Symbol versions (CONFIG_MODVERSIONS): the CRC of each symbol in the module's __versions must equal that of its
 * exporter. The CRCs of modules are in their files. Those of the kernel itself are learned from other modules that
 * were built for it: the loaded ones, which passed the same test, otherwise those that came with it.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/map.h"
#include "verb/why/parts.h"
#include "read/kernel/live.h"

#define OPENED_MAX 48

struct version {
	const char *name;
	uint64_t mine, theirs;
	const char *witness; /* the file that states theirs; NULL: unknown */
	bool exporter;       /* which exports it; otherwise it needs it as well */
};

struct versions {
	struct subject *s;
	struct version *items;
	size_t n, n_known;
	struct map by_name;
	unsigned n_opened;
	const char *magic; /* vermagic of the first witness; NULL: none */
	const char *magic_witness;
	struct arena strings;
};

static void versions_done(struct versions *v)
{
	map_done(&v->by_name);
	arena_done(&v->strings);
	free(v->items);
}

static int add_mine(struct versions *v, const struct symbols *mine)
{
	v->items = calloc(mine->n + 1, sizeof(*v->items));
	if (!v->items)
		return -ENOMEM;
	for (size_t i = 0; i < mine->n; i++) {
		struct version *x = &v->items[v->n++];

		*x = (struct version){ .name = mine->items[i].name, .mine = mine->items[i].crc };
		if (map_put(&v->by_name, x->name, x) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* What one file states about symbols that no file covered before. A CRC of 0 means none. */
static int note_symbols(struct versions *v, const struct symbols *said, const char *path, bool exporter)
{
	const char *witness = arena_str(&v->strings, path);

	for (size_t i = 0; witness && i < said->n; i++) {
		struct version *x = map_get(&v->by_name, said->items[i].name);

		if (!x || x->witness || !said->items[i].crc)
			continue;
		x->theirs = said->items[i].crc;
		x->witness = witness;
		x->exporter = exporter;
		v->n_known++;
	}
	return witness ? 0 : -ENOMEM;
}

/* ---- files ---- */

struct opened {
	struct source *src;
	struct elf elf;
	struct modinfo info;
};

static int open_module(const struct root *root, const char *path, struct opened *ret)
{
	struct opened o = { 0 };
	int r = source_open(root, path, NULL, NULL, &o.src);

	if (r < 0)
		return r;
	r = elf_open(o.src, &o.elf);
	if (r >= 0) {
		r = modinfo_read(&o.elf, &o.info);
		if (r < 0)
			elf_done(&o.elf);
	}
	if (r < 0)
		source_close(o.src);
	else
		*ret = o;
	return r;
}

static void close_module(struct opened *o)
{
	modinfo_done(&o->info);
	elf_done(&o->elf);
	source_close(o->src);
}

static bool is_for_release(const char *magic, const char *release)
{
	size_t n = strlen(release);

	return magic && strncmp(magic, release, n) == 0 && (magic[n] == ' ' || !magic[n]);
}

/* A module that was built for this kernel, and is what is loaded if one of its name is. */
static int hear_witness(struct versions *v, const char *name, const char *path)
{
	const struct why_query *q = v->s->q;
	struct symbols said = { 0 };
	struct opened o;
	const char *magic;
	int r = open_module(&q->sys->root, path, &o);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	v->n_opened++;
	magic = modinfo_get(&o.info, "vermagic");
	if (is_for_release(magic, q->release) && identity_is_loaded(&q->sys->root, name, &o.elf, &o.info) != 0) {
		if (!v->magic) {
			v->magic = arena_str(&v->strings, magic);
			v->magic_witness = arena_str(&v->strings, path);
		}
		r = v->magic && v->magic_witness ? facts_versions(&o.elf, &said) : -ENOMEM;
		if (r >= 0)
			r = note_symbols(v, &said, path, false);
		symbols_done(&said);
	}
	close_module(&o);
	return r == -ENOMEM ? r : 0;
}

static bool knows_enough(const struct versions *v)
{
	return v->n_opened >= OPENED_MAX || (v->magic && v->n_known == v->n);
}

static int hear_loaded(struct versions *v)
{
	const struct why_query *q = v->s->q;
	_cleanup_(live_free_p) struct live *live = NULL;
	int r = live_read(&q->sys->root, NULL, &live);

	for (size_t i = 0; live && i < live_count(live) && !knows_enough(v); i++) {
		const char *name = live_get(live, i)->name;
		_cleanup_free_ char *path = NULL;

		r = strcmp(name, v->s->c->name) == 0 ? 0 : world_path(q->world, name, &path);
		if (r >= 0 && path)
			r = hear_witness(v, name, path);
		if (r < 0)
			return r;
	}
	return r == -ENOMEM ? r : 0;
}

static int hear_installed(void *data, const char *name, const char *line, uint32_t priority _unused_)
{
	struct versions *v = data;
	const char *colon = strchr(line, ':');
	_cleanup_free_ char *path = NULL;
	int r;

	if (knows_enough(v))
		return 1;
	if (!colon || strncmp(line, "kernel/", 7) != 0 || strcmp(name, v->s->c->name) == 0)
		return 0;
	r = catalog_join(v->s->q->world->catalog, line, (size_t)(colon - line), &path);
	return r < 0 ? r : hear_witness(v, name, path);
}

/* The modules that export what is needed decide: their CRCs are read first. */
static int hear_exporter(struct versions *v, const char *module)
{
	_cleanup_free_ char *path = NULL;
	struct symbols exports = { 0 };
	struct opened o;
	int r = world_path(v->s->q->world, module, &path);

	if (r < 0 || !path)
		return r;
	r = open_module(&v->s->q->sys->root, path, &o);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = facts_exports(&o.elf, &exports);
	if (r >= 0)
		r = note_symbols(v, &exports, path, true);
	symbols_done(&exports);
	close_module(&o);
	return r == -ENOMEM ? r : 0;
}

static int hear_exporters(struct versions *v)
{
	_cleanup_map_ struct map asked = { 0 };
	int r = 0;

	for (size_t i = 0; i < v->n && r >= 0; i++) {
		const char *module = subject_provider(v->s, v->items[i].name);

		if (!module || strcmp(module, v->s->c->name) == 0 || map_has(&asked, module))
			continue;
		r = map_put(&asked, module, v);
		if (r >= 0)
			r = hear_exporter(v, module);
	}
	return r < 0 ? r : 0;
}

static int hear_all(struct versions *v)
{
	const struct catalog *catalog = v->s->q->world->catalog;
	const struct index_reader *dep = catalog_reader(catalog, CATALOG_DEP);
	int r = hear_exporters(v);

	if (r >= 0)
		r = hear_loaded(v);
	if (r >= 0 && dep && !knows_enough(v))
		r = index_reader_walk(dep, hear_installed, v);
	return r == -ENOMEM ? r : 0;
}

/* ---- findings ---- */

static const char *flags_of(const char *magic)
{
	return magic + strcspn(magic, " ");
}

/* "built for kernel 6.12.117, but 6.1.0-56 is running: ", where that explains the versions. */
static int add_release(const struct subject *s, struct buf *into)
{
	const char *magic = modinfo_get(&s->info, "vermagic"), *release = s->q->release;

	if (!magic || !*release || is_for_release(magic, release))
		return 0;
	return buf_addf(into, "built for kernel %.*s, but %s is running: ", (int)strcspn(magic, " "), magic, release);
}

/* The release was compared before; the words after it are the options that change the layout of modules. */
static int tell_flags(struct versions *v)
{
	struct subject *s = v->s;
	const char *mine = modinfo_get(&s->info, "vermagic");
	int r;

	if (!mine || !v->magic || strcmp(flags_of(mine), flags_of(v->magic)) == 0)
		return 0;
	r = why_add(s->found, WHY_OBSTACLE, WHY_VERMAGIC_FLAGS, NULL,
		    "built for a kernel with other options: `%s`, but modules of %s have `%s`, as %s", mine,
		    !*s->q->release || is_for_release(mine, s->q->release) ? "this kernel" : "the running one",
		    v->magic, v->magic_witness);
	return r < 0 ? r : subject_fix_build(s);
}

/* The kernel looks at module_layout first. */
static const struct version *first_wrong(const struct versions *v, size_t *ret_n)
{
	const struct version *first = NULL;

	*ret_n = 0;
	for (size_t i = 0; i < v->n; i++) {
		const struct version *x = &v->items[i];

		if (!x->witness || x->mine == x->theirs)
			continue;
		if (!first || strcmp(x->name, "module_layout") == 0)
			first = x;
		++*ret_n;
	}
	return first;
}

static int tell_right(struct versions *v)
{
	if (!v->n_known)
		return 0;
	return why_add(v->s->found, WHY_FACT, WHY_VERSIONS, NULL,
		       "the versions of its symbols match, as far as they can be compared (%zu of %zu)", v->n_known,
		       v->n);
}

static int tell_crcs(struct versions *v)
{
	_cleanup_buf_ struct buf built = BUF_INIT;
	struct subject *s = v->s;
	size_t n;
	const struct version *first = first_wrong(v, &n);
	int r;

	if (!first)
		return tell_right(v);
	r = add_release(s, &built);
	if (r < 0)
		return r;
	r = why_add(s->found, WHY_OBSTACLE, WHY_VERSIONS_WRONG, NULL,
		    "%s%zu of its %zu symbols %s other versions here, first %s: 0x%08" PRIx64
		    " in the file, 0x%08" PRIx64 " in %s",
		    buf_str(&built), n, v->n, n == 1 ? "has" : "have", first->name, first->mine, first->theirs,
		    first->witness);
	if (r < 0 || !first->exporter || built.n)
		return r < 0 ? r : subject_fix_build(s);
	return why_fix(s->found, "build it again against that module, or install the one that it was built for");
}

int why_versions(struct subject *s)
{
	_cleanup_(versions_done) struct versions v = { .s = s };
	struct symbols mine = { 0 };
	int r;

	if (!s->is_module || !s->q->world->catalog || s->state == LIVE_LIVE)
		return 0;
	r = facts_versions(&s->elf, &mine);
	if (r >= 0 || r == -ENODATA)
		r = add_mine(&v, &mine);
	if (r >= 0)
		r = hear_all(&v);
	if (r >= 0)
		r = tell_flags(&v);
	if (r >= 0 && (!v.magic || strstr(v.magic, "modversions")))
		r = tell_crcs(&v);
	symbols_done(&mine);
	return r == -ENOMEM ? r : 0;
}
