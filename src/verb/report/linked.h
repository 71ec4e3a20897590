/* SPDX-License-Identifier: MIT */
#pragma once

/* Which of the loaded modules needs which, by the indexes and the softdeps and weakdeps: what fits into a picture. */

#include "system/system.h"
#include "verb/list/loaded.h"
#include "verb/tree/depgraph.h"

/* More of them are not drawn: Graphviz takes seconds for so many, and few people read more. */
#define LINKED_MODULES_MAX 400
#define LINKED_EDGES_MAX 800

struct linked {
	struct depgraph graph; /* of the release */
	bool *shown;           /* of each of its nodes: it is loaded, and linked with another such */
	size_t n, n_edges;     /* of those that are shown */
	int error;             /* -errno: the graph could not be read; -ENOENT: the release has no index */
};

/* 0, or -ENOMEM. */
int linked_read(const struct running *running, const struct loaded *modules, struct linked *ret);
void linked_done(struct linked *l);
bool linked_is_too_large(const struct linked *l);

#define _cleanup_linked_ _cleanup_(linked_done)
