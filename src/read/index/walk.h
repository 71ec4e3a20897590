/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The walk over all nodes in key order that index_reader_walk() and index_reader_check() share. In a sound file no
 * byte belongs to two nodes, so the bytes visited are counted: loops and shared subtrees end the walk with -EINVAL as
 * soon as more bytes were visited than the file has. Private to the index room.
 */

#include "base/buf.h"
#include "read/index/node.h"

struct index_pending {
	uint32_t ref;
	size_t key_len; /* of the parent's key */
	uint8_t edge;   /* 0: the root */
};

struct index_walk {
	struct span bytes;
	size_t visited;
	struct buf key; /* of the current node */
	struct index_pending *pending;
	size_t n, cap;
	uint32_t ref; /* the current node's reference */
};

void index_walk_init(struct index_walk *w, struct span bytes, uint32_t root);
void index_walk_done(struct index_walk *w);
/* 1: *ret is the next node and w->key its key. 0: end. -EINVAL, -ENOMEM. */
int index_walk_next(struct index_walk *w, struct index_node *ret);
/* The next value of that node, as index_node_value(), counted. */
int index_walk_value(struct index_walk *w, struct index_node *node, const char **ret_value, uint32_t *ret_priority);
