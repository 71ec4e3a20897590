// SPDX-License-Identifier: MIT
/* kmodctl tree: what modules need, and who needs them. */
#include "face/kmodctl/tree.h"

#include <errno.h>
#include <string.h>

#include "base/modname.h"
#include "decide/plan/resolve.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/display.h"
#include "face/common/report.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/grid.h"
#include "face/kmodctl/status.h"
#include "read/index/similar.h"
#include "verb/tree/branches.h"

enum { COL_NAME, COL_RELATION, COL_STATE, COL_FILE, COLS };

static enum look state_look(const struct table_cell *cell)
{
	if (!cell->text)
		return LOOK_PLAIN;
	return strcmp(cell->text, "loaded") == 0 || strcmp(cell->text, "built-in") == 0 ? LOOK_GOOD :
	       strcmp(cell->text, "not-installed") == 0                                 ? LOOK_BAD :
	       strcmp(cell->text, "not-loaded") == 0                                    ? LOOK_PLAIN :
											  LOOK_WARN;
}

static const struct grid_column columns[COLS] = {
	[COL_NAME] = { .cell = { .title = "NAME", .key = "name" } },
	[COL_RELATION] = { .cell = { .title = "RELATION", .key = "relation" } },
	[COL_STATE] = { .cell = { .title = "STATE", .key = "state" }, .look = state_look },
	[COL_FILE] = { .cell = { .title = "FILE", .key = "file" }, .hidden = true },
};

enum { OPT_DOT = 2000, OPT_SVG };

struct values {
	struct grid_options grid;
	const char *release;
	bool reverse, soft, dot, svg;
};

/* What was asked for, by the numbers of its nodes. */
struct tops {
	size_t *items;
	size_t n, cap;
	bool missing; /* a name stands for nothing */
};

/* ---- names ---- */

static int add_top(struct tops *t, size_t node)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->items[i] == node)
			return 0;
	if (vec_room(&t->items, t->n, &t->cap) < 0)
		return -ENOMEM;
	t->items[t->n++] = node;
	return 0;
}

static int report_unknown(struct env *env, const struct running *running, const char *name, struct tops *t)
{
	_cleanup_buf_ struct buf hint = BUF_INIT;
	int r = similar_hint(running->catalog, name, &hint);

	if (r < 0)
		return r;
	t->missing = true;
	report_error(env, "tree.unknown", "kernel %s has no module '%s'%s", running->uts.release, name, buf_str(&hint));
	return 0;
}

/* A module, or an alias, which may stand for several. */
static int add_name(struct env *env, const struct running *running, const struct depgraph *g, const char *word,
		    struct tops *t)
{
	_cleanup_candidates_ struct candidates found = { 0 };
	char name[MODNAME_MAX];
	size_t node, had = t->n;
	int r;

	if (modname_normalize(word, name) == 0 && depgraph_find(g, name, &node))
		return add_top(t, node);
	r = resolve(&running->world, word, &found);
	r = r == -EINVAL || r == -ENAMETOOLONG ? 0 : r; /* nothing has such a name */
	for (size_t i = 0; r == 0 && i < found.n; i++)
		if (depgraph_find(g, found.items[i].name, &node))
			r = add_top(t, node);
	return r == 0 && t->n == had ? report_unknown(env, running, word, t) : r;
}

/* ---- the tree ---- */

struct drawing {
	const struct tree_view *view;
	struct grid *grid;
};

static ssize_t add_branch(void *data, const struct branch *b)
{
	static const char *const ends[] = {
		[BRANCH_OPEN] = "", [BRANCH_AGAIN] = " (see above)", [BRANCH_DEEP] = " (and more)"
	};
	const struct drawing *d = data;
	const struct dep_node *n = &d->view->graph->nodes[b->node];
	_cleanup_buf_ struct buf name = BUF_INIT;
	int r = buf_addf(&name, "%s%s", n->name, ends[b->end]);

	const struct table_cell cells[COLS] = {
		[COL_NAME] = { .text = buf_str(&name) },
		[COL_RELATION] = { .text = b->edge ? dep_kind_name(b->edge->kind) : NULL },
		[COL_STATE] = { .text = tree_state(d->view, n) },
		[COL_FILE] = { .text = n->path },
	};

	if (r == 0)
		r = grid_add(d->grid, b->parent == BRANCH_TOP ? GRID_ROOT : b->parent, cells);
	return r < 0 ? r : (ssize_t)d->grid->n - 1;
}

static int print_tree(struct env *env, const struct values *v, const struct tree_view *view)
{
	_cleanup_grid_ struct grid g = GRID_INIT(columns);
	struct drawing d = { view, &g };
	int r = branches_walk(view->graph, view->tops, view->n_tops, add_branch, &d);

	g.tree = true;
	return r < 0 ? r : grid_print(env, &g, &v->grid, "modules");
}

/* ---- the answer ---- */

static int print_dot(struct env *env, const struct tree_view *view)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	tree_dot(view, &text);
	if (buf_error(&text) < 0)
		return -ENOMEM;
	fputs(buf_str(&text), env->out);
	return 0;
}

static void print_json(struct env *env, const struct tree_view *view)
{
	struct json j;

	answer_open(env, &j);
	tree_json(view, &j);
	answer_close(env, &j);
}

/* Without names: the modules, and what is linked with one. */
static void show_whole(const struct depgraph *g, bool *shown)
{
	for (size_t i = 0; i < g->n; i++) {
		shown[i] = shown[i] || g->nodes[i].presence == DEP_INSTALLED;
		for (size_t k = 0; k < g->nodes[i].n; k++)
			shown[i] = shown[g->nodes[i].edges[k].to] = true;
	}
}

