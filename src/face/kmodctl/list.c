// SPDX-License-Identifier: MIT
/* kmodctl list: the loaded modules. */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "face/common/cli.h"
#include "face/common/report.h"
#include "face/common/say.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/grid.h"
#include "face/kmodctl/status.h"
#include "verb/list/loaded.h"

enum {
	COL_NAME,
	COL_SIZE,
	COL_USES,
	COL_USERS,
	COL_STATE,
	COL_TAINT,
	COL_PLACE,
	COL_VERSION,
	COL_FILE,
	COL_PERMANENT,
	COLS
};

static enum look taint_look(const struct table_cell *cell)
{
	return cell->text ? LOOK_WARN : LOOK_PLAIN;
}

static const struct grid_column columns[COLS] = {
	[COL_NAME] = { .cell = { .title = "NAME", .key = "name" } },
	[COL_SIZE] = { .cell = { .title = "SIZE", .key = "size", .kind = TABLE_NUMBER } },
	[COL_USES] = { .cell = { .title = "USES", .key = "uses", .kind = TABLE_NUMBER } },
	[COL_USERS] = { .cell = { .title = "USED-BY", .key = "used_by", .kind = TABLE_LIST }, .elastic = true },
	[COL_STATE] = { .cell = { .title = "STATE", .key = "state" }, .hidden = true },
	[COL_TAINT] = { .cell = { .title = "TAINT", .key = "taint" }, .look = taint_look },
	[COL_PLACE] = { .cell = { .title = "PLACE", .key = "place" }, .hidden = true },
	[COL_VERSION] = { .cell = { .title = "VERSION", .key = "version" }, .hidden = true },
	[COL_FILE] = { .cell = { .title = "FILE", .key = "file" }, .hidden = true },
	[COL_PERMANENT] = { .cell = { .title = "PERMANENT", .key = "permanent", .kind = TABLE_BOOL }, .hidden = true },
};

struct values {
	struct grid_options grid;
	struct loaded_filter filter;
	bool filtered, tree;
};

static void values_done(struct values *v)
{
	strv_done(&v->filter.patterns);
}

#define _cleanup_values_ _cleanup_(values_done)

/* ---- rows ---- */

static const char *users_text(const struct live_module *m, struct buf *into)
{
	for (size_t i = 0; i < m->n_users; i++)
		buf_addf(into, "%s%s", i ? "," : "", m->users[i]);
	return buf_str(into);
}

static int add_row(struct grid *g, const struct loaded_module *m, size_t parent, bool is_again)
{
	_cleanup_buf_ struct buf users = BUF_INIT, name = BUF_INIT;
	const struct live_module *l = m->live;

	buf_addf(&name, "%s%s", l->name, is_again ? " (see above)" : "");
	const struct table_cell cells[COLS] = {
		[COL_NAME] = { .text = buf_str(&name) },
		[COL_SIZE] = { .number = l->size },
		[COL_USES] = { .number = l->refcnt < 0 ? 0 : (uint64_t)l->refcnt,
			       .is_unknown = !l->has_refcnt || l->refcnt < 0 },
		[COL_USERS] = { .text = users_text(l, &users) },
		[COL_STATE] = { .text = live_state_name(l->state) },
		[COL_TAINT] = { .text = l->taint },
		[COL_PLACE] = { .text = m->place },
		[COL_VERSION] = { .text = m->version },
		[COL_FILE] = { .text = m->path },
		[COL_PERMANENT] = { .number = l->permanent },
	};

	if (buf_error(&users) < 0 || buf_error(&name) < 0)
		return -ENOMEM;
	return grid_add(g, parent, cells);
}

static ssize_t add_branch(void *data, const struct loaded_module *m, size_t parent, bool is_again)
{
	struct grid *g = data;
	int r = add_row(g, m, parent == LOADED_TOP ? GRID_ROOT : parent, is_again);

	return r < 0 ? r : (ssize_t)g->n - 1;
}

