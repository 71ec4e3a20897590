// SPDX-License-Identifier: MIT
/* The tree of a graph: each node is expanded once, and no deeper than a limit. */
#include "../unit.h"

#include <errno.h>

#include "base/buf.h"
#include "verb/tree/branches.h"

/* n nodes, named by their numbers; node i leads to those that edges(i, k) gives until it gives 0. */
static void make_graph(struct depgraph *g, size_t n, size_t (*edges)(size_t i, size_t k))
{
	*g = (struct depgraph){ .nodes = calloc(n, sizeof(*g->nodes)), .n = n, .cap = n };
	for (size_t i = 0; i < n; i++) {
		struct dep_node *node = &g->nodes[i];

		node->name = arena_strf(&g->strings, "%zu", i);
		for (size_t k = 0; edges(i, k) > 0 && edges(i, k) < n; k++) {
			assert_int_equal(vec_room(&node->edges, node->n, &node->cap), 0);
			node->edges[node->n++] = (struct dep_edge){ edges(i, k), DEP_NEEDS };
		}
	}
}

struct record {
	struct buf text; /* NODE<PARENT, with + for one that came up before and ! for one that is too deep */
	size_t visits, deep;
};

static ssize_t note(void *data, const struct branch *b)
{
	static const char *const marks[] = { [BRANCH_OPEN] = "", [BRANCH_AGAIN] = "+", [BRANCH_DEEP] = "!" };
	struct record *r = data;

	buf_addf(&r->text, "%s%zu<%zd ", marks[b->end], b->node, (ssize_t)b->parent);
	r->deep += b->end == BRANCH_DEEP;
	return (ssize_t)r->visits++;
}

static size_t diamond(size_t i, size_t k)
{
	static const size_t to[][3] = { { 1, 2 }, { 3 }, { 3 }, { 4 }, { 0 } };

	return to[i][k];
}

static void a_shared_part_is_drawn_once(void **state _unused_)
{
	static const size_t tops[] = { 0, 3 };
	_cleanup_depgraph_ struct depgraph g;
	struct record r = { 0 };

	make_graph(&g, 5, diamond);
	assert_int_equal(branches_walk(&g, tops, 2, note, &r), 0);
	assert_string_equal(buf_str(&r.text), "0<-1 1<0 3<1 4<2 2<0 +3<4 +3<-1 ");
	buf_done(&r.text);
}

/* Each of a pair leads to both of the next: 2^40 ways from the first to the last. */
static size_t ladder(size_t i, size_t k)
{
	return k < 2 ? (i | 1) + 1 + k : 0;
}

static void many_ways_are_not_many_rows(void **state _unused_)
{
	static const size_t tops[] = { 0 };
	_cleanup_depgraph_ struct depgraph g;
	struct record r = { 0 };

	make_graph(&g, 80, ladder);
	assert_int_equal(branches_walk(&g, tops, 1, note, &r), 0);
	assert_int_equal(r.visits, 1 + 2 + 38 * 2 * 2);
	buf_done(&r.text);
}

static size_t circle(size_t i, size_t k)
{
	return k == 0 ? i % 3 + 1 : 0;
}

static void a_circle_ends(void **state _unused_)
{
	static const size_t tops[] = { 1 };
	_cleanup_depgraph_ struct depgraph g;
	struct record r = { 0 };

	make_graph(&g, 4, circle);
	assert_int_equal(branches_walk(&g, tops, 1, note, &r), 0);
	assert_string_equal(buf_str(&r.text), "1<-1 2<0 3<1 +1<2 ");
	buf_done(&r.text);
}

static size_t chain(size_t i, size_t k)
{
	return k == 0 ? i + 1 : 0;
}

static void a_long_chain_is_cut_and_still_reached(void **state _unused_)
{
	enum { N = 100000 };
	static const size_t tops[] = { 0 };
	static bool reached[N];
	_cleanup_depgraph_ struct depgraph g;
	struct record r = { 0 };

	make_graph(&g, N, chain);
	assert_int_equal(branches_walk(&g, tops, 1, note, &r), 0);
	assert_int_equal(r.visits, BRANCH_DEPTH_MAX + 1);
	assert_int_equal(r.deep, 1);
	assert_int_equal(branches_reach(&g, tops, 1, reached), 0);
	assert_true(reached[N - 1]);
	buf_done(&r.text);
}

static ssize_t refuse(void *data _unused_, const struct branch *b _unused_)
{
	return -ENOMEM;
}

static void a_failed_visit_ends_the_walk(void **state _unused_)
{
	static const size_t tops[] = { 0 };
	_cleanup_depgraph_ struct depgraph g;

	make_graph(&g, 5, diamond);
	assert_int_equal(branches_walk(&g, tops, 1, refuse, NULL), -ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shared_part_is_drawn_once),
		cmocka_unit_test(many_ways_are_not_many_rows),
		cmocka_unit_test(a_circle_ends),
		cmocka_unit_test(a_long_chain_is_cut_and_still_reached),
		cmocka_unit_test(a_failed_visit_ends_the_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
