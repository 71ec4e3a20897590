// SPDX-License-Identifier: MIT
/* Which of the loaded modules are drawn. */
#include "../plan/fixture.h"

#include "verb/report/linked.h"

static const struct fixture_live none[] = { { 0 } };

#define LOADED_MAX 8

/* "b c": those names of modules that are shown, in the order of the graph. */
static void check_shown(const struct linked *l, const char *want, size_t edges)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < l->graph.n; i++)
		if (l->shown[i])
			buf_addf(&text, "%s%s", n++ ? " " : "", l->graph.nodes[i].name);
	assert_string_equal(buf_str(&text), want);
	assert_int_equal(l->n, n);
	assert_int_equal(l->n_edges, edges);
}

/* The graph of the fixture's index, with the modules of these names loaded. */
static void read_linked(struct fixture *f, const char *const *names, struct linked *ret)
{
	struct live_module live[LOADED_MAX] = { { 0 } };
	struct loaded_module items[LOADED_MAX] = { { 0 } };
	struct loaded loaded = { .items = items };
	const struct running running = { .catalog = f->catalog, .policy = f->policy, .world = f->world };

	for (; names[loaded.n]; loaded.n++) {
		live[loaded.n].name = names[loaded.n];
		items[loaded.n].live = &live[loaded.n];
	}
	assert_int_equal(linked_read(&running, &loaded, ret), 0);
}

static void those_without_a_loaded_neighbor_are_left_out(void **state _unused_)
{
	static const char *const names[] = { "a", "b", "firewire_ohci", "nowhere", NULL };
	_cleanup_linked_ struct linked l = { 0 };
	struct fixture f;

	fixture_open(&f, "", none);
	read_linked(&f, names, &l);
	check_shown(&l, "a b", 1);
	fixture_close(&f);
}

static void softdeps_link_too(void **state _unused_)
{
	static const char *const names[] = { "a", "e", NULL };
	_cleanup_linked_ struct linked l = { 0 };
	struct fixture f;

	fixture_open(&f, "softdep e pre: a\n", none);
	read_linked(&f, names, &l);
	check_shown(&l, "a e", 1);
	fixture_close(&f);
}

static void a_release_without_index_says_so(void **state _unused_)
{
	static const char *const names[] = { "a", NULL };
	_cleanup_linked_ struct linked l = { 0 };
	struct fixture f;
	char *path;

	fixture_open(&f, "", none);
	assert_true(asprintf(&path, "%s" FIXTURE_DIR "/modules.dep.bin", f.dir) > 0);
	assert_int_equal(unlink(path), 0);
	read_linked(&f, names, &l);
	assert_int_equal(l.error, -ENOENT);
	assert_int_equal(l.n, 0);
	free(path);
	fixture_close(&f);
}

static void the_bounds_are_the_last_that_is_drawn(void **state _unused_)
{
	struct linked l = { .n = LINKED_MODULES_MAX, .n_edges = LINKED_EDGES_MAX };

	assert_false(linked_is_too_large(&l));
	l.n++;
	assert_true(linked_is_too_large(&l));
	l = (struct linked){ .n_edges = LINKED_EDGES_MAX + 1 };
	assert_true(linked_is_too_large(&l));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_without_a_loaded_neighbor_are_left_out),
		cmocka_unit_test(softdeps_link_too),
		cmocka_unit_test(a_release_without_index_says_so),
		cmocka_unit_test(the_bounds_are_the_last_that_is_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
