// SPDX-License-Identifier: MIT
#include "verb/config/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/dropin.h"
#include "read/kernel/lockstate.h"
#include "system/release.h"

#define CMDLINE_PATH "/proc/cmdline"

/* ---- files that others mask ---- */

/* Two names of one directory (a merged /usr) do not mask each other. */
static bool is_same_file(const struct root *root, const char *a, const char *b)
{
	struct stat x, y;

	return root_stat(root, a, &x) == 0 && root_stat(root, b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

static int add_masked(struct config *c, const char *path, const char *by, bool is_policy)
{
	const char *paths[] = { path, NULL };
	const struct policy_request lines = { .root = c->sys->root, .paths = paths, .no_cmdline = true };
	const struct modload_request names = { .root = c->sys->root, .files = paths };
	struct config_masked *m;

	if (is_same_file(&c->sys->root, path, by))
		return 0;
	if (vec_room(&c->masked, c->n_masked, &c->cap_masked) < 0)
		return -ENOMEM;
	m = &c->masked[c->n_masked++];
	*m = (struct config_masked){ .path = strdup(path), .by = strdup(by) };
	if (!m->path || !m->by)
		return -ENOMEM;
	return is_policy ? policy_load(&lines, NULL, &m->policy) : modload_read(&names, NULL, &m->list);
}

static const struct dropin_file *file_named(const struct dropin *files, const char *name)
{
	for (size_t i = 0; i < files->n; i++)
		if (strcmp(files->items[i].name, name) == 0)
			return &files->items[i];
	return NULL;
}

static int find_masked_in(struct config *c, const struct dropin *read, const char *dir, bool is_policy)
{
	const char *dirs[] = { dir, NULL };
	_cleanup_dropin_ struct dropin files = { 0 };
	int r = dropin_collect(&c->sys->root, dirs, NULL, &files);

	for (size_t i = 0; r == 0 && i < files.n; i++) {
		const struct dropin_file *winner = file_named(read, files.items[i].name);

		if (winner && strcmp(winner->path, files.items[i].path) != 0)
			r = add_masked(c, files.items[i].path, winner->path, is_policy);
	}
	return r;
}

static int find_masked(struct config *c, const struct dropin *read, const char *const *dirs, bool is_policy)
{
	int r = 0;

	for (; *dirs && r == 0; dirs++)
		r = find_masked_in(c, read, *dirs, is_policy);
	return r;
}

/* ---- lines ---- */

/* How lines are put in order: files as they are read, a masked one behind the one that masks it. */
#define RANK_LISTS (UINT64_C(1) << 32)
#define RANK_CMDLINE (UINT64_C(1) << 33)

/* Files in the order of reading, found by their paths. */
struct reading {
	struct dropin files;
	struct map by_path; /* → its item of files */
	uint64_t base;
};

static void reading_done(struct reading *r)
{
	dropin_done(&r->files);
	map_done(&r->by_path);
}

#define _cleanup_reading_ _cleanup_(reading_done)

static int reading_index(struct reading *r)
{
	int e = 0;

	for (size_t i = 0; i < r->files.n && e >= 0; i++)
		e = map_put(&r->by_path, r->files.items[i].path, &r->files.items[i]);
	return e < 0 ? e : 0;
}

static uint64_t rank_in(const struct reading *r, const char *path)
{
	const struct dropin_file *f = map_get(&r->by_path, path);

	/* Debian's /etc/modules comes last. */
	return r->base + 2 * (f ? (size_t)(f - r->files.items) : r->files.n);
}

static int add_line(struct config *c, struct config_line line)
{
	if (vec_room(&c->lines, c->n, &c->cap) < 0)
		return -ENOMEM;
	line.found = c->n;
	c->lines[c->n++] = line;
	return 0;
}

static const char *value_of(struct config *c, const struct policy_entry *e)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	if (e->kind != POLICY_SOFTDEP && e->kind != POLICY_WEAKDEP)
		return e->value;
	for (size_t i = 0; i < e->n_pre; i++)
		buf_addf(&text, "%s%s", i ? " " : e->kind == POLICY_SOFTDEP ? "pre: " : "", e->pre[i]);
	for (size_t i = 0; i < e->n_post; i++)
		buf_addf(&text, "%s%s", i ? " " : e->n_pre ? " post: " : "post: ", e->post[i]);
	return arena_str(&c->strings, buf_str(&text));
}

/* Was the line made by depmod, of what a module says of itself? */
static bool is_by_depmod(const struct config *c, const char *file)
{
	size_t n = strlen(catalog_dir(c->catalog));

	return strncmp(file, catalog_dir(c->catalog), n) == 0 && file[n] == '/';
}

/* files: those that are read; masked: the one that is not, with its rank. */
static int add_policy_lines(struct config *c, const struct policy *p, const struct reading *files,
			    const struct config_masked *masked)
{
	int r = 0;

	for (enum policy_kind kind = 0; kind < POLICY_N; kind++)
		for (size_t i = 0; i < policy_count(p, kind) && r == 0; i++) {
			const struct policy_entry *e = policy_get(p, kind, i);
			struct config_line line = { .directive = policy_kind_name(kind),
						    .name = e->name,
						    .value = value_of(c, e),
						    .file = e->file,
						    .line = e->line,
						    .entry = e };

			line.by_depmod = is_by_depmod(c, e->file);
			if (masked) {
				line.rank = rank_in(files, masked->by) + 1;
				line.effect = CONFIG_MASKED;
				line.by_file = masked->by;
			} else {
				line.rank = strcmp(e->file, CMDLINE_PATH) == 0 ? RANK_CMDLINE : rank_in(files, e->file);
			}
			r = line.value || !e->n_pre ? add_line(c, line) : -ENOMEM;
		}
	return r;
}

static int add_list_lines(struct config *c, const struct modload *list, const struct reading *files,
			  const struct config_masked *masked)
{
	int r = 0;

	for (size_t i = 0; i < list->n && r == 0; i++) {
		const struct modload_entry *e = &list->items[i];
		struct config_line line = {
			.directive = "load", .name = e->name, .value = e->options, .file = e->file, .line = e->line
		};

		line.rank = strcmp(e->file, CMDLINE_PATH) == 0 ? RANK_CMDLINE : rank_in(files, e->file);
		if (masked) {
			line.rank = rank_in(files, masked->by) + 1;
			line.effect = CONFIG_MASKED;
			line.by_file = masked->by;
		}
		r = add_line(c, line);
	}
	return r;
}

static int add_denied(struct config *c, const struct strv *names)
{
	int r = 0;

	for (size_t i = 0; i < names->n && r == 0; i++)
		r = add_line(c, (struct config_line){ .directive = "module_blacklist",
						      .name = names->items[i],
						      .file = CMDLINE_PATH,
						      .rank = RANK_CMDLINE });
	return r;
}

static int by_place(const void *a, const void *b)
{
	const struct config_line *x = a, *y = b;
	int r = (x->rank > y->rank) - (x->rank < y->rank);

	if (r == 0)
		r = strcmp(x->file, y->file);
	if (r == 0)
		r = (x->line > y->line) - (x->line < y->line);
	return r ? r : (x->found > y->found) - (x->found < y->found);
}

static int collect(struct config *c)
{
	_cleanup_reading_ struct reading files = { .base = 2 }, lists = { .base = RANK_LISTS };
	const struct policy_request policy = { .root = c->sys->root, .moduledir = catalog_dir(c->catalog) };
	int r = policy_files(&policy, NULL, &files.files);

	if (r == 0)
		r = dropin_collect(&c->sys->root, modload_default_paths, NULL, &lists.files);
	if (r == 0)
		r = reading_index(&files);
	if (r == 0)
		r = reading_index(&lists);
	if (r == 0)
		r = find_masked(c, &files.files, policy_default_paths, true);
	if (r == 0)
		r = find_masked(c, &lists.files, modload_default_paths, false);
	if (r == 0)
		r = add_policy_lines(c, c->policy, &files, NULL);
	if (r == 0)
		r = add_list_lines(c, &c->list, &lists, NULL);
	if (r == 0)
		r = add_denied(c, &c->denied);
	if (r == 0)
		r = add_denied(c, &c->undenied);
	if (r == 0)
		r = add_denied(c, &c->oversized);
	for (size_t i = 0; r == 0 && i < c->n_masked; i++) {
		const struct config_masked *m = &c->masked[i];

		r = m->policy ? add_policy_lines(c, m->policy, &files, m) : add_list_lines(c, &m->list, &lists, m);
	}
	c->is_whole = c->is_whole && !lists.files.error;
	if (r == 0 && c->n)
		qsort(c->lines, c->n, sizeof(*c->lines), by_place);
	return r;
}

/* ---- opening ---- */

static int newest_release(struct config *c)
{
	_cleanup_strv_ struct strv installed = { 0 };
	int r = releases_installed(&c->sys->root, &installed);
	const char *newest = NULL;

	for (size_t i = 0; r == 0 && i < installed.n; i++)
		if (!newest || strverscmp(installed.items[i], newest) > 0)
			newest = installed.items[i];
	if (r < 0 || !newest)
		return r == -ENOENT ? 0 : r;
	c->release = strdup(newest);
	return c->release ? 0 : -ENOMEM;
}

static int find_release(struct config *c, const char *release, bool is_other_machine)
{
	struct utsname uts;
	int r = 0;

	if (!release && is_other_machine)
		return newest_release(c);
	if (!release) {
		r = kernel_uname(c->sys->kernel, &uts);
		release = uts.release;
	}
	if (r < 0)
		return r;
	c->release = strdup(release);
	return c->release ? 0 : -ENOMEM;
}

static int read_denied(struct config *c)
{
	_cleanup_lockstate_ struct lockstate state = { 0 };
	int r = lockstate_read(&c->sys->root, &state);

	if (r < 0)
		return r;
	c->denied = state.blacklist;
	c->undenied = state.replaced;
	c->oversized = state.oversized;
	state.blacklist = state.replaced = state.oversized = (struct strv){ 0 };
	return 0;
}

static int open_parts(struct config *c)
{
	const struct modload_request names = { .root = c->sys->root };
	struct policy_request lines = { .root = c->sys->root };
	int r = system_open_catalog(c->sys, NULL, c->release ? c->release : "", &c->sys->diag, &c->catalog);

	if (r < 0)
		return r;
	lines.moduledir = catalog_dir(c->catalog);
	r = policy_load(&lines, &c->sys->diag, &c->policy);
	if (r == 0)
		r = modload_read(&names, &c->sys->diag, &c->list);
	if (r == 0)
		r = read_denied(c);
	if (r < 0)
		return r;
	c->is_whole = policy_check(c->policy, NULL) == 0 && !c->list.error;
	c->world = (struct plan_world){ .catalog = c->catalog, .policy = c->policy };
	return collect(c);
}

int config_open(struct sys *sys, const char *release, bool is_other_machine, struct config *ret)
{
	int r;

	*ret = (struct config){ .sys = sys };
	r = find_release(ret, release, is_other_machine);
	if (r == 0)
		r = open_parts(ret);
	if (r < 0) {
		sys_error(sys, "config.open", "could not read the configuration: %s", strerror(-r));
		config_close(ret);
	}
	return r;
}

void config_close(struct config *c)
{
	for (size_t i = 0; i < c->n_masked; i++) {
		free(c->masked[i].path);
		free(c->masked[i].by);
		policy_free(c->masked[i].policy);
		modload_done(&c->masked[i].list);
	}
	free(c->masked);
	free(c->lines);
	free(c->release);
	if (c->catalog)
		catalog_close(c->catalog);
	policy_free(c->policy);
	modload_done(&c->list);
	strv_done(&c->denied);
	strv_done(&c->undenied);
	strv_done(&c->oversized);
	map_done(&c->setters);
	arena_done(&c->strings);
	*c = (struct config){ 0 };
}

const char *config_effect_name(enum config_effect effect)
{
	static const char *const names[] = {
		[CONFIG_COUNTS] = "in-effect",    [CONFIG_PARTLY] = "partly", [CONFIG_OVERRIDDEN] = "overridden",
		[CONFIG_CANCELLED] = "cancelled", [CONFIG_MASKED] = "masked", [CONFIG_IDLE] = "no-effect",
		[CONFIG_UNSURE] = "unknown",
	};

	return names[effect];
}
