// SPDX-License-Identifier: MIT
#include "fixture.h"

struct example {
	const char *conf;
	const struct fixture_live *loaded;
	struct unload_options options;
	const char *asked[3];
	const char *lines;
	enum plan_verdict verdict; /* of the last request */
	const char *blocker;
};

static void check(const struct example *e)
{
	_cleanup_plan_ struct plan p = { 0 };
	_cleanup_free_ char *lines = NULL;
	const struct plan_request *last;
	struct fixture f;

	fixture_open(&f, e->conf, e->loaded);
	for (size_t i = 0; i < ELEMENTSOF(e->asked) && e->asked[i]; i++) {
		_cleanup_candidates_ struct candidates c = { 0 };

		assert_int_equal(resolve(&f.world, e->asked[i], &c), 0);
		assert_int_equal(c.n, 1);
		assert_int_equal(unload_module(&f.world, &c.items[0], &e->options, &p), 0);
	}
	lines = fixture_lines(&p);
	assert_string_equal(lines, e->lines);
	last = &p.requests[p.n_requests - 1];
	assert_int_equal(last->verdict, e->verdict);
	if (e->blocker)
		assert_string_equal(last->blocker, e->blocker);
	else
		assert_null(last->blocker);
	fixture_close(&f);
}

static const struct fixture_live firewire[] = {
	{ "firewire_ohci", LIVE_LIVE, 0, "" },
	{ "firewire_core", LIVE_LIVE, 1, "firewire_ohci" },
	{ "crc_itu_t", LIVE_LIVE, 1, "firewire_core" },
	{ 0 },
};

static void unused_dependencies_go_down_the_whole_chain(void **state _unused_)
{
	check(&(struct example){ "",
				 firewire,
				 { 0 },
				 { "firewire-ohci" },
				 "rmmod firewire_ohci\nrmmod firewire_core\nrmmod crc_itu_t\n",
				 PLAN_GO,
				 NULL });
}

static void a_dependency_with_other_users_stays(void **state _unused_)
{
	static const struct fixture_live loaded[] = {
		{ "firewire_ohci", LIVE_LIVE, 0, "" },
		{ "firewire_core", LIVE_LIVE, 1, "firewire_ohci" },
		{ "crc_itu_t", LIVE_LIVE, 2, "firewire_core other" },
		{ 0 },
	};

	check(&(struct example){
		"", loaded, { 0 }, { "firewire-ohci" }, "rmmod firewire_ohci\nrmmod firewire_core\n", PLAN_GO, NULL });
}

static void in_use_by_a_module_or_by_anything_else(void **state _unused_)
{
	static const struct fixture_live opened[] = { { "e", LIVE_LIVE, 1, "" }, { 0 } };

	check(&(struct example){ "", firewire, { 0 }, { "firewire-core" }, "", PLAN_IN_USE, "firewire_core" });
	check(&(struct example){ "", opened, { 0 }, { "e" }, "", PLAN_IN_USE, "e" });
}

static void waiting_plans_a_used_module(void **state _unused_)
{
	static const struct fixture_live opened[] = { { "e", LIVE_LIVE, 1, "" }, { 0 } };

	check(&(struct example){ "", opened, { .wait = true }, { "e" }, "rmmod e\n", PLAN_GO, NULL });
}

static void holders_of_holders_go_first(void **state _unused_)
{
	check(&(struct example){ "",
				 firewire,
				 { .holders = true },
				 { "crc-itu-t" },
				 "rmmod firewire_ohci\nrmmod firewire_core\nrmmod crc_itu_t\n",
				 PLAN_GO,
				 NULL });
}

static void a_used_holder_stops_all_of_it(void **state _unused_)
{
	static const struct fixture_live loaded[] = {
		{ "firewire_ohci", LIVE_LIVE, 3, "" },
		{ "firewire_core", LIVE_LIVE, 1, "firewire_ohci" },
		{ 0 },
	};

	check(&(struct example){
		"", loaded, { .holders = true }, { "firewire-core" }, "", PLAN_IN_USE, "firewire_ohci" });
}

