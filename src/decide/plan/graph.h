/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The partial order behind a plan of several requests: one node per module, each with the nodes that must have ended
 * before it. Hard dependencies must have succeeded; softdeps only determine the order. There are no cycles: an edge
 * exists only in the direction of the plan's own order.
 */

#include "base/map.h"
#include "decide/plan/plan.h"
#include "decide/plan/world.h"

struct graph_edge {
	size_t node;
	bool hard; /* its failure makes this one impossible */
};

struct graph_node {
	size_t step; /* the module's first step in the plan */
	struct graph_edge *after;
	size_t n_after, cap_after;
};

struct graph {
	struct graph_node *nodes; /* in plan order */
	size_t n, cap;
	struct map by_name; /* module name, of the plan → node number + 1 */
};

/* A module built into the kernel has a node too. The plan must outlive the graph. 0 or -ENOMEM. */
int plan_graph(const struct plan_world *w, const struct plan *p, struct graph *ret);
/* The node of a module; false: the plan has no step for it. */
bool graph_find(const struct graph *g, const char *name, size_t *ret);
void graph_done(struct graph *g);

#define _cleanup_graph_ _cleanup_(graph_done)
