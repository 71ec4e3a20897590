/* SPDX-License-Identifier: MIT */
#pragma once

/* A graph of modules drawn as a tree. */

#include <sys/types.h>

#include "verb/tree/depgraph.h"

/* What stands deeper is left out: modules.dep has no such chains, and lines would be wider than any screen. */
#define BRANCH_DEPTH_MAX 64

enum branch_end {
	BRANCH_OPEN,  /* all that it leads to follows below it */
	BRANCH_AGAIN, /* all that it leads to stands below it where it came up first */
	BRANCH_DEEP,  /* what it leads to is too deep */
};

struct branch {
	size_t node;
	const struct dep_edge *edge; /* by which it came up; NULL: a top */
	size_t parent;               /* what visit() returned for the one above; BRANCH_TOP */
	enum branch_end end;
};

#define BRANCH_TOP ((size_t)-1)

/*
 * Calls visit() for the nodes `tops`, n of them, and below each for all that it leads to. What stands below a node is
 * visited once, so that there are no more visits than tops and edges. visit() returns the number of its row, or -errno,
 * which ends the walk.
 */
int branches_walk(const struct depgraph *g, const size_t *tops, size_t n,
		  ssize_t (*visit)(void *data, const struct branch *b), void *data);
/* Which nodes can be reached from these, themselves among them: sets reached[node] of g->n. 0, -ENOMEM. */
int branches_reach(const struct depgraph *g, const size_t *tops, size_t n, bool *reached);
