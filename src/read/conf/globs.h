/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Many patterns of fnmatch(3), of which those that match a name are found without comparing all of them: each pattern
 * is filed under a piece of it that has no special characters, the one that is rarest among all patterns, and one
 * walk over the name (the automaton of Aho and Corasick, Comm. ACM 18, 1975) finds the pieces that are in it.
 *
 * Making the set is linear in the length of all patterns. A search is linear in the length of the name, and compares
 * the patterns whose piece is in the name, each once. Patterns without such a piece (`*`, `?[ab]*`) are always
 * compared.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct glob;
struct globs_node;

struct globs {
	struct glob *items;
	size_t n, cap;
	struct globs_node *nodes;
	size_t n_nodes, cap_nodes;
};

/* The pattern is borrowed. Ids must rise. 0 or -ENOMEM. */
int globs_add(struct globs *g, const char *pattern, size_t id);
/* Once, after the last one was added. 0 or -ENOMEM. */
int globs_index(struct globs *g);
void globs_done(struct globs *g);

/* A search in progress. */
struct globs_search {
	const struct globs *in;
	const char *name;
	size_t below;            /* patterns from this id on do not count; may be lowered during the search */
	const char *at;          /* the rest of the name */
	uint32_t state;          /* the longest beginning of a piece that ends there */
	uint32_t ending;         /* the next piece that ends there, or 0 */
	const struct glob *glob; /* the next one of the same piece */
};

void globs_start(struct globs_search *s, const struct globs *in, const char *name, size_t below);
/* The id of the next pattern that matches, in no order. */
bool globs_next(struct globs_search *s, size_t *ret_id);

#define _cleanup_globs_ _cleanup_(globs_done)
