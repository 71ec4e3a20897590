// SPDX-License-Identifier: MIT
#include "unit.h"

#include "verb/params/check.h"
#include "mkko.h"

#define CONF "m: /etc/modprobe.d/t.conf:1: "

static void check_with(const char *recipe, const char *conf, const char *given, const char *want)
{
	_cleanup_buf_ struct buf ko = BUF_INIT, text = BUF_INIT;
	_cleanup_strv_ struct strv lines = { 0 };
	char *dir = unit_mkdtemp();
	const struct root root = { .prefix = dir };
	const struct policy_request request = { .root = root };
	_cleanup_(policy_free_p) struct policy *policy = NULL;
	struct options_query q = { .root = &root, .name = "m", .path = "/m.ko", .given = given };

	if (conf)
		unit_puts(dir, "etc/modprobe.d/t.conf", conf);
	assert_int_equal(policy_load(&request, NULL, &policy), 0);
	q.policy = policy;
	assert_int_equal(mkko_build(recipe, &ko), 0);
	unit_write(dir, "m.ko", ko.p, ko.n);
	assert_int_equal(options_check(&q, &lines), 0);
	for (size_t i = 0; i < lines.n; i++)
		buf_addf(&text, "%s\n", lines.items[i]);
	assert_string_equal(buf_str(&text), want);
	unit_rmdir(dir);
}

static void check(const char *recipe, const char *given, const char *want)
{
	check_with(recipe, NULL, given, want);
}

static void check_line(const char *conf, const char *want)
{
	check_with("info parmtype=a:int\ninfo parmtype=s:charp\n", conf, "", want);
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

static void remarks_are_reported_once_for_each_line(void **state _unused_)
{
	check_line("options m a=1 # for the pad\n",
		   CONF "\"#\" does not begin a comment here, so that the kernel takes '# for the pad' for options\n");
	check_line("options m a=1 #for the pad\n",
		   CONF "\"#\" does not begin a comment here, so that the kernel takes '#for the pad' for options\n");
	check_line("options m a=2# keep it (small)\n", CONF
		   "\"#\" does not begin a comment here, so that the kernel takes '# keep it (small)' for options\n");
	check_line("options m s=x# keep\n",
		   CONF "\"#\" does not begin a comment here, so that the kernel takes '# keep' for options\n");
	check_line("options m s=#fff\n", "");
	check_line("options m b=1 # x\n",
		   CONF "no parameter 'b'; it has a, s\n" CONF
			"\"#\" does not begin a comment here, so that the kernel takes '# x' for options\n");
}

static void marks_that_do_not_quote(void **state _unused_)
{
	check_line("options m s=\xe2\x80\x9cx y z\xe2\x80\x9d\n",
		   CONF "a typographic quotation mark does not quote, so that the kernel takes "
			"'\xe2\x80\x9cx y z\xe2\x80\x9d' for options\n");
	check_line("options m s='x y z'\n",
		   CONF "only \" quotes, not ', so that the kernel takes ''x y z'' for options\n");
	check_line("options m a=1\xc2\xa0s=2\n", CONF
		   "a no-break space does not separate options, so that the kernel takes '\xc2\xa0s=2' for options\n");
	check_line("options m s=\"x y\n",
		   CONF "a quote is opened and never closed, so that all that follows is one value: '\"x y'\n");
	check_line("options m s=\"x # y\"\n", "");
}

static void long_values(void **state _unused_)
{
	static char line[65536 + 13] = "options m s=";

	memset(line + 12, 'x', sizeof(line) - 13);
	check_line(line, CONF "parameter s: a value of 65536 bytes is too long\n");
	line[10] = 'a';
	check_line(line,
		   CONF "parameter a: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' is not a "
			"value of type int\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_near_names_are_suggested),
		cmocka_unit_test(dashes_are_underscores),
		cmocka_unit_test(what_cannot_be_read_gives_no_message),
		cmocka_unit_test(many_parameters_are_not_all_listed),
		cmocka_unit_test(remarks_are_reported_once_for_each_line),
		cmocka_unit_test(marks_that_do_not_quote),
		cmocka_unit_test(long_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
