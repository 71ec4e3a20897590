/* SPDX-License-Identifier: MIT */
#pragma once

/* The graph of dependencies: numbering, transitive dependencies and cycles. Pure: numbers in, numbers out. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Direct dependencies of module m: deps[first[m]] .. deps[first[m + 1] - 1], each once, in order of appearance. */
struct graph {
	uint32_t n;
	const uint32_t *first; /* n + 1 */
	const uint32_t *deps;
};

#define GRAPH_UNNUMBERED UINT32_MAX

/*
 * The topological walk that gives modules.dep its order: users have smaller numbers than what they use.
 * Modules on a cycle, and all that only they need, get no number.
 */
struct graph_order {
	uint32_t *number;    /* of each module */
	uint32_t *by_number; /* its inverse */
	uint32_t n_numbered;
};

int graph_number(const struct graph *g, struct arena *arena, struct graph_order *ret);

/* Scratch memory for graph_closure(), which may be called for any number of modules. */
struct graph_closure {
	uint64_t *seen; /* one bit per number */
	uint32_t *stack;
	uint32_t *list; /* the result */
};

int graph_closure_init(const struct graph *g, struct arena *arena, struct graph_closure *ret);
/* c->list: everything that m needs, directly or not, by ascending number. Returns how many. All must be numbered. */
uint32_t graph_closure(const struct graph *g, const struct graph_order *order, struct graph_closure *c, uint32_t m);
