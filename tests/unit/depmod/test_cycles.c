// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "base/buf.h"
#include "act/depmod/cycles.h"

static const char *letter(void *data _unused_, uint32_t m)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f" };

	return m < ELEMENTSOF(names) ? names[m] : "z";
}

static void keep(void *data, const struct diag_msg *m)
{
	buf_addf(data, "%s\n", m->text);
}

static void assert_cycles(const struct graph *g, const char *want)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_buf_ struct buf said = BUF_INIT;
	struct diag diag = { keep, &said, LOG_ERR };
	struct graph_order order;

	assert_int_equal(graph_number(g, &arena, &order), 0);
	assert_int_equal(cycles_report(g, &order, letter, NULL, &diag), 0);
	if (want)
		assert_string_equal(buf_str(&said), want);
	else
		assert_non_null(strstr(buf_str(&said), "Cycle detected: "));
}

static void self_dependency(void **state _unused_)
{
	static const uint32_t first[] = { 0, 1 }, deps[] = { 0 };

	assert_cycles(&(struct graph){ 1, first, deps },
		      "Cycle detected: a -> a\nFound 1 modules in dependency cycles!\n");
}

static void two_separate_cycles(void **state _unused_)
{
	/* a <-> c, b <-> d */
	static const uint32_t first[] = { 0, 1, 2, 3, 4 }, deps[] = { 2, 3, 0, 1 };

	assert_cycles(&(struct graph){ 4, first, deps }, "Cycle detected: a -> c -> a\nCycle detected: d -> b -> d\n"
							 "Found 4 modules in dependency cycles!\n");
}

/* Seen with kmod: the leaf c leaves the list, and what follows it becomes the next root. */
static void a_leaf_moves_the_head(void **state _unused_)
{
	/* a -> c; b <-> d, d -> a */
	static const uint32_t first[] = { 0, 1, 2, 2, 4 }, deps[] = { 2, 3, 1, 0 };

	assert_cycles(&(struct graph){ 4, first, deps },
		      "Cycle detected: d -> b -> d\nFound 2 modules in dependency cycles!\n");
}

/* What a cycle needs is no cycle itself (kmod names it as one of a single module). */
static void a_chain_below_a_cycle_is_not_named(void **state _unused_)
{
	/* a <-> b, a -> c -> d */
	static const uint32_t first[] = { 0, 2, 3, 4, 4 }, deps[] = { 1, 2, 0, 3 };

	assert_cycles(&(struct graph){ 4, first, deps },
		      "Cycle detected: a -> b -> a\nFound 2 modules in dependency cycles!\n");
}

/* kmod runs until memory is gone when the root can reach a loop that does not pass through it. */
static void a_loop_beside_the_root_ends(void **state _unused_)
{
	/* a -> b, b -> a, b -> c, c -> b */
	static const uint32_t first[] = { 0, 1, 3, 4 }, deps[] = { 1, 0, 2, 1 };

	assert_cycles(&(struct graph){ 3, first, deps }, "Cycle detected: a -> b -> a\nCycle detected: c -> b -> c\n"
							 "Found 3 modules in dependency cycles!\n");
}

/* Everything needs everything: the ways round are beyond counting, and the search ends all the same. */
static void complete_graph_ends(void **state _unused_)
{
	enum { N = 60 };
	static uint32_t first[N + 1], deps[N * N];
	const struct graph g = { N, first, deps };

	for (uint32_t i = 0; i < N; i++) {
		first[i + 1] = (i + 1) * N;
		for (uint32_t k = 0; k < N; k++)
			deps[i * N + k] = k;
	}
	assert_cycles(&g, NULL);
}

/* The only way back to the first root is at the far end of an exponential maze. */
static void maze_names_a_cycle(void **state _unused_)
{
	enum { LAYERS = 40, N = 2 * LAYERS + 1 };
	static uint32_t first[N + 1], deps[4 * N];
	const struct graph g = { N, first, deps };
	uint32_t n = 0;

	/* Each of a layer's two modules needs both of the next; 0 needs the first layer; the last layer needs 0. */
	for (uint32_t i = 0; i < N; i++) {
		uint32_t next = i == 0 ? 1 : ((i - 1) / 2 + 1) * 2 + 1;

		first[i] = n;
		if (next < N) {
			deps[n++] = next;
			deps[n++] = next + 1;
		} else {
			deps[n++] = 0;
		}
	}
	first[N] = n;
	assert_cycles(&g, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(self_dependency),
		cmocka_unit_test(two_separate_cycles),
		cmocka_unit_test(a_leaf_moves_the_head),
		cmocka_unit_test(a_chain_below_a_cycle_is_not_named),
		cmocka_unit_test(a_loop_beside_the_root_ends),
		cmocka_unit_test(complete_graph_ends),
		cmocka_unit_test(maze_names_a_cycle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
