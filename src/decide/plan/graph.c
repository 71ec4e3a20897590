// SPDX-License-Identifier: MIT
#include "decide/plan/graph.h"

#include <errno.h>
#include <string.h>

#include "base/map.h"

struct graph_build {
	const struct plan_world *w;
	const struct plan *plan;
	struct graph *graph;
	struct map by_name; /* module name → node number + 1 */
};

void graph_done(struct graph *g)
{
	for (size_t i = 0; i < g->n; i++)
		free(g->nodes[i].after);
	free(g->nodes);
	*g = (struct graph){ 0 };
}

bool graph_find(const struct graph *g, const struct plan *p, const char *name, size_t *ret)
{
	for (size_t i = 0; i < g->n; i++) {
		if (strcmp(p->steps[g->nodes[i].step].name, name) != 0)
			continue;
		*ret = i;
		return true;
	}
	return false;
}

/* Node number + 1; 0: the plan has no such module. */
static size_t find(const struct graph_build *b, const char *name)
{
	return (size_t)(uintptr_t)map_get(&b->by_name, name);
}

static int add_nodes(struct graph_build *b)
{
	struct graph *g = b->graph;

	for (size_t i = 0; i < b->plan->n; i++) {
		const char *name = b->plan->steps[i].name;

		if (find(b, name))
			continue;
		if (vec_room(&g->nodes, g->n, &g->cap) < 0)
			return -ENOMEM;
		g->nodes[g->n++] = (struct graph_node){ .step = i };
		if (map_put(&b->by_name, name, (void *)(uintptr_t)g->n) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* first and later: node number + 1. Edges against the plan's order would close a loop and are omitted. */
static int add_edge(struct graph_build *b, size_t first, size_t later, bool hard)
{
	struct graph_node *node = &b->graph->nodes[later - 1];

	if (!first || !later || first >= later)
		return 0;
	for (size_t i = 0; i < node->n_after; i++) {
		if (node->after[i].node != first - 1)
			continue;
		node->after[i].hard |= hard;
		return 0;
	}
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
		r = add_edge(b, find(b, deps.items[i].name), number, true);
	return r;
}

static int add_soft_edge(struct graph_build *b, const struct plan_step *s)
{
	size_t own = find(b, s->name), origin = s->origin ? find(b, s->origin) : 0;

	if (!origin)
		return 0;
	if (s->reason == PLAN_SOFTDEP_PRE)
		return add_edge(b, own, origin, false);
	return s->reason == PLAN_SOFTDEP_POST ? add_edge(b, origin, own, false) : 0;
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
	map_done(&b.by_name);
	if (r < 0)
		graph_done(&g);
	else
		*ret = g;
	return r;
}
