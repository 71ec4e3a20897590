// SPDX-License-Identifier: MIT
#include "read/conf/globs.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

/* An initramfs has few patterns, and every kilobyte of its programs counts: there all of them are compared. */
#ifdef KMODCTL_SMALL
#define WITH_PIECES false
#else
#define WITH_PIECES true
#endif

/* One pattern. Lists are made of positions plus 1 in items, so that 0 is their end. */
struct glob {
	const char *pattern;
	size_t id;
	uint32_t next; /* of the same piece */
};

/* A state of the automaton: the bytes on the way to it from the root, which is the first node. */
struct globs_node {
	uint32_t child, sibling; /* 0: none; siblings differ in their byte */
	uint32_t shorter;        /* the longest proper ending of these bytes that is a state */
	uint32_t piece;          /* the longest proper ending that patterns are filed under; 0: none */
	uint32_t globs;          /* the patterns filed under these bytes, by rising id */
	uint32_t length;
	uint32_t uses; /* how often these bytes are a whole piece of a pattern */
	unsigned char byte;
};

void globs_done(struct globs *g)
{
	free(g->items);
	free(g->nodes);
	*g = (struct globs){ 0 };
}

int globs_add(struct globs *g, const char *pattern, size_t id)
{
	if (g->n >= UINT32_MAX - 1 || vec_room(&g->items, g->n, &g->cap) < 0)
		return -ENOMEM;
	g->items[g->n++] = (struct glob){ .pattern = pattern, .id = id };
	return 0;
}

/* Where a piece may begin again. What is in brackets is not looked at, and where it ends only if that is simple. */
static const char *skip_bracket(const char *p)
{
	const char *inside = p + 1 + (p[1] == '!' || p[1] == '^'), *last;
	size_t n = strcspn(inside, "[]\\");

	if (n > 0 && inside[n] == ']')
		return inside + n + 1;
	last = strrchr(p, ']');
	return last ? last + 1 : p + strlen(p);
}

/* The next piece of a pattern: bytes that a name must have, one after another, to match. Its length; 0: no more. */
static size_t next_piece(const char **rest, const char **ret)
{
	const char *p = *rest;
	size_t n;

	for (;;) {
		if (*p == '*' || *p == '?')
			p++;
		else if (*p == '\\')
			p += p[1] ? 2 : 1;
		else if (*p == '[')
			p = skip_bracket(p);
		else
			break;
	}
	n = strcspn(p, "*?[\\");
	*ret = p;
	*rest = p + n;
	return n;
}

static uint32_t child_of(const struct globs *g, uint32_t node, unsigned char byte)
{
	uint32_t c = g->nodes[node].child;

	while (c && g->nodes[c].byte != byte)
		c = g->nodes[c].sibling;
	return c;
}

/* 0 or -ENOMEM. */
static int add_node(struct globs *g, uint32_t parent, unsigned char byte, uint32_t *ret)
{
	struct globs_node node = { .byte = byte };

	if (g->n_nodes >= UINT32_MAX || vec_room(&g->nodes, g->n_nodes, &g->cap_nodes) < 0)
		return -ENOMEM;
	if (g->n_nodes > 0) { /* not the root */
		node.length = g->nodes[parent].length + 1;
		node.sibling = g->nodes[parent].child;
		g->nodes[parent].child = (uint32_t)g->n_nodes;
	}
	*ret = (uint32_t)g->n_nodes;
	g->nodes[g->n_nodes++] = node;
	return 0;
}

static int add_piece(struct globs *g, const char *piece, size_t n)
{
	uint32_t at = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char byte = (unsigned char)piece[i];
		uint32_t next = child_of(g, at, byte);

		if (!next && add_node(g, at, byte, &next) < 0)
			return -ENOMEM;
		at = next;
	}
	g->nodes[at].uses++;
	return 0;
}

static int add_pieces(struct globs *g)
{
	for (size_t i = 0; i < g->n; i++) {
		const char *rest = g->items[i].pattern, *piece;
		size_t n;

		while ((n = next_piece(&rest, &piece)) > 0)
			if (add_piece(g, piece, n) < 0)
				return -ENOMEM;
	}
	return 0;
}

