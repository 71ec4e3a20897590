// SPDX-License-Identifier: MIT
#include "verb/tree/branches.h"

#include <errno.h>
#include <stdlib.h>

/* A node whose edges are being followed. */
struct level {
	size_t node, row;
	size_t next; /* edge */
};

struct walk {
	const struct depgraph *graph;
	bool *opened; /* what it leads to was visited */
	struct level levels[BRANCH_DEPTH_MAX];
	size_t depth;
	ssize_t (*visit)(void *data, const struct branch *b);
	void *data;
};

static enum branch_end end_of(const struct walk *w, size_t node)
{
	if (w->graph->nodes[node].n == 0)
		return BRANCH_OPEN;
	if (w->opened[node])
		return BRANCH_AGAIN;
	return w->depth < BRANCH_DEPTH_MAX ? BRANCH_OPEN : BRANCH_DEEP;
}

static int visit_node(struct walk *w, size_t node, const struct dep_edge *edge)
{
	const struct branch b = {
		.node = node,
		.edge = edge,
		.parent = w->depth ? w->levels[w->depth - 1].row : BRANCH_TOP,
		.end = end_of(w, node),
	};
	ssize_t row = w->visit(w->data, &b);

	if (row < 0)
		return (int)row;
	if (b.end != BRANCH_OPEN || w->graph->nodes[node].n == 0)
		return 0;
	w->opened[node] = true;
	w->levels[w->depth++] = (struct level){ node, (size_t)row, 0 };
	return 0;
}

static int walk_top(struct walk *w, size_t top)
{
	int r = visit_node(w, top, NULL);

	while (r == 0 && w->depth) {
		struct level *l = &w->levels[w->depth - 1];
		const struct dep_node *n = &w->graph->nodes[l->node];

		if (l->next == n->n) {
			w->depth--;
			continue;
		}
		l->next++;
		r = visit_node(w, n->edges[l->next - 1].to, &n->edges[l->next - 1]);
	}
	return r;
}

int branches_walk(const struct depgraph *g, const size_t *tops, size_t n,
		  ssize_t (*visit)(void *data, const struct branch *b), void *data)
{
	_cleanup_free_ bool *opened = calloc(g->n + 1, sizeof(*opened));
	struct walk w = { .graph = g, .opened = opened, .visit = visit, .data = data };
	int r = opened ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = walk_top(&w, tops[i]);
	return r;
}

int branches_reach(const struct depgraph *g, const size_t *tops, size_t n, bool *reached)
{
	_cleanup_free_ size_t *waiting = calloc(g->n + 1, sizeof(*waiting)); /* each node waits once */
	size_t n_waiting = 0;

	if (!waiting)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (!reached[tops[i]])
			waiting[n_waiting++] = tops[i];
		reached[tops[i]] = true;
	}
	while (n_waiting) {
		const struct dep_node *node = &g->nodes[waiting[--n_waiting]];

		for (size_t k = 0; k < node->n; k++) {
			size_t to = node->edges[k].to;

			if (!reached[to])
				waiting[n_waiting++] = to;
			reached[to] = true;
		}
	}
	return 0;
}
