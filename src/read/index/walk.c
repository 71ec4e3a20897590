// SPDX-License-Identifier: MIT
#include "read/index/walk.h"

#include <stdlib.h>

#include "base/vec.h"
#include "read/index/reader.h"

static int walk_push(struct index_walk *w, struct index_pending p)
{
	if (vec_room(&w->pending, w->n, &w->cap) < 0)
		return -ENOMEM;
	w->pending[w->n++] = p;
	return 0;
}

void index_walk_init(struct index_walk *w, struct span bytes, uint32_t root)
{
	*w = (struct index_walk){ .bytes = bytes, .visited = INDEX_HEADER_LEN };
	buf_adds(&w->key, "");
	if (!index_ref_is_null(bytes, root) && walk_push(w, (struct index_pending){ .ref = root }) < 0)
		w->key.error = -ENOMEM;
}

void index_walk_done(struct index_walk *w)
{
	buf_done(&w->key);
	free(w->pending);
	*w = (struct index_walk){ 0 };
}

static int walk_visit(struct index_walk *w, size_t n)
{
	w->visited += n;
	return w->visited > w->bytes.n ? -EINVAL : 0;
}

/* Last child first: the stack then returns them in ascending order. */
static int push_children(struct index_walk *w, const struct index_node *node)
{
	const uint8_t *table = node->children.p;

	for (size_t i = node->children.n / 4; i > 0; i--) {
		struct index_pending p = { load_be32(table + (i - 1) * 4), w->key.n, (uint8_t)(node->first + i - 1) };

		if (!index_ref_is_null(w->bytes, p.ref) && walk_push(w, p) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int extend_key(struct index_walk *w, const struct index_pending *p, struct span prefix)
{
	w->key.n = p->key_len;
	if (p->edge)
		buf_addc(&w->key, (char)p->edge);
	return buf_add(&w->key, prefix.p, prefix.n);
}

int index_walk_next(struct index_walk *w, struct index_node *ret)
{
	struct index_pending p;
	struct index_node node;
	int r;

	if (buf_error(&w->key))
		return buf_error(&w->key);
	if (w->n == 0)
		return 0;
	p = w->pending[--w->n];
	if (index_node_read(w->bytes, p.ref, &node) <= 0 || walk_visit(w, index_node_size(p.ref, &node)) < 0)
		return -EINVAL;
	r = extend_key(w, &p, node.prefix);
	if (r == 0)
		r = push_children(w, &node);
	if (r < 0)
		return r;
	w->ref = p.ref;
	*ret = node;
	return 1;
}

int index_walk_value(struct index_walk *w, struct index_node *node, const char **ret_value, uint32_t *ret_priority)
{
	size_t before = node->values.n;
	int r = index_node_value(node, ret_value, ret_priority);

	if (r <= 0)
		return r;
	return walk_visit(w, before - node->values.n) < 0 ? -EINVAL : 1;
}

int index_reader_walk(const struct index_reader *r,
		      int (*fn)(void *data, const char *key, const char *value, uint32_t priority), void *data)
{
	struct index_walk w;
	struct index_node node;
	const char *value;
	uint32_t priority;
	int result;

	index_walk_init(&w, r->bytes, r->root);
	while ((result = index_walk_next(&w, &node)) > 0) {
		while ((result = index_walk_value(&w, &node, &value, &priority)) > 0) {
			result = fn(data, buf_str(&w.key), value, priority);
			if (result != 0)
				goto out;
		}
		if (result < 0)
			break;
	}
out:
	index_walk_done(&w);
	return result;
}
