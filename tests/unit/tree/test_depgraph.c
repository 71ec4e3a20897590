// SPDX-License-Identifier: MIT
/* Which edges a graph of modules has. */
#include "../plan/fixture.h"

#include "verb/tree/depgraph.h"

static const struct fixture_live none[] = { { 0 } };

/* "b:needs c:softdep-pre ": where the edges of a node lead. */
static void check_edges(const struct depgraph *g, const char *name, const char *want)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	size_t node;

	assert_true(depgraph_find(g, name, &node));
	for (size_t i = 0; i < g->nodes[node].n; i++)
		buf_addf(&text, "%s:%s ", g->nodes[g->nodes[node].edges[i].to].name,
			 dep_kind_name(g->nodes[node].edges[i].kind));
	assert_string_equal(buf_str(&text), want);
}

static void what_others_bring_along_is_no_need_of_its_own(void **state _unused_)
{
	_cleanup_depgraph_ struct depgraph g = { 0 };
	struct fixture f;
	size_t node;

	fixture_open(&f, "", none);
	assert_int_equal(depgraph_read(&f.world, true, &g), 0);
	check_edges(&g, "c", "b:needs ");
	check_edges(&g, "b", "a:needs ");
	check_edges(&g, "a", "");
	check_edges(&g, "firewire_ohci", "firewire_core:needs ");
	assert_true(depgraph_find(&g, "unix", &node));
	assert_int_equal(g.nodes[node].presence, DEP_BUILTIN);
	fixture_close(&f);
}

static void softdeps_lead_to_what_their_names_stand_for(void **state _unused_)
{
	_cleanup_depgraph_ struct depgraph g = { 0 };
	struct fixture f;
	size_t node;

	fixture_open(&f, "softdep e pre: fb_one a e post: unix a\nsoftdep b pre: a\nweakdep f no-such net-pf-1\n",
		     none);
	assert_int_equal(depgraph_read(&f.world, true, &g), 0);
	check_edges(&g, "e", "zed:softdep-pre foo_bar:softdep-pre a:softdep-pre unix:softdep-post ");
	check_edges(&g, "b", "a:needs ");
	check_edges(&g, "f", "no_such:weakdep unix:weakdep ");
	assert_true(depgraph_find(&g, "no_such", &node));
	assert_int_equal(g.nodes[node].presence, DEP_ABSENT);
	fixture_close(&f);
}

static void reversed_edges_lead_to_who_needs_it(void **state _unused_)
{
	_cleanup_depgraph_ struct depgraph g = { 0 };
	struct fixture f;

	fixture_open(&f, "softdep e pre: b\n", none);
	assert_int_equal(depgraph_read(&f.world, true, &g), 0);
	assert_int_equal(depgraph_reverse(&g), 0);
	check_edges(&g, "a", "b:needs d:needs ");
	check_edges(&g, "b", "c:needs e:softdep-pre ");
	check_edges(&g, "c", "");
	fixture_close(&f);
}

/* Only a damaged index has circles: each member is still reached from the others, and from who needs one. */
static void circles_lose_nothing(void **state _unused_)
{
	static const char *const deps[] = { "x=x.ko: y.ko z.ko", "y=y.ko: x.ko z.ko",          "z=z.ko: y.ko x.ko",
					    "s=s.ko: s.ko",      "top=top.ko: z.ko y.ko x.ko", NULL };
	_cleanup_depgraph_ struct depgraph g = { 0 };
	struct fixture f;

	fixture_open(&f, "", none);
	fixture_index(&f, "modules.dep.bin", deps);
	assert_int_equal(depgraph_read(&f.world, false, &g), 0);
	check_edges(&g, "x", "y:needs z:needs ");
	check_edges(&g, "z", "y:needs x:needs ");
	check_edges(&g, "s", "");
	check_edges(&g, "top", "z:needs ");
	fixture_close(&f);
}

static void a_release_without_index_is_told_from_a_damaged_one(void **state _unused_)
{
	_cleanup_depgraph_ struct depgraph g = { 0 };
	struct fixture f;
	char *path;

	fixture_open(&f, "", none);
	assert_true(asprintf(&path, "%s" FIXTURE_DIR "/modules.dep.bin", f.dir) > 0);
	assert_int_equal(truncate(path, 20), 0);
	assert_int_equal(depgraph_read(&f.world, false, &g), -EINVAL);
	catalog_close(f.catalog);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(catalog_open(&f.root, FIXTURE_DIR, NULL, &f.catalog), 0);
	f.world.catalog = f.catalog;
	assert_int_equal(depgraph_read(&f.world, false, &g), -ENOENT);
	free(path);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_others_bring_along_is_no_need_of_its_own),
		cmocka_unit_test(softdeps_lead_to_what_their_names_stand_for),
		cmocka_unit_test(reversed_edges_lead_to_who_needs_it),
		cmocka_unit_test(circles_lose_nothing),
		cmocka_unit_test(a_release_without_index_is_told_from_a_damaged_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