static uint32_t find_piece(const struct globs *g, const char *piece, size_t n)
{
	uint32_t at = 0;

	for (size_t i = 0; i < n; i++)
		at = child_of(g, at, (unsigned char)piece[i]);
	return at;
}

/* The piece that the fewest patterns have: a piece that all have in common would tell none of them from the others. */
static uint32_t rarest_piece(const struct globs *g, const char *pattern)
{
	const char *piece;
	uint32_t best = 0;
	size_t n;

	while ((n = next_piece(&pattern, &piece)) > 0) {
		uint32_t node = find_piece(g, piece, n);

		if (!best || g->nodes[node].uses < g->nodes[best].uses)
			best = node;
	}
	return best;
}

static void file_globs(struct globs *g)
{
	for (size_t i = g->n; i-- > 0;) {
		struct globs_node *node = &g->nodes[WITH_PIECES ? rarest_piece(g, g->items[i].pattern) : 0];

		g->items[i].next = node->globs;
		node->globs = (uint32_t)i + 1;
	}
}

static uint32_t step(const struct globs *g, uint32_t state, unsigned char byte)
{
	uint32_t next;

	while (!(next = child_of(g, state, byte)) && state)
		state = g->nodes[state].shorter;
	return next;
}

/* Level by level: the shorter states of a node are known before it. */
static int link_nodes(struct globs *g)
{
	_cleanup_free_ uint32_t *queue = calloc(g->n_nodes, sizeof(*queue));
	size_t n = 1; /* the root */

	if (!queue)
		return -ENOMEM;
	for (size_t done = 0; done < n; done++)
		for (uint32_t c = g->nodes[queue[done]].child; c; c = g->nodes[c].sibling) {
			struct globs_node *node = &g->nodes[c];
			uint32_t parent = queue[done];

			node->shorter = parent ? step(g, g->nodes[parent].shorter, node->byte) : 0;
			node->piece = g->nodes[node->shorter].globs ? node->shorter : g->nodes[node->shorter].piece;
			queue[n++] = c;
		}
	return 0;
}

int globs_index(struct globs *g)
{
	uint32_t root;

	if (g->n == 0)
		return 0;
	if (add_node(g, 0, 0, &root) < 0 || (WITH_PIECES && add_pieces(g) < 0))
		return -ENOMEM;
	file_globs(g);
	return WITH_PIECES ? link_nodes(g) : 0;
}

void globs_start(struct globs_search *s, const struct globs *in, const char *name, size_t below)
{
	*s = (struct globs_search){ .in = in, .name = name, .below = below, .at = in->n > 0 ? name : "" };
	if (in->n > 0 && in->nodes[0].globs)
		s->glob = &in->items[in->nodes[0].globs - 1];
}

/* Whether the piece, which ends here, is in the name further left as well; so are then all pieces that it ends with. */
static bool was_before(const struct globs_search *s, uint32_t piece)
{
	size_t n = s->in->nodes[piece].length;

	return memmem(s->name, (size_t)(s->at - s->name) - 1, s->at - n, n);
}

static bool next_ending(struct globs_search *s)
{
	const struct globs_node *nodes = s->in->nodes;

	while (WITH_PIECES) {
		uint32_t piece = s->ending;

		if (piece && !was_before(s, piece)) {
			s->ending = nodes[piece].piece;
			s->glob = &s->in->items[nodes[piece].globs - 1];
			return true;
		}
		if (!*s->at)
			return false;
		s->state = step(s->in, s->state, (unsigned char)*s->at++);
		s->ending = nodes[s->state].globs && s->state ? s->state : nodes[s->state].piece;
	}
	return false;
}

bool globs_next(struct globs_search *s, size_t *ret_id)
{
	while (s->glob || next_ending(s)) {
		const struct glob *g = s->glob;

		s->glob = g->next && g->id < s->below ? &s->in->items[g->next - 1] : NULL;
		if (g->id < s->below && fnmatch(g->pattern, s->name, 0) == 0) {
			*ret_id = g->id;
			return true;
		}
	}
	return false;
}
