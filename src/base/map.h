/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Hash map from strings to pointers. Keys and values are borrowed: they must outlive the map. It cannot be iterated
 * over: whatever is printed comes from a list, whose order is fixed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct map_slot {
	const char *key;
	uint64_t hash;
	void *value;
};

struct map {
	struct map_slot *slots;
	size_t cap; /* 0 or a power of two */
	size_t n;
};

void map_done(struct map *m);
/* 1: new, 0: the key was there and its value is replaced, -ENOMEM. */
int map_put(struct map *m, const char *key, void *value);
/* The value, or NULL when the key was not there. */
void *map_remove(struct map *m, const char *key);
/* NULL: absent. */
void *map_get(const struct map *m, const char *key);
bool map_has(const struct map *m, const char *key);

#define _cleanup_map_ _cleanup_(map_done)
