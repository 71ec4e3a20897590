// SPDX-License-Identifier: MIT
/* What the lists of a boot ask for: what each entry stands for, and one plan for all. */
#include <errno.h>

#include "fixture.h"

#include "verb/boot/load.h"

static void plan(struct fixture *f, struct boot_load *b, const char *list)
{
	unit_puts(f->dir, "etc/modules-load.d/a.conf", list);
	assert_int_equal(boot_load_open(&f->sys, NULL, b), 0);
	assert_int_equal(boot_load_plan(b), 0);
}

static void assert_outcomes(const struct boot_load *b, const enum boot_outcome *want, size_t n)
{
	assert_int_equal(b->n, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(b->wishes[i].outcome, want[i]);
}

/* ---- decisions ---- */

static void each_entry_has_its_outcome(void **state)
{
	static const enum boot_outcome want[] = { BOOT_LOADED, BOOT_BUILTIN, BOOT_NOT_FOUND, BOOT_DENIED,
						  BOOT_ALREADY };
	struct fixture *f = *state;
	struct boot_load b;

	unit_puts(f->dir, "etc/modprobe.d/t.conf", "blacklist other\n");
	unit_puts(f->dir, "sys/module/core/initstate", "live\n");
	plan(f, &b, "leaf\nunix\nnosuch\nother\ncore\n");
	assert_outcomes(&b, want, ELEMENTSOF(want));
	assert_string_equal(b.wishes[2].entry->name, "nosuch");
	assert_string_equal(b.plan.requests[b.wishes[0].request].name, "leaf");
	boot_load_done(&b);
}

/* What two entries need is one node, and nothing waits for an entry that it does not need. */
static void all_entries_are_one_plan(void **state)
{
	struct fixture *f = *state;
	struct boot_load b;
	size_t core, leaf;

	plan(f, &b, "leaf\ncore\nother\n");
	assert_int_equal(b.graph.n, 3);
	assert_true(graph_find(&b.graph, "core", &core));
	assert_true(graph_find(&b.graph, "leaf", &leaf));
	assert_true(core != leaf);
	boot_load_done(&b);
}

static void an_alias_is_a_wish_for_each_of_its_modules(void **state)
{
	static const enum boot_outcome want[] = { BOOT_LOADED, BOOT_LOADED };
	struct fixture *f = *state;
	struct boot_load b;

	plan(f, &b, "net-pf-91\n");
	assert_outcomes(&b, want, ELEMENTSOF(want));
	assert_ptr_equal(b.wishes[0].entry, b.wishes[1].entry);
	boot_load_done(&b);
}

static void options_of_etc_modules_are_given(void **state)
{
	struct fixture *f = *state;
	struct boot_load b;

	unit_puts(f->dir, "etc/modules", "core level=3\n");
	plan(f, &b, "");
	assert_int_equal(b.n, 1);
	assert_int_equal(boot_load_run(&b, 1, NULL, NULL), 0);
	assert_file(f, "/fake/log", "finit core flags=0 options=level=3 = 0\n");
	boot_load_done(&b);
}

static void named_files_replace_the_lists(void **state)
{
	static const char *const files[] = { "/mine", NULL };
	struct fixture *f = *state;
	struct boot_load b;

	unit_puts(f->dir, "etc/modules-load.d/a.conf", "leaf\n");
	unit_puts(f->dir, "mine", "other\n");
	assert_int_equal(boot_load_open(&f->sys, files, &b), 0);
	assert_int_equal(boot_load_plan(&b), 0);
	assert_int_equal(b.n, 1);
	assert_string_equal(b.wishes[0].entry->name, "other");
	boot_load_done(&b);
}

/* ---- carried out ---- */

static void count(void *data, const struct plan_step *step)
{
	unsigned *n = data;

	assert_non_null(step->name);
	++*n;
}

static void a_dependency_is_loaded_first(void **state)
{
	struct fixture *f = *state;
	struct boot_load b;
	unsigned started = 0;
	size_t node;

	plan(f, &b, "leaf\n");
	assert_int_equal(boot_load_run(&b, 0, count, &started), 0);
	assert_int_equal(started, 2);
	assert_file(f, "/fake/log", "finit core flags=0 options= = 0\nfinit leaf flags=0 options= = 0\n");
	assert_false(boot_load_failed(&b, &b.wishes[0], &node));
	boot_load_done(&b);
}

static void what_waits_for_a_failure_fails_by_it(void **state)
{
	struct fixture *f = *state;
	struct boot_load b;
	size_t core, node;

	unit_puts(f->dir, "fake/errors", "finit core ENODEV\n");
	plan(f, &b, "leaf\nother\nnosuch\n");
	assert_int_equal(boot_load_run(&b, 2, NULL, NULL), 0);
	assert_true(graph_find(&b.graph, "core", &core));
	assert_true(boot_load_failed(&b, &b.wishes[0], &node));
	assert_int_equal(b.results[node].error, -ECANCELED);
	assert_int_equal(b.results[node].blocker, core);
	assert_int_equal(b.results[core].error, -ENODEV);
	assert_false(boot_load_failed(&b, &b.wishes[1], &node));
	assert_false(boot_load_failed(&b, &b.wishes[2], &node));
	boot_load_done(&b);
}

/* A configuration that was not read whole may lack a blacklist: nothing is loaded by it. */
static void nothing_is_loaded_by_half_a_configuration(void **state)
{
	struct fixture *f = *state;
	struct boot_load b;

	fixture_huge(f, "etc/modprobe.d/t.conf");
	plan(f, &b, "core\n");
	assert_int_equal(boot_load_run(&b, 1, NULL, NULL), -EPERM);
	assert_file(f, "/fake/log", NULL);
	boot_load_done(&b);
}

static void missing_devices_and_symbols_are_no_failures(void **state _unused_)
{
	static const struct {
		struct boot_wish wish;
		bool failure;
	} cases[] = {
		{ { .outcome = BOOT_FAILED, .error = -ENODEV }, false },
		{ { .outcome = BOOT_FAILED, .error = -ENOENT }, false },
		{ { .outcome = BOOT_FAILED, .error = -EPERM }, true },
		{ { .outcome = BOOT_NOT_FOUND }, false },
		{ { .outcome = BOOT_DENIED }, false },
		{ { .outcome = BOOT_LOADED }, false },
	};

	for (size_t i = 0; i < ELEMENTSOF(cases); i++)
		assert_int_equal(boot_wish_is_failure(&cases[i].wish), cases[i].failure);
}

static void an_open_that_fails_can_be_closed(void **state)
{
	struct fixture *f = *state;
	struct boot_load b;

	assert_int_equal(boot_load_open(&f->sys, (const char *const[]){ "/nonexistent", NULL }, &b), 0);
	assert_true(b.list.error < 0);
	assert_int_equal(b.list.n, 0);
	boot_load_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(each_entry_has_its_outcome),
		FIXTURE_TEST(all_entries_are_one_plan),
		FIXTURE_TEST(an_alias_is_a_wish_for_each_of_its_modules),
		FIXTURE_TEST(options_of_etc_modules_are_given),
		FIXTURE_TEST(named_files_replace_the_lists),
		FIXTURE_TEST(a_dependency_is_loaded_first),
		FIXTURE_TEST(what_waits_for_a_failure_fails_by_it),
		FIXTURE_TEST(nothing_is_loaded_by_half_a_configuration),
		FIXTURE_TEST(missing_devices_and_symbols_are_no_failures),
		FIXTURE_TEST(an_open_that_fails_can_be_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
