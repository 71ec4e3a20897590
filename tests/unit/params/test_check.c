// SPDX-License-Identifier: MIT
#include "unit.h"

#include "verb/params/check.h"
#include "mkko.h"

static void check(const char *recipe, const char *given, const char *want)
{
	_cleanup_buf_ struct buf ko = BUF_INIT, text = BUF_INIT;
	_cleanup_strv_ struct strv lines = { 0 };
	char *dir = unit_mkdtemp();
	const struct root root = { .prefix = dir };
	const struct options_query q = { .root = &root, .name = "m", .path = "/m.ko", .given = given };

	assert_int_equal(mkko_build(recipe, &ko), 0);
	unit_write(dir, "m.ko", ko.p, ko.n);
	assert_int_equal(options_check(&q, &lines), 0);
	for (size_t i = 0; i < lines.n; i++)
		buf_addf(&text, "%s\n", lines.items[i]);
	assert_string_equal(buf_str(&text), want);
	unit_rmdir(dir);
}

static void only_near_names_are_suggested(void **state _unused_)
{
	check("info parm=debug:x\n", "debugg", "m: no parameter 'debugg' (did you mean 'debug'?); it has debug\n");
	check("info parm=InterruptThrottleRate:x\n", "interruptthrotlerate=3",
	      "m: no parameter 'interruptthrotlerate' (did you mean 'InterruptThrottleRate'?); it has "
	      "InterruptThrottleRate\n");
	check("info parm=debug:x\n", "speed=1", "m: no parameter 'speed'; it has debug\n");
	check("info name=m\n", "x", "m: no parameter 'x'; it has none\n");
}

static void dashes_are_underscores(void **state _unused_)
{
	check("info parmtype=a_b:int\n", "a-b=1", "");
}

static void what_cannot_be_read_gives_no_message(void **state _unused_)
{
	_cleanup_strv_ struct strv lines = { 0 };
	const struct root root = { .prefix = "/nonexistent" };
	const struct options_query q = { .root = &root, .name = "m", .path = "/m.ko", .given = "x=1" };

	assert_int_equal(options_check(&q, &lines), 0);
	assert_int_equal(lines.n, 0);
}

static void many_parameters_are_not_all_listed(void **state _unused_)
{
	_cleanup_buf_ struct buf recipe = BUF_INIT;

	for (int i = 0; i < 14; i++)
		buf_addf(&recipe, "info parm=p%02d:x\n", i);
	check(buf_str(&recipe), "other",
	      "m: no parameter 'other'; it has p00, p01, p02, p03, p04, p05, p06, p07, p08, p09, "
	      "p10, p11 and 2 more\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_near_names_are_suggested),
		cmocka_unit_test(dashes_are_underscores),
		cmocka_unit_test(what_cannot_be_read_gives_no_message),
		cmocka_unit_test(many_parameters_are_not_all_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
