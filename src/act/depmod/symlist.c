// SPDX-License-Identifier: MIT
#include "act/depmod/symlist.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "act/depmod/hash.h"

#define SYMBOL_MARK "symbol:"

static int compare_symbols(const void *a, const void *b)
{
	return strcmp(((const struct symbol_line *)a)->key, ((const struct symbol_line *)b)->key);
}

static struct symbol_line symbol_line(struct arena *arena, const struct symtab_entry *e)
{
	size_t mark = strlen(SYMBOL_MARK), n = strlen(e->name);
	char *key = arena_unaligned(arena, mark + n + 1);

	if (key) {
		memcpy(key, SYMBOL_MARK, mark);
		memcpy(key + mark, e->name, n + 1);
	}
	return (struct symbol_line){ key, e->owner, superfast_hash(e->name, n) % HASH_SYMBOL_BUCKETS };
}

/* Hash order: by bucket, and by name in each. starts: a zeroed number for each bucket and one more. */
static void sort_symbols(const struct symbol_line *from, uint32_t n, uint32_t *starts, struct symbol_line *to)
{
	for (uint32_t i = 0; i < n; i++)
		starts[from[i].bucket + 1]++;
	for (uint32_t b = 0; b < HASH_SYMBOL_BUCKETS; b++)
		starts[b + 1] += starts[b];
	/* Afterwards each start is where the next bucket begins. */
	for (uint32_t i = 0; i < n; i++)
		to[starts[from[i].bucket]++] = from[i];
	for (uint32_t b = 0; b < HASH_SYMBOL_BUCKETS; b++) {
		uint32_t start = b ? starts[b - 1] : 0;

		if (starts[b] - start > 1)
			qsort(to + start, starts[b] - start, sizeof(*to), compare_symbols);
	}
}

int symlist_make(const struct symtab *t, struct arena *arena, struct symbol_line **ret, uint32_t *ret_n)
{
	struct symbol_line *found = arena_array(arena, t->n, sizeof(*found));
	struct symbol_line *sorted = arena_array(arena, t->n, sizeof(*sorted));
	uint32_t *starts = arena_array(arena, HASH_SYMBOL_BUCKETS + 1, sizeof(*starts));
	uint32_t n = 0;

	if (!sorted || !found || !starts)
		return -ENOMEM;
	for (uint32_t i = 0; i <= t->mask; i++) {
		const struct symtab_entry *e = &t->slots[i];

		if (!e->name || e->owner == SYMTAB_KERNEL)
			continue;
		found[n] = symbol_line(arena, e);
		if (!found[n++].key)
			return -ENOMEM;
	}
	sort_symbols(found, n, starts, sorted);
	*ret = sorted;
	*ret_n = n;
	return 0;
}
