// SPDX-License-Identifier: MIT
#include "unit.h"

#include "verb/params/params.h"

static void switches_show_as_letters(void **state _unused_)
{
	assert_int_equal(params_same_value("bool", "1", "Y"), 1);
	assert_int_equal(params_same_value("bool", "off", "N"), 1);
	assert_int_equal(params_same_value("bool", NULL, "Y"), 1);
	assert_int_equal(params_same_value("bool", "no", "Y"), 0);
	assert_int_equal(params_same_value("bint", "yes", "1"), 1);
	assert_int_equal(params_same_value("invbool", "1", "Y"), 1);
}

static void numbers_show_as_decimal(void **state _unused_)
{
	assert_int_equal(params_same_value("int", "0x10", "16"), 1);
	assert_int_equal(params_same_value("int", "-0x10", "-16"), 1);
	assert_int_equal(params_same_value("int", "-0", "0"), 1);
	assert_int_equal(params_same_value("int", "-1", "1"), 0);
	assert_int_equal(params_same_value("ullong", "18446744073709551615", "18446744073709551615"), 1);
	assert_int_equal(params_same_value("hexint", "255", "0xff"), 1);
	assert_int_equal(params_same_value("uint", "5", "6"), 0);
	assert_int_equal(params_same_value("uint", "x", "6"), -EINVAL);
}

static void arrays_may_show_more(void **state _unused_)
{
	assert_int_equal(params_same_value("array of int", "1,0x2", "1,2"), 1);
	assert_int_equal(params_same_value("array of int", "1,2", "1,2,0,0"), 1);
	assert_int_equal(params_same_value("array of int", "1,2", "1"), 0);
	assert_int_equal(params_same_value("array of int", "1,3", "1,2"), 0);
	assert_int_equal(params_same_value("array of bool", "1,n", "Y,N"), 1);
	assert_int_equal(params_same_value("array of charp", "a,b", "a,b"), 1);
}

static void unknown_types_are_judged_only_when_equal(void **state _unused_)
{
	assert_int_equal(params_same_value(NULL, "on", "on"), 1);
	assert_int_equal(params_same_value(NULL, "on", "enabled"), -EINVAL);
	assert_int_equal(params_same_value("mode", "1", "one"), -EINVAL);
	assert_int_equal(params_same_value("charp", "a", "b"), 0);
}

static const char *stated(const char *type, const char *description, size_t *ret_n)
{
	const struct params_item item = { .type = type, .description = description };

	return params_stated_default(&item, ret_n);
}

static void defaults_are_what_the_description_states(void **state _unused_)
{
	size_t n = 0;
	const char *p = stated("int", "Level (default: 12)", &n);

	assert_non_null(p);
	assert_int_equal(n, 2);
	assert_memory_equal(p, "12", 2);
	assert_non_null(stated("bool", "Default is off.", &n));
	assert_int_equal(n, 3);
	assert_non_null(stated("uint", "default=0x1f, more", &n));
	assert_int_equal(n, 4);
	assert_null(stated("int", "default: ask the BIOS", &n));
	assert_null(stated("uint", "default -1", &n));
	assert_null(stated("charp", "default 1", &n));
	assert_null(stated("int", "no word of it", &n));
	assert_null(stated("int", "default", &n));
	assert_null(stated("int", NULL, &n));
	assert_null(stated(NULL, "default 1", &n));
}

/* ---- the joined picture ---- */

static struct parameter declared[] = {
	{ .name = "level:", .name_len = 5, .type = "int" },
	{ .name = "quick", .name_len = 5, .type = "bool" },
};
static struct setting settings[] = {
	{ .name = "extra", .value = "1", .mode = 0444 },
	{ .name = "level", .value = "3", .mode = 0644 },
};
static const struct settings live = { .items = settings, .n = ELEMENTSOF(settings) };

static struct policy *load_policy(const char *dir)
{
	const struct policy_request request = { .root = { .prefix = dir } };
	struct policy *policy;

	assert_int_equal(policy_load(&request, NULL, &policy), 0);
	return policy;
}

static void explain(const char *dir, bool builtin, void (*check)(const struct params *p))
{
	const struct parameter *sorted[] = { &declared[0], &declared[1] };
	const struct parameters known = { declared, ELEMENTSOF(declared), ELEMENTSOF(declared), sorted };
	_cleanup_(policy_free_p) struct policy *policy = load_policy(dir);
	_cleanup_params_ struct params p = { 0 };
	const struct params_query q = {
		.module = "mod",
		.builtin = builtin,
		.declared = &known,
		.live = &live,
		.policy = policy,
	};

	assert_int_equal(params_explain(&q, &p), 0);
	check(&p);
}

static void check_last_wins(const struct params *p)
{
	const struct params_item *level = params_find(p, "level", 5), *quick = params_find(p, "quick", 5);

	assert_int_equal(p->n, 3);
	assert_string_equal(level->configured, "3");
	assert_string_equal(level->origin->file, "/etc/modprobe.d/b.conf");
	assert_int_equal(level->origin->line, 2);
	assert_int_equal(level->effect, PARAMS_IN_EFFECT);
	assert_null(quick->configured);
	assert_non_null(quick->origin);
	assert_int_equal(quick->effect, PARAMS_UNKNOWN);
	assert_int_equal(params_find(p, "extra", 5)->effect, PARAMS_UNSET);
	assert_null(params_find(p, "leve", 4));
}

static void check_only_the_command_line(const struct params *p)
{
	const struct params_item *level = params_find(p, "level", 5);

	assert_string_equal(level->configured, "9");
	assert_string_equal(level->origin->file, "/proc/cmdline");
	assert_int_equal(level->effect, PARAMS_NOT_IN_EFFECT);
	assert_null(params_find(p, "quick", 5)->origin);
}

static void the_last_line_counts(void **state _unused_)
{
	char *dir = unit_mkdtemp();

	unit_puts(dir, "etc/modprobe.d/a.conf", "options mod level=1 quick\noptions other level=2\n");
	unit_puts(dir, "etc/modprobe.d/b.conf", "options mod level=2\noptions mod level=7 level=3\n");
	explain(dir, false, check_last_wins);
	unit_rmdir(dir);
}

static void builtin_modules_obey_the_kernel_command_line_only(void **state _unused_)
{
	char *dir = unit_mkdtemp();

	unit_puts(dir, "etc/modprobe.d/a.conf", "options mod level=3 quick\n");
	unit_puts(dir, "proc/cmdline", "quiet mod.level=9\n");
	explain(dir, true, check_only_the_command_line);
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(switches_show_as_letters),
		cmocka_unit_test(numbers_show_as_decimal),
		cmocka_unit_test(arrays_may_show_more),
		cmocka_unit_test(unknown_types_are_judged_only_when_equal),
		cmocka_unit_test(defaults_are_what_the_description_states),
		cmocka_unit_test(the_last_line_counts),
		cmocka_unit_test(builtin_modules_obey_the_kernel_command_line_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
