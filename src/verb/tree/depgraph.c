// SPDX-License-Identifier: MIT
#include "verb/tree/depgraph.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/modname.h"
#include "base/oom.h"
#include "decide/plan/resolve.h"

static const char *const kind_names[] = {
	[DEP_NEEDS] = "needs",
	[DEP_PRE] = "softdep-pre",
	[DEP_POST] = "softdep-post",
	[DEP_WEAK] = "weakdep",
};

const char *dep_kind_name(enum dep_kind kind)
{
	return kind_names[kind];
}

bool depgraph_find(const struct depgraph *g, const char *name, size_t *ret)
{
	uintptr_t place = (uintptr_t)map_get(&g->by_name, name);

	if (!place)
		return false;
	*ret = place - 1;
	return true;
}

/* The node of that name, which is made if there is none. */
static int node_of(struct depgraph *g, const char *name, enum dep_presence presence, size_t *ret)
{
	const char *copy;

	if (depgraph_find(g, name, ret))
		return 0;
	copy = arena_str(&g->strings, name);
	if (!copy || vec_room(&g->nodes, g->n, &g->cap) < 0 ||
	    map_put(&g->by_name, copy, (void *)(uintptr_t)(g->n + 1)) < 0)
		return -ENOMEM;
	g->nodes[g->n] = (struct dep_node){ .name = copy, .presence = presence };
	*ret = g->n++;
	return 0;
}

static int add_edge(struct dep_node *n, size_t to, enum dep_kind kind)
{
	for (size_t i = 0; kind != DEP_NEEDS && i < n->n; i++)
		if (n->edges[i].to == to)
			return 0;
	if (vec_room(&n->edges, n->n, &n->cap) < 0)
		return -ENOMEM;
	n->edges[n->n++] = (struct dep_edge){ to, kind };
	return 0;
}

/* ---- the nodes ---- */

struct reading {
	const struct plan_world *world;
	struct depgraph *graph;
};

static int add_module(void *data, const char *key, const char *value _unused_, uint32_t priority _unused_)
{
	const struct reading *r = data;
	_cleanup_free_ char *path = NULL;
	size_t node;
	int e = node_of(r->graph, key, DEP_INSTALLED, &node);

	if (e == 0)
		e = world_path(r->world, key, &path);
	if (e == 0 && path && !(r->graph->nodes[node].path = arena_str(&r->graph->strings, path)))
		e = -ENOMEM;
	return e;
}

static int add_builtin(void *data, const char *key, const char *value _unused_, uint32_t priority _unused_)
{
	const struct reading *r = data;
	size_t node;

	return node_of(r->graph, key, DEP_BUILTIN, &node);
}

static int read_nodes(struct reading *r)
{
	const struct index_reader *dep = catalog_reader(r->world->catalog, CATALOG_DEP);
	const struct index_reader *builtin = catalog_reader(r->world->catalog, CATALOG_BUILTIN);
	int e = dep ? index_reader_walk(dep, add_module, r) : -ENOENT;

	return e == 0 && builtin ? index_reader_walk(builtin, add_builtin, r) : e;
}

/* ---- what modules.dep says ---- */

static int read_needs(const struct reading *r, size_t node)
{
	struct plan_modules list = { 0 };
	size_t to;
	int e = world_dependencies(r->world, r->graph->nodes[node].name, &list);

	/* Its load order; people look for the nearest first. */
	for (size_t i = list.n; e == 0 && i > 0; i--) {
		e = node_of(r->graph, list.items[i - 1].name, DEP_ABSENT, &to);
		if (e == 0 && to != node)
			e = add_edge(&r->graph->nodes[node], to, DEP_NEEDS);
	}
	plan_modules_done(&list);
	return e;
}

/* For each node what modules.dep lists for it, as a set: sorted numbers. */
struct closure {
	size_t *items;
	size_t n;
};

static int compare_numbers(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool closure_has(const struct closure *c, size_t node)
{
	return c->n && bsearch(&node, c->items, c->n, sizeof(node), compare_numbers);
}

static int read_closures(const struct depgraph *g, struct closure *into)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct dep_node *n = &g->nodes[i];

		if (n->n == 0)
			continue;
		into[i].items = calloc(n->n, sizeof(size_t));
		if (!into[i].items)
			return -ENOMEM;
		for (size_t k = 0; k < n->n; k++)
			into[i].items[into[i].n++] = n->edges[k].to;
		qsort(into[i].items, into[i].n, sizeof(size_t), compare_numbers);
	}
	return 0;
}

