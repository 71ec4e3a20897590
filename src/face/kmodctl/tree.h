/* SPDX-License-Identifier: MIT */
#pragma once

/* What kmodctl tree prints for other programs. */

#include "base/buf.h"
#include "base/json.h"
#include "face/common/env.h"
#include "system/system.h"
#include "verb/tree/depgraph.h"

struct tree_view {
	const struct running *running;
	const struct depgraph *graph;
	const size_t *tops; /* what was asked for; none: the whole kernel */
	size_t n_tops;
	const bool *shown;  /* of each node: it is part of the answer */
	bool has_live;      /* it is known which modules are loaded */
	bool reverse, soft; /* as asked for; the edges of a reversed graph lead to what needs the node */
};

/* "loaded", "coming", "going", "not-loaded", "built-in", "not-installed"; NULL: unknown. */
const char *tree_state(const struct tree_view *v, const struct dep_node *n);
/* In the language of Graphviz. Sticky error of the buffer. */
void tree_dot(const struct tree_view *v, struct buf *into);
/* Drawn by Graphviz's dot to env->out. 0, or -errno, reported. */
int tree_svg(struct env *env, const struct tree_view *v);
/* Modules and edges into an answer (answer.h). */
void tree_json(const struct tree_view *v, struct json *j);
/* The edges alone, as an array "edges". */
void tree_json_edges(const struct tree_view *v, struct json *j);
