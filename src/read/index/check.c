// SPDX-License-Identifier: MIT
#include <errno.h>

#include "read/index/ascii.h"
#include "read/index/reader.h"
#include "read/index/walk.h"

/* The table starts and ends with a child, and no reference leads outside the file. */
static bool children_are_sound(struct span bytes, const struct index_node *node)
{
	if (!index_node_child(node, node->first) || !index_node_child(node, node->last))
		return false;
	for (size_t i = 0; i < node->children.n; i += 4) {
		uint32_t ref = load_be32(node->children.p + i);

		if (ref && index_ref_is_null(bytes, ref))
			return false;
	}
	return true;
}

/* The parts that the flags announce are there, and the node is not empty. */
static bool node_is_sound(const struct index_walk *w, const struct index_node *node)
{
	uint32_t flags = w->ref & ~INDEX_NODE_OFFSET;

	if (flags & ~(INDEX_NODE_PREFIX | INDEX_NODE_VALUES | INDEX_NODE_CHILDREN))
		return false;
	if (!(flags & (INDEX_NODE_VALUES | INDEX_NODE_CHILDREN)))
		return false;
	if ((flags & INDEX_NODE_PREFIX) && (node->prefix.n == 0 || !index_is_ascii(node->prefix.p, node->prefix.n)))
		return false;
	if ((flags & INDEX_NODE_VALUES) && node->n_values == 0)
		return false;
	return !(flags & INDEX_NODE_CHILDREN) || children_are_sound(w->bytes, node);
}

static int check_values(struct index_walk *w, struct index_node *node)
{
	uint32_t priority, last = 0;
	const char *value;
	int r;

	while ((r = index_walk_value(w, node, &value, &priority)) > 0) {
		if (priority < last || !index_is_ascii(value, strlen(value)))
			return -EINVAL;
		last = priority;
	}
	return r;
}

int index_reader_check(const struct index_reader *r)
{
	struct index_walk w;
	struct index_node node;
	int result;

	/* An index without keys: the root has no parts and lies at the end of the file. */
	if (r->root == INDEX_HEADER_LEN && r->bytes.n == INDEX_HEADER_LEN)
		return 0;
	if (index_ref_is_null(r->bytes, r->root))
		return -EINVAL;
	index_walk_init(&w, r->bytes, r->root);
	while ((result = index_walk_next(&w, &node)) > 0) {
		result = node_is_sound(&w, &node) ? check_values(&w, &node) : -EINVAL;
		if (result < 0)
			break;
	}
	if (result == 0 && w.visited != r->bytes.n)
		result = -EINVAL;
	index_walk_done(&w);
	return result;
}
