// SPDX-License-Identifier: MIT
#include "base/map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/strhash.h"

void map_done(struct map *m)
{
	free(m->slots);
	*m = (struct map){ 0 };
}

static struct map_slot *map_find(const struct map *m, const char *key, uint64_t hash)
{
	for (size_t i = hash;; i++) {
		struct map_slot *s = &m->slots[i & (m->cap - 1)];

		if (!s->key || (s->hash == hash && strcmp(s->key, key) == 0))
			return s;
	}
}

static int map_resize(struct map *m)
{
	struct map bigger = { .cap = m->cap ? m->cap * 2 : 16 };
	struct map_slot *to;

	bigger.slots = calloc(bigger.cap, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < m->cap; i++) {
		if (!m->slots[i].key)
			continue;
		to = map_find(&bigger, m->slots[i].key, m->slots[i].hash);
		*to = m->slots[i];
	}
	bigger.n = m->n;
	free(m->slots);
	*m = bigger;
	return 0;
}

int map_put(struct map *m, const char *key, void *value)
{
	uint64_t hash = strhash(key);
	struct map_slot *s;

	if (m->n >= m->cap / 4 * 3 && map_resize(m) < 0)
		return -ENOMEM;
	s = map_find(m, key, hash);
	if (s->key) {
		s->value = value;
		return 0;
	}
	*s = (struct map_slot){ key, hash, value };
	m->n++;
	return 1;
}

void *map_get(const struct map *m, const char *key)
{
	return m->cap ? map_find(m, key, strhash(key))->value : NULL;
}

bool map_has(const struct map *m, const char *key)
{
	return m->cap && map_find(m, key, strhash(key))->key;
}

/* Moves later slots of the same run into the hole, so that look-ups need no tombstones. */
static void map_close_hole(struct map *m, size_t hole)
{
	size_t mask = m->cap - 1;

	for (size_t i = (hole + 1) & mask; m->slots[i].key; i = (i + 1) & mask) {
		size_t home = m->slots[i].hash & mask;

		/* It may move only if its home is not behind the hole, seen along the run. */
		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		m->slots[hole] = m->slots[i];
		hole = i;
	}
	m->slots[hole] = (struct map_slot){ 0 };
}

void *map_remove(struct map *m, const char *key)
{
	struct map_slot *s = m->cap ? map_find(m, key, strhash(key)) : NULL;
	void *value;

	if (!s || !s->key)
		return NULL;
	value = s->value;
	map_close_hole(m, (size_t)(s - m->slots));
	m->n--;
	return value;
}