static void what_was_planned_before_a_used_holder_is_given_up(void **state _unused_)
{
	static const struct fixture_live loaded[] = {
		{ "e", LIVE_LIVE, 3, "" },
		{ "f", LIVE_LIVE, 0, "" },
		{ "g", LIVE_LIVE, 2, "e f" },
		{ 0 },
	};

	check(&(struct example){ "", loaded, { .holders = true }, { "g" }, "", PLAN_IN_USE, "e" });
}

static void holders_in_a_circle_end(void **state _unused_)
{
	static const struct fixture_live loaded[] = { { "e", LIVE_LIVE, 1, "f" }, { "f", LIVE_LIVE, 1, "e" }, { 0 } };

	check(&(struct example){ "", loaded, { .holders = true }, { "e" }, "", PLAN_IN_USE, "f" });
}

/* In a circle or too deep: the chain is given up before the stack is. */
static void a_chain_of_holders_has_an_end(void **state _unused_)
{
	static char names[150][8];
	static struct fixture_live loaded[ELEMENTSOF(names)];

	for (size_t i = 0; i < ELEMENTSOF(names); i++)
		snprintf(names[i], sizeof(names[i]), i ? "m%zu" : "e", i);
	for (size_t i = 0; i + 1 < ELEMENTSOF(names); i++)
		loaded[i] = (struct fixture_live){ names[i], LIVE_LIVE, 1, names[i + 1] };
	check(&(struct example){ "", loaded, { .holders = true }, { "e" }, "", PLAN_IN_USE, "m128" });
}

static const struct fixture_live chapter[] = {
	{ "on", LIVE_LIVE, 0, "" },
	{ "zed", LIVE_LIVE, 0, "" },
	{ "foo_bar", LIVE_LIVE, 2, "on zed" },
	{ 0 },
};

static void softdeps_go_round_it_and_the_shared_dependency_once(void **state _unused_)
{
	check(&(struct example){ "softdep on pre: zed nosuchdep post: unix\n",
				 chapter,
				 { 0 },
				 { "on" },
				 "rmmod on\nrmmod zed\nrmmod foo_bar\n",
				 PLAN_GO,
				 NULL });
}

/* The same with use counts of 0, as in the notes on kmod; kmod prints foo_bar twice there. */
static void with_no_use_counts_each_module_is_listed_once(void **state _unused_)
{
	static const struct fixture_live loaded[] = {
		{ "on", LIVE_LIVE, 0, "" },
		{ "zed", LIVE_LIVE, 0, "" },
		{ "foo_bar", LIVE_LIVE, 0, "" },
		{ 0 },
	};

	check(&(struct example){ "softdep on pre: zed nosuchdep post: unix\n",
				 loaded,
				 { 0 },
				 { "on" },
				 "rmmod on\nrmmod foo_bar\nrmmod zed\n",
				 PLAN_GO,
				 NULL });
}

static void softdeps_in_use_stay(void **state _unused_)
{
	static const struct fixture_live loaded[] = {
		{ "e", LIVE_LIVE, 0, "" }, { "f", LIVE_LIVE, 1, "" }, { "g", LIVE_LIVE, 0, "" }, { 0 }
	};

	check(&(struct example){
		"softdep e pre: f post: g\n", loaded, { 0 }, { "e" }, "rmmod g\nrmmod e\n", PLAN_GO, NULL });
}

static void softdeps_in_a_circle_end(void **state _unused_)
{
	static const struct fixture_live loaded[] = { { "e", LIVE_LIVE, 0, "" }, { "f", LIVE_LIVE, 0, "" }, { 0 } };

	check(&(struct example){
		"softdep e pre: f\nsoftdep f pre: e\n", loaded, { 0 }, { "e" }, "rmmod e\nrmmod f\n", PLAN_GO, NULL });
}