/* What a node needs through the k-th of its edges gets its number + 1 as a mark. */
static void mark_brought(const struct depgraph *g, const struct closure *closures, size_t node, size_t k, size_t *marks)
{
	size_t via = g->nodes[node].edges[k].to;

	/* Of a circle, which only a damaged index has, nothing must get lost. */
	if (closure_has(&closures[via], node))
		return;
	for (size_t i = 0; i < closures[via].n; i++) {
		size_t brought = closures[via].items[i];

		if (brought != via && !(closure_has(&closures[brought], via) && marks[via] == node + 1))
			marks[brought] = node + 1;
	}
}

static int drop_brought(struct depgraph *g)
{
	_cleanup_free_ struct closure *closures = calloc(g->n + 1, sizeof(*closures));
	_cleanup_free_ size_t *marks = calloc(g->n + 1, sizeof(*marks));
	int r = closures && marks ? read_closures(g, closures) : -ENOMEM;

	for (size_t i = 0; r == 0 && i < g->n; i++) {
		struct dep_node *n = &g->nodes[i];
		size_t kept = 0;

		for (size_t k = 0; k < n->n; k++)
			mark_brought(g, closures, i, k, marks);
		for (size_t k = 0; k < n->n; k++)
			if (marks[n->edges[k].to] != i + 1)
				n->edges[kept++] = n->edges[k];
		n->n = kept;
	}
	for (size_t i = 0; closures && i < g->n; i++)
		free(closures[i].items);
	return r;
}

/* ---- what the configuration says ---- */

/* A softdep is on a name or an alias, which may stand for several modules. */
static int add_soft(const struct reading *r, size_t node, const char *written, enum dep_kind kind)
{
	_cleanup_candidates_ struct candidates found = { 0 };
	char name[MODNAME_MAX];
	size_t to;
	int e = only_oom(resolve(r->world, written, &found));

	for (size_t i = 0; e == 0 && i < found.n; i++) {
		e = node_of(r->graph, found.items[i].name, found.items[i].builtin ? DEP_BUILTIN : DEP_ABSENT, &to);
		if (e == 0 && to != node)
			e = add_edge(&r->graph->nodes[node], to, kind);
	}
	if (e < 0 || found.n || modname_normalize(written, name) < 0)
		return e;
	e = node_of(r->graph, name, DEP_ABSENT, &to);
	return e < 0 ? e : add_edge(&r->graph->nodes[node], to, kind);
}

static int add_softs(const struct reading *r, size_t node, const char *const *names, size_t n, enum dep_kind kind)
{
	int e = 0;

	for (size_t i = 0; e == 0 && i < n; i++)
		e = add_soft(r, node, names[i], kind);
	return e;
}

static int read_softs(const struct reading *r, size_t node)
{
	const char *name = r->graph->nodes[node].name;
	const struct policy_entry *soft = policy_match(r->world->policy, POLICY_SOFTDEP, name);
	const struct policy_entry *weak = policy_match(r->world->policy, POLICY_WEAKDEP, name);
	int e = 0;

	if (soft)
		e = add_softs(r, node, soft->pre, soft->n_pre, DEP_PRE);
	if (e == 0 && soft)
		e = add_softs(r, node, soft->post, soft->n_post, DEP_POST);
	if (e == 0 && weak)
		e = add_softs(r, node, weak->pre, weak->n_pre, DEP_WEAK);
	return e;
}

/* ---- the graph ---- */

int depgraph_read(const struct plan_world *w, bool soft, struct depgraph *ret)
{
	struct reading reading = { w, ret };
	size_t n;
	int r;

	*ret = (struct depgraph){ 0 };
	r = read_nodes(&reading);
	n = ret->n;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = read_needs(&reading, i);
	if (r == 0)
		r = drop_brought(ret);
	for (size_t i = 0; soft && r == 0 && i < n; i++)
		r = read_softs(&reading, i);
	if (r < 0)
		depgraph_done(ret);
	return r;
}

int depgraph_reverse(struct depgraph *g)
{
	struct dep_node *turned = calloc(g->n + 1, sizeof(*turned));
	int r = turned ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < g->n; i++)
		for (size_t k = 0; r == 0 && k < g->nodes[i].n; k++) {
			struct dep_node *n = &turned[g->nodes[i].edges[k].to];

			r = vec_room(&n->edges, n->n, &n->cap);
			if (r == 0)
				n->edges[n->n++] = (struct dep_edge){ i, g->nodes[i].edges[k].kind };
		}
	for (size_t i = 0; turned && i < g->n; i++) {
		struct dep_node *n = &g->nodes[i];

		free(r == 0 ? n->edges : turned[i].edges);
		if (r < 0)
			continue;
		n->edges = turned[i].edges;
		n->n = turned[i].n;
		n->cap = turned[i].cap;
	}
	free(turned);
	return r;
}

void depgraph_done(struct depgraph *g)
{
	for (size_t i = 0; i < g->n; i++)
		free(g->nodes[i].edges);
	free(g->nodes);
	map_done(&g->by_name);
	arena_done(&g->strings);
	*g = (struct depgraph){ 0 };
}