static int fill(struct grid *g, const struct values *v, const struct loaded *l)
{
	int r = 0;

	if (v->tree && !v->grid.json) {
		g->tree = true;
		return loaded_walk(l, add_branch, g);
	}
	for (size_t i = 0; r == 0 && i < l->n; i++)
		r = add_row(g, &l->items[i], GRID_ROOT, false);
	return r;
}

/* ---- the command ---- */

static int add_filter(struct env *env, struct values *v, const char *word)
{
	int r = loaded_filter_add(&v->filter, word);

	v->filtered = true;
	if (r == -ENOMEM)
		report_error(env, "list.memory", "out of memory");
	else if (r < 0)
		report_error(env, "list.filter", "'%s' is not a pattern of module names", word);
	return r;
}

static int set(struct env *env, void *values, int id, const char *arg)
{
	struct values *v = values;

	if (grid_set(env, &v->grid, id, arg))
		return 0;
	if (id == 'f')
		return add_filter(env, v, arg) < 0 ? -EINVAL : 0;
	v->tree = true;
	return 0;
}

static int print(struct env *env, const struct values *v, const struct loaded *l)
{
	_cleanup_grid_ struct grid g = GRID_INIT(columns);
	int r = fill(&g, v, l);

	if (r == 0)
		r = grid_print(env, &g, &v->grid, "modules");
	if (r < 0)
		report_error(env, "list.print", "could not print the modules: %s", strerror(-r));
	return r;
}

/* Why the list is empty, also as a message of the answer in JSON: an empty one alone would hide a mistyped name. */
static void tell_none(struct env *env, const struct values *v)
{
	_cleanup_buf_ struct buf hint = BUF_INIT;

	if (v->filtered && loaded_filter_hint(&env->sys, &v->filter, &hint) < 0)
		return;
	if (v->grid.json && v->filtered)
		report_warning(env, "list.none", "no loaded module matches%s", buf_str(&hint));
	else if (v->filtered)
		say(env->err, "No loaded module matches%s.\n", buf_str(&hint));
	else if (!v->grid.json)
		say(env->err, "No module is loaded.\n");
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	_cleanup_loaded_ struct loaded loaded = { 0 };
	const struct grid g = GRID_INIT(columns);
	struct values *v = values;

	for (int i = 0; i < argc; i++)
		if (add_filter(env, v, argv[i]) < 0)
			return STATUS_USAGE;
	if (grid_check(env, &g, &v->grid) < 0)
		return STATUS_USAGE;
	display_page(env);
	if (loaded_read(&env->sys, &v->filter, &loaded) < 0)
		return STATUS_UNKNOWN;
	if (!loaded.n)
		tell_none(env, v);
	if (print(env, v, &loaded) < 0)
		return STATUS_UNKNOWN;
	return loaded.n || !v->filtered ? STATUS_YES : STATUS_NO;
}

int cmd_list(struct env *env, int argc, char **argv)
{
	static const char *const usage[] = { "[options] [FILTER...]", NULL };
	static const struct cli_option options[] = {
		{ 'f', "filter", "FILTER", "list only modules that match (repeatable)", NULL, 0 },
		{ 't', "tree", NULL, "draw what each module uses below it", NULL, 0 },
		GRID_OPTIONS,
		CLI_VERBOSE,
		{ 0 },
	};
	static const struct cli cli = {
		.usage = usage,
		.summary = "List the loaded modules.",
		.options = options,
		.set = set,
		.run = run,
		.wrong_usage = STATUS_USAGE,
		.epilog = "FILTER is the name of a module, with the wildcards * ? [], or one of tainted,\n"
			  "unsigned, out-of-tree, unused. A module is listed if one of the names matches\n"
			  "it, and all of these words hold.\n"
			  "Columns: NAME SIZE USES USED-BY TAINT STATE PLACE VERSION FILE PERMANENT.\n\n" STATUS_HELP(
				  "done", "no module matches", STATUS_ROW(3, "the kernel's modules could not be read")),
	};
	_cleanup_values_ struct values v = { 0 };

	return cli_main(env, &cli, argc, argv, &v);
}
