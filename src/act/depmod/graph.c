// SPDX-License-Identifier: MIT
#include "act/depmod/graph.h"

#include <errno.h>
#include <string.h>

static void count_users(const struct graph *g, uint32_t *users)
{
	for (uint32_t i = 0; i < g->first[g->n]; i++)
		users[g->deps[i]]++;
}

int graph_number(const struct graph *g, struct arena *arena, struct graph_order *ret)
{
	uint32_t *users = arena_array(arena, g->n, sizeof(*users));
	uint32_t *stack = arena_array(arena, g->n, sizeof(*stack));
	struct graph_order o = {
		.number = arena_array(arena, g->n, sizeof(*o.number)),
		.by_number = arena_array(arena, g->n, sizeof(*o.by_number)),
	};
	uint32_t top = 0;

	if (!users || !stack || !o.number || !o.by_number)
		return -ENOMEM;
	memset(o.number, 0xff, g->n * sizeof(*o.number));
	count_users(g, users);
	for (uint32_t m = 0; m < g->n; m++)
		if (!users[m])
			stack[top++] = m;
	while (top) {
		uint32_t m = stack[--top];

		o.by_number[o.n_numbered] = m;
		o.number[m] = o.n_numbered++;
		for (uint32_t i = g->first[m]; i < g->first[m + 1]; i++)
			if (--users[g->deps[i]] == 0)
				stack[top++] = g->deps[i];
	}
	*ret = o;
	return 0;
}

int graph_closure_init(const struct graph *g, struct arena *arena, struct graph_closure *ret)
{
	struct graph_closure c = {
		.seen = arena_array(arena, g->n / 64 + 1, sizeof(*c.seen)),
		.stack = arena_array(arena, g->n, sizeof(*c.stack)),
		.list = arena_array(arena, g->n, sizeof(*c.list)),
	};

	if (!c.seen || !c.stack || !c.list)
		return -ENOMEM;
	*ret = c;
	return 0;
}

/* The set bits in ascending order; clears them. */
static uint32_t take_seen(const struct graph *g, const struct graph_order *order, struct graph_closure *c)
{
	uint32_t n = 0;

	for (uint32_t w = 0; w <= g->n / 64; w++) {
		for (uint64_t bits = c->seen[w]; bits; bits &= bits - 1)
			c->list[n++] = order->by_number[w * 64 + (uint32_t)__builtin_ctzll(bits)];
		c->seen[w] = 0;
	}
	return n;
}

uint32_t graph_closure(const struct graph *g, const struct graph_order *order, struct graph_closure *c, uint32_t m)
{
	uint32_t top = 0;

	for (;;) {
		for (uint32_t i = g->first[m]; i < g->first[m + 1]; i++) {
			uint32_t number = order->number[g->deps[i]];
			uint64_t bit = UINT64_C(1) << (number % 64);

			if (c->seen[number / 64] & bit)
				continue;
			c->seen[number / 64] |= bit;
			c->stack[top++] = g->deps[i];
		}
		if (!top)
			return take_seen(g, order, c);
		m = c->stack[--top];
	}
}
