// SPDX-License-Identifier: MIT
#include "decide/plan/graph.h"

#include <errno.h>

struct graph_build {
	const struct plan_world *w;
	const struct plan *plan;
	struct graph *graph;
};

void graph_done(struct graph *g)
{
	for (size_t i = 0; i < g->n; i++)
		free(g->nodes[i].after);
	free(g->nodes);
	map_done(&g->by_name);
	*g = (struct graph){ 0 };
}

/* Node number + 1; 0: the plan has no such module. */
static size_t find(const struct graph *g, const char *name)
{
	return (size_t)(uintptr_t)map_get(&g->by_name, name);
}

bool graph_find(const struct graph *g, const char *name, size_t *ret)
{
	size_t number = find(g, name);

	if (number)
		*ret = number - 1;
	return number;
}

static int add_nodes(struct graph_build *b)
{
	struct graph *g = b->graph;

	for (size_t i = 0; i < b->plan->n; i++) {
		const char *name = b->plan->steps[i].name;

		if (find(g, name))
			continue;
		if (vec_room(&g->nodes, g->n, &g->cap) < 0)
			return -ENOMEM;
		g->nodes[g->n++] = (struct graph_node){ .step = i };
		if (map_put(&g->by_name, name, (void *)(uintptr_t)g->n) < 0)
			return -ENOMEM;
	}
	return 0;
}

/*
 * first and later: node number + 1. Edges against the plan's order would close a loop and are omitted. merge() removes
 * what is there twice.
 */
static int add_edge(struct graph_build *b, size_t first, size_t later, bool hard)
{
	struct graph_node *node = &b->graph->nodes[later - 1];

	if (!first || !later || first >= later)
		return 0;
	if (vec_room(&node->after, node->n_after, &node->cap_after) < 0)
		return -ENOMEM;
	node->after[node->n_after++] = (struct graph_edge){ first - 1, hard };
	return 0;
}

static int add_hard_edges(struct graph_build *b, size_t number)
{
	const char *name = b->plan->steps[b->graph->nodes[number - 1].step].name;
	_cleanup_(plan_modules_done) struct plan_modules deps = { 0 };
	int r = world_dependencies(b->w, name, &deps);

	for (size_t i = 0; i < deps.n && r >= 0; i++)
		r = add_edge(b, find(b->graph, deps.items[i].name), number, true);
	return r;
}

static int add_soft_edge(struct graph_build *b, const struct plan_step *s)
{
	size_t own = find(b->graph, s->name), origin = s->origin ? find(b->graph, s->origin) : 0;

	if (!origin)
		return 0;
	if (s->reason == PLAN_SOFTDEP_PRE)
		return add_edge(b, own, origin, false);
	return s->reason == PLAN_SOFTDEP_POST ? add_edge(b, origin, own, false) : 0;
}

/*
 * Each edge once, in the place of its first mention: the first dependency that failed is the one that is reported.
 * The place of an edge counts only if that edge is there, so places left by other nodes are harmless.
 */
static void merge_edges(struct graph_node *node, size_t *places)
{
	size_t n = 0;

	for (size_t i = 0; i < node->n_after; i++) {
		const struct graph_edge e = node->after[i];
		size_t at = places[e.node];

		if (at < n && node->after[at].node == e.node) {
			node->after[at].hard |= e.hard;
			continue;
		}
		places[e.node] = n;
		node->after[n++] = e;
	}
	node->n_after = n;
}

static int merge(struct graph *g)
{
	_cleanup_free_ size_t *places = calloc(g->n + 1, sizeof(*places));

	for (size_t i = 0; i < g->n && places; i++)
		merge_edges(&g->nodes[i], places);
	return places ? 0 : -ENOMEM;
}

int plan_graph(const struct plan_world *w, const struct plan *p, struct graph *ret)
{
	struct graph g = { 0 };
	struct graph_build b = { .w = w, .plan = p, .graph = &g };
	int r = add_nodes(&b);

	for (size_t i = 0; i < g.n && r >= 0; i++)
		r = add_hard_edges(&b, i + 1);
	for (size_t i = 0; i < p->n && r >= 0; i++)
		r = add_soft_edge(&b, &p->steps[i]);
	if (r >= 0)
		r = merge(&g);
	if (r < 0)
		graph_done(&g);
	else
		*ret = g;
	return r;
}
