/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One trie node, decoded from the file (docs/formats/index.md). Private to the index room: every load of
 * foreign bytes that the reader, the walk and the search make is here.
 */

#include <errno.h>

#include "base/span.h"
#include "read/index/format.h"

struct index_node {
	struct span prefix;   /* without its NUL */
	struct span children; /* last - first + 1 references, 4 bytes each; n = 0: no children */
	uint8_t first, last;
	struct span values; /* the values and everything after them */
	uint32_t n_values;
};

/* A null reference: an absent child or, as in kmod, an offset past the end. */
static inline bool index_ref_is_null(struct span bytes, uint32_t ref)
{
	uint32_t off = ref & INDEX_NODE_OFFSET;

	return off == 0 || off >= bytes.n;
}

static inline int index_node_prefix(struct span *at, struct index_node *n)
{
	const uint8_t *end = at->n ? memchr(at->p, '\0', at->n) : NULL;
	struct span terminator;

	if (!end || span_take(at, (uint64_t)(end - at->p), &n->prefix) < 0)
		return -EINVAL;
	return span_take(at, 1, &terminator) < 0 ? -EINVAL : 0;
}

static inline int index_node_children(struct span *at, struct index_node *n)
{
	struct span range;

	if (span_take(at, 2, &range) < 0)
		return -EINVAL;
	n->first = range.p[0];
	n->last = range.p[1];
	if (n->first == 0 || n->first > n->last || n->last >= INDEX_CHARS)
		return -EINVAL;
	return span_take(at, (uint64_t)(n->last - n->first + 1) * 4, &n->children) < 0 ? -EINVAL : 0;
}

static inline int index_node_values(struct span *at, struct index_node *n)
{
	struct span count;

	if (span_take(at, 4, &count) < 0)
		return -EINVAL;
	n->n_values = load_be32(count.p);
	n->values = *at;
	return 0;
}

/* 1: *ret is the node. 0: the reference is null. -EINVAL: damaged. */
static inline int index_node_read(struct span bytes, uint32_t ref, struct index_node *ret)
{
	struct index_node n = { 0 };
	struct span at;

	if (index_ref_is_null(bytes, ref))
		return 0;
	if (span_from(bytes, ref & INDEX_NODE_OFFSET, &at) < 0)
		return -EINVAL;
	if ((ref & INDEX_NODE_PREFIX) && index_node_prefix(&at, &n) < 0)
		return -EINVAL;
	if ((ref & INDEX_NODE_CHILDREN) && index_node_children(&at, &n) < 0)
		return -EINVAL;
	if ((ref & INDEX_NODE_VALUES) && index_node_values(&at, &n) < 0)
		return -EINVAL;
	*ret = n;
	return 1;
}

/* The reference of the child for this edge, 0 if there is none. */
static inline uint32_t index_node_child(const struct index_node *n, uint8_t c)
{
	if (!n->children.n || c < n->first || c > n->last)
		return 0;
	return load_be32(n->children.p + (size_t)(c - n->first) * 4);
}

/* Takes the next value off n: 1, 0 at the end, -EINVAL when the file ends before it. */
static inline int index_node_value(struct index_node *n, const char **ret_value, uint32_t *ret_priority)
{
	struct span priority, value;
	const char *s;

	if (n->n_values == 0)
		return 0;
	if (span_take(&n->values, 4, &priority) < 0 || span_cstr(n->values, 0, &s) < 0)
		return -EINVAL;
	if (span_take(&n->values, strlen(s) + 1, &value) < 0)
		return -EINVAL;
	n->n_values--;
	*ret_value = s;
	*ret_priority = load_be32(priority.p);
	return 1;
}

/* Bytes of the file that the node occupies without its values. In a sound file no byte is part of two nodes. */
static inline size_t index_node_size(uint32_t ref, const struct index_node *n)
{
	size_t size = 0;

	if (ref & INDEX_NODE_PREFIX)
		size += n->prefix.n + 1;
	if (ref & INDEX_NODE_CHILDREN)
		size += n->children.n + 2;
	if (ref & INDEX_NODE_VALUES)
		size += 4;
	return size;
}
