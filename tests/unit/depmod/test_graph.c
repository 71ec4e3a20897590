// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "act/depmod/graph.h"

struct numbered {
	struct arena arena;
	struct graph_order order;
	struct graph_closure closure;
};

static void number(struct numbered *n, const struct graph *g)
{
	*n = (struct numbered){ 0 };
	assert_int_equal(graph_number(g, &n->arena, &n->order), 0);
	assert_int_equal(graph_closure_init(g, &n->arena, &n->closure), 0);
}

/* 0 -> 1, 2;  1 -> 3;  2 -> 3;  4 -> 2 */
static const uint32_t diamond_first[] = { 0, 2, 3, 4, 4, 5 };
static const uint32_t diamond_deps[] = { 1, 2, 3, 3, 2 };
static const struct graph diamond = { 5, diamond_first, diamond_deps };

static void users_come_before_what_they_use(void **state _unused_)
{
	struct numbered n;

	number(&n, &diamond);
	assert_int_equal(n.order.n_numbered, 5);
	/* The stack holds 0 and 4, so 4 goes first; 2 is free only after 0. */
	assert_int_equal(n.order.number[4], 0);
	assert_int_equal(n.order.number[0], 1);
	assert_int_equal(n.order.number[2], 2);
	assert_int_equal(n.order.number[1], 3);
	assert_int_equal(n.order.number[3], 4);
	arena_done(&n.arena);
}

static void closure_lists_each_dependency_once_by_number(void **state _unused_)
{
	struct numbered n;

	number(&n, &diamond);
	assert_int_equal(graph_closure(&diamond, &n.order, &n.closure, 0), 3);
	assert_int_equal(n.closure.list[0], 2);
	assert_int_equal(n.closure.list[1], 1);
	assert_int_equal(n.closure.list[2], 3);
	assert_int_equal(graph_closure(&diamond, &n.order, &n.closure, 3), 0);
	assert_int_equal(graph_closure(&diamond, &n.order, &n.closure, 4), 2);
	arena_done(&n.arena);
}

static void cycle_stays_unnumbered(void **state _unused_)
{
	/* 0 -> 1 -> 2 -> 1, 2 -> 3 */
	static const uint32_t first[] = { 0, 1, 2, 4, 4 }, deps[] = { 1, 2, 1, 3 };
	const struct graph g = { 4, first, deps };
	struct numbered n;

	number(&n, &g);
	assert_int_equal(n.order.n_numbered, 1);
	assert_int_equal(n.order.number[0], 0);
	assert_int_equal(n.order.number[1], GRAPH_UNNUMBERED);
	assert_int_equal(n.order.number[3], GRAPH_UNNUMBERED);
	arena_done(&n.arena);
}

static void empty_graph_is_fine(void **state _unused_)
{
	static const uint32_t first[] = { 0 };
	const struct graph g = { 0, first, NULL };
	struct numbered n;

	number(&n, &g);
	assert_int_equal(n.order.n_numbered, 0);
	arena_done(&n.arena);
}

/* A chain over several words of the bit set: order and completeness of a long line. */
static void long_chain(void **state _unused_)
{
	enum { N = 1000 };
	uint32_t first[N + 1], deps[N];
	const struct graph g = { N, first, deps };
	struct numbered n;

	for (uint32_t i = 0; i < N; i++) {
		first[i] = i;
		deps[i] = i + 1;
	}
	first[N] = N - 1;
	number(&n, &g);
	assert_int_equal(graph_closure(&g, &n.order, &n.closure, 0), N - 1);
	for (uint32_t i = 0; i < N - 1; i++)
		assert_int_equal(n.closure.list[i], i + 1);
	arena_done(&n.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(users_come_before_what_they_use),
		cmocka_unit_test(closure_lists_each_dependency_once_by_number),
		cmocka_unit_test(cycle_stays_unnumbered),
		cmocka_unit_test(empty_graph_is_fine),
		cmocka_unit_test(long_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
