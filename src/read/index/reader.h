/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One modules.*.bin file, read in place (mapped). Every offset is checked; a damaged file gives fewer
 * answers or -EINVAL, never a crash or an endless walk.
 */

#include <stdbool.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/fileio.h"
#include "base/root.h"

struct index_reader {
	struct mapping map;
	struct span bytes; /* = map.bytes, or foreign memory */
	uint32_t root;     /* root node reference */
};

struct index_value {
	const char *value; /* borrowed from the file */
	uint32_t priority;
};

/* Results of a search, ascending priority; equal priorities in key order. */
struct index_values {
	struct index_value *items;
	size_t n, cap;
};

/* -errno of the open; -EINVAL for too short, wrong magic or major version (reported as kmod words it, LOG_ERR). */
int index_reader_open(const struct root *root, const char *path, struct diag *diag, struct index_reader *ret);
int index_reader_open_span(struct span bytes, const char *label, struct diag *diag, struct index_reader *ret);
void index_reader_close(struct index_reader *r);

/* First value of exactly this key, or NULL. Borrowed. */
const char *index_reader_get(const struct index_reader *r, const char *key);
/*
 * Values of all stored patterns that match key by fnmatch(3) rules (docs/formats/lookup.md). Time is bounded by
 * nodes x key length whatever the patterns are. Adds to *ret.
 */
int index_reader_search(const struct index_reader *r, const char *key, struct index_values *ret);
void index_values_done(struct index_values *v);

/*
 * All keys in byte order with each value. The callback's non-zero result ends the walk and is returned. -EINVAL:
 * damaged.
 */
int index_reader_walk(const struct index_reader *r,
		      int (*fn)(void *data, const char *key, const char *value, uint32_t priority), void *data);
/* The whole structure is sound: walkable, in range, ASCII, sorted children. 0 or -EINVAL. */
int index_reader_check(const struct index_reader *r);