static void remove_command_takes_the_place_of_removal(void **state _unused_)
{
	check(&(struct example){ "remove firewire_ohci /bin/x $CMDLINE_OPTS.\n",
				 firewire,
				 { 0 },
				 { "firewire-ohci" },
				 "remove /bin/x .\n",
				 PLAN_GO,
				 NULL });
	/* also for a module that is not loaded, or in use */
	check(&(struct example){ "remove e /bin/x\n", NULL, { 0 }, { "e" }, "remove /bin/x\n", PLAN_GO, NULL });
	check(&(struct example){ "remove firewire_core /bin/x\n",
				 firewire,
				 { 0 },
				 { "firewire-core" },
				 "remove /bin/x\n",
				 PLAN_GO,
				 NULL });
}

static void ignored_commands_mean_softdeps_too(void **state _unused_)
{
	static const struct fixture_live loaded[] = { { "e", LIVE_LIVE, 0, "" }, { "f", LIVE_LIVE, 0, "" }, { 0 } };

	check(&(struct example){ "remove e /bin/x\nsoftdep e pre: f\n",
				 loaded,
				 { .ignore_commands = true },
				 { "e" },
				 "rmmod e\n",
				 PLAN_GO,
				 NULL });
}

static void absent_and_builtin(void **state _unused_)
{
	check(&(struct example){ "", NULL, { 0 }, { "e" }, "", PLAN_ABSENT, NULL });
	check(&(struct example){ "", NULL, { 0 }, { "unix" }, "", PLAN_BUILTIN, "unix" });
}

/* As rmmod names it, which looks nothing up. */
static void a_name_taken_literally_may_be_built_in(void **state _unused_)
{
	const struct unload_options options = { 0 };
	_cleanup_candidates_ struct candidates c = { 0 };
	_cleanup_plan_ struct plan p = { 0 };
	struct fixture f;

	fixture_open(&f, "", NULL);
	assert_int_equal(resolve_literal("unix", &c), 0);
	assert_int_equal(unload_module(&f.world, &c.items[0], &options, &p), 0);
	assert_int_equal(p.requests[0].verdict, PLAN_BUILTIN);
	fixture_close(&f);
}

static void later_requests_know_the_earlier_ones(void **state _unused_)
{
	check(&(struct example){
		"", chapter, { 0 }, { "on", "zed" }, "rmmod on\nrmmod zed\nrmmod foo_bar\n", PLAN_GO, NULL });
	check(&(struct example){ "", chapter, { 0 }, { "on", "foo_bar" }, "rmmod on\n", PLAN_IN_USE, "foo_bar" });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unused_dependencies_go_down_the_whole_chain),
		cmocka_unit_test(a_dependency_with_other_users_stays),
		cmocka_unit_test(in_use_by_a_module_or_by_anything_else),
		cmocka_unit_test(waiting_plans_a_used_module),
		cmocka_unit_test(holders_of_holders_go_first),
		cmocka_unit_test(a_used_holder_stops_all_of_it),
		cmocka_unit_test(what_was_planned_before_a_used_holder_is_given_up),
		cmocka_unit_test(holders_in_a_circle_end),
		cmocka_unit_test(a_name_taken_literally_may_be_built_in),
		cmocka_unit_test(a_chain_of_holders_has_an_end),
		cmocka_unit_test(softdeps_go_round_it_and_the_shared_dependency_once),
		cmocka_unit_test(with_no_use_counts_each_module_is_listed_once),
		cmocka_unit_test(softdeps_in_use_stay),
		cmocka_unit_test(softdeps_in_a_circle_end),
		cmocka_unit_test(remove_command_takes_the_place_of_removal),
		cmocka_unit_test(ignored_commands_mean_softdeps_too),
		cmocka_unit_test(absent_and_builtin),
		cmocka_unit_test(later_requests_know_the_earlier_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
