// SPDX-License-Identifier: MIT
#include "fixture.h"
#include "decide/plan/graph.h"

static void plan_names(const struct fixture *f, const char *const *names, struct plan *p)
{
	const struct order_options o = { 0 };

	for (; *names; names++) {
		_cleanup_candidates_ struct candidates c = { 0 };

		assert_int_equal(resolve(&f->world, *names, &c), 0);
		for (size_t i = 0; i < c.n; i++)
			assert_int_equal(order_load(&f->world, &c.items[i], &o, p), 0);
	}
}

/* "c<b,a<" ...: each node with those before it, '~' in front of soft ones */
static char *describe(const struct plan *p, const struct graph *g)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < g->n; i++) {
		buf_addf(&text, "%s<", p->steps[g->nodes[i].step].name);
		for (size_t e = 0; e < g->nodes[i].n_after; e++) {
			const struct graph_edge *edge = &g->nodes[i].after[e];

			buf_addf(&text, "%s%s%s", e ? "," : "", edge->hard ? "" : "~",
				 p->steps[g->nodes[edge->node].step].name);
		}
		buf_addc(&text, ' ');
	}
	return buf_steal(&text);
}

static void check(const char *conf, const char *const *names, const char *want)
{
	_cleanup_plan_ struct plan p = { 0 };
	_cleanup_graph_ struct graph g = { 0 };
	_cleanup_free_ char *text = NULL;
	struct fixture f;

	fixture_open(&f, conf, NULL);
	plan_names(&f, names, &p);
	assert_int_equal(plan_graph(&f.world, &p, &g), 0);
	text = describe(&p, &g);
	assert_string_equal(text, want);
	fixture_close(&f);
}

static void each_module_once_with_its_own_dependencies(void **state _unused_)
{
	check("", (const char *const[]){ "c", "d", "b", NULL }, "a< b<a c<a,b d<a ");
}

static void softdeps_give_the_order_only(void **state _unused_)
{
	check("softdep e pre: f post: g\n", (const char *const[]){ "e", NULL }, "f< e<~f g<~e ");
}

static void softdeps_bring_their_dependencies(void **state _unused_)
{
	check("softdep e pre: b\n", (const char *const[]){ "e", NULL }, "a< b<a e<~b ");
}

static void loops_have_no_edge_backwards(void **state _unused_)
{
	check("softdep e pre: f\nsoftdep f pre: e\n", (const char *const[]){ "e", "f", NULL }, "f< e<~f ");
}

static void nodes_are_found_by_name(void **state _unused_)
{
	_cleanup_plan_ struct plan p = { 0 };
	_cleanup_graph_ struct graph g = { 0 };
	struct fixture f;
	size_t node;

	fixture_open(&f, "", NULL);
	plan_names(&f, (const char *const[]){ "c", NULL }, &p);
	assert_int_equal(plan_graph(&f.world, &p, &g), 0);
	assert_true(graph_find(&g, "b", &node));
	assert_int_equal(node, 1);
	assert_false(graph_find(&g, "d", &node));
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_module_once_with_its_own_dependencies),
		cmocka_unit_test(softdeps_give_the_order_only),
		cmocka_unit_test(softdeps_bring_their_dependencies),
		cmocka_unit_test(loops_have_no_edge_backwards),
		cmocka_unit_test(nodes_are_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
