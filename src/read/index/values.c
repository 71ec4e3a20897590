// SPDX-License-Identifier: MIT
/* The values that a search found: their order and their end. */
#include "read/index/values.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

struct ranked {
	struct index_value value;
	size_t found; /* its number in the order of discovery */
};

static int by_priority(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->value.priority != y->value.priority)
		return x->value.priority < y->value.priority ? -1 : 1;
	return x->found < y->found ? -1 : 1;
}

static bool is_ascending(const struct index_value *items, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (items[i].priority < items[i - 1].priority)
			return false;
	return true;
}

int values_sort(struct index_value *items, size_t n)
{
	_cleanup_free_ struct ranked *ranked = NULL;

	if (is_ascending(items, n))
		return 0;
	ranked = calloc(n, sizeof(*ranked));
	if (!ranked)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		ranked[i] = (struct ranked){ items[i], i };
	qsort(ranked, n, sizeof(*ranked), by_priority);
	for (size_t i = 0; i < n; i++)
		items[i] = ranked[i].value;
	return 0;
}

void index_values_done(struct index_values *v)
{
	free(v->items);
	*v = (struct index_values){ 0 };
}
