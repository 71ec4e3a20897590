/* SPDX-License-Identifier: MIT */
#pragma once

/* Which module of a kernel needs which, as a graph: modules.dep, and the softdeps and weakdeps of the configuration. */

#include "base/arena.h"
#include "base/map.h"
#include "decide/plan/world.h"

enum dep_kind {
	DEP_NEEDS, /* modules.dep: it cannot be loaded without */
	DEP_PRE,   /* softdep: loaded before it, if possible */
	DEP_POST,  /* softdep: loaded after it */
	DEP_WEAK,  /* weakdep: it may load this one itself */
};

enum dep_presence { DEP_INSTALLED, DEP_BUILTIN, DEP_ABSENT };

struct dep_edge {
	size_t to; /* number of the node */
	enum dep_kind kind;
};

struct dep_node {
	const char *name;
	const char *path; /* absolute; NULL: it has no file */
	enum dep_presence presence;
	struct dep_edge *edges;
	size_t n, cap;
};

struct depgraph {
	struct dep_node *nodes; /* in the order of the index, then those that others name */
	size_t n, cap;
	struct map by_name; /* name → number + 1 */
	struct arena strings;
};

/*
 * All modules of the world's release, with what is built into the kernel. Of what modules.dep lists for a module, a
 * node has those that it does not need through another one of the list: its direct needs, less those that others of
 * them bring along. soft: softdeps and weakdeps too, unless it needs the module anyway. Costs the product of the
 * lengths of the lists, at most. -ENOENT: the release has no index; -EINVAL: it is damaged; -ENOMEM.
 */
int depgraph_read(const struct plan_world *w, bool soft, struct depgraph *ret);
void depgraph_done(struct depgraph *g);

/* By its normalized name. false: no such node. */
bool depgraph_find(const struct depgraph *g, const char *name, size_t *ret);
/* The same nodes, each with the edges that lead to it in place of those that lead from it. 0, -ENOMEM. */
int depgraph_reverse(struct depgraph *g);

const char *dep_kind_name(enum dep_kind kind); /* "needs", "softdep-pre", "softdep-post", "weakdep" */

#define _cleanup_depgraph_ _cleanup_(depgraph_done)