/* An exit status. */
static int print(struct env *env, const struct values *v, struct tree_view *view, bool is_whole)
{
	_cleanup_free_ bool *shown = calloc(view->graph->n + 1, sizeof(*shown));
	int r = shown ? branches_reach(view->graph, view->tops, view->n_tops, shown) : -ENOMEM;

	view->shown = shown;
	if (r == 0 && is_whole)
		show_whole(view->graph, shown);
	if (r == 0 && v->svg)
		return tree_svg(env, view) < 0 ? STATUS_NO : STATUS_YES;
	if (r == 0 && v->dot)
		r = print_dot(env, view);
	else if (r == 0 && v->grid.json)
		print_json(env, view);
	else if (r == 0)
		r = print_tree(env, v, view);
	if (r < 0)
		report_error(env, "tree.print", "could not print the graph: %s", strerror(-r));
	return r < 0 ? STATUS_UNKNOWN : STATUS_YES;
}

static int read_graph(struct env *env, const struct values *v, const struct running *running, struct depgraph *ret)
{
	int r = depgraph_read(&running->world, v->soft, ret);

	if (r == 0 && v->reverse)
		r = depgraph_reverse(ret);
	if (r == -ENOENT)
		report_error(env, "tree.no-index",
			     "%s has no index of modules: run depmod %s, or choose another kernel with -k",
			     catalog_dir(running->catalog), running->uts.release);
	else if (r < 0)
		report_error(env, "tree.read", "could not read the dependencies of the modules in %s: %s",
			     catalog_dir(running->catalog), r == -EINVAL ? "the index is damaged" : strerror(-r));
	return r;
}

static int answer(struct env *env, const struct values *v, int argc, char **argv)
{
	_cleanup_running_ struct running running = { 0 };
	_cleanup_depgraph_ struct depgraph graph = { 0 };
	struct tops tops = { 0 };
	struct tree_view view = { .running = &running, .graph = &graph, .reverse = v->reverse, .soft = v->soft };
	int r = running_open_release(&env->sys, v->release, &running), status;

	if (r == 0)
		r = read_graph(env, v, &running, &graph);
	if (r < 0)
		return STATUS_UNKNOWN;
	for (int i = 0; r == 0 && i < argc; i++)
		r = add_name(env, &running, &graph, argv[i], &tops);
	view.tops = tops.items;
	view.n_tops = tops.n;
	view.has_live = running.world.live && root_exists(&env->sys.root, "/sys/module");
	if (r < 0)
		report_error(env, "tree.read", "could not look up the modules: %s", strerror(-r));
	status = r < 0                                    ? STATUS_UNKNOWN :
		 tops.missing && !tops.n && !v->grid.json ? STATUS_NO :
							    print(env, v, &view, argc == 0);
	free(tops.items);
	return status == STATUS_YES && tops.missing ? STATUS_NO : status;
}

/* ---- the command ---- */

static int set(struct env *env, void *values, int id, const char *arg)
{
	struct values *v = values;

	if (grid_set(env, &v->grid, id, arg))
		return 0;
	switch (id) {
	case 'k':
		v->release = arg;
		break;
	case 'r':
		v->reverse = true;
		break;
	case 's':
		v->soft = true;
		break;
	case OPT_DOT:
		v->dot = true;
		break;
	case OPT_SVG:
		v->svg = true;
		break;
	}
	return 0;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const struct grid g = GRID_INIT(columns);
	const struct values *v = values;
	int forms = v->dot + v->svg + v->grid.json;

	if (forms > 1)
		report_error(env, "tree.arguments", "choose one of --dot, --svg and --json");
	else if (argc == 0 && !forms)
		report_error(env, "tree.arguments",
			     "give modules, or ask for the whole kernel with --dot, --svg or --json; see --help");
	else if (grid_check(env, &g, &v->grid) == 0) {
		if (!forms) /* a picture is no text to be broken into lines */
			display_page(env);
		if (!v->svg)
			command_confine(env, 0);
		return answer(env, v, argc, argv);
	}
	return STATUS_USAGE;
}

int cmd_tree(struct env *env, int argc, char **argv)
{
	static const char *const usage[] = { "[options] MODULE|ALIAS...", "[options] --dot|--svg|--json", NULL };
	static const struct cli_option options[] = {
		{ 'r', "reverse", NULL, "draw who needs them", NULL, 0 },
		{ 's', "soft", NULL, "follow softdeps and weakdeps too", NULL, 0 },
		{ 'k', "kernel", "VERSION", "kernel version (default: the running one)", NULL, 0 },
		{ OPT_DOT, "dot", NULL, "print the graph in the language of Graphviz", NULL, 0 },
		{ OPT_SVG, "svg", NULL, "print a picture of it, drawn by Graphviz", NULL, 0 },
		GRID_OPTIONS,
		CLI_VERBOSE,
		{ 0 },
	};
	static const struct cli cli = {
		.usage = usage,
		.summary = "Draw what modules need, as a tree. What a module needs is drawn once; where it\n"
			   "comes up again, it is (see above). What it needs through others is below these.",
		.options = options,
		.set = set,
		.run = run,
		.wrong_usage = STATUS_USAGE,
		.epilog = "Columns: NAME RELATION STATE FILE. Without modules: the whole kernel.\n\n" STATUS_HELP(
			"done", "a module is not known, or Graphviz is missing or fails",
			STATUS_ROW(3, "the index could not be read")),
	};
	struct values v = { 0 };

	return cli_main(env, &cli, argc, argv, &v);
}
