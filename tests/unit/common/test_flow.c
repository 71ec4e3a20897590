// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <locale.h>

#include "face/common/flow.h"

static void assert_flows(const char *line, unsigned columns, const char *expected)
{
	_cleanup_buf_ struct buf into = BUF_INIT;

	assert_int_equal(flow_line(span_of_str(line), columns, &into), 0);
	assert_string_equal(buf_str(&into), expected);
}

static void lines_are_broken_between_words(void **state)
{
	(void)state;
	assert_flows("one two three four five six", 0, "one two three four five six");
	assert_flows("one two three four five six", 20, "one two three four\n  five six");
	assert_flows("  fix   alpha beta gamma delta", 20, "  fix   alpha beta\n        gamma delta");
}

static void a_path_that_is_wider_is_broken_behind_a_slash(void **state)
{
	(void)state;
	assert_flows("a /aaaaaaa/bbbbbbb/ccccccc/ddddddd", 20, "a\n  /aaaaaaa/bbbbbbb/\n  ccccccc/ddddddd");
}

static void a_tab_is_as_wide_as_on_a_terminal(void **state)
{
	(void)state;
	assert_flows("\tab\tcdef", 20, "\tab\tcdef");
	assert_flows("\tab\tcdef ghi", 20, "        ab      cdef\n                ghi");
}

static void the_longest_beginning_that_fits(void **state)
{
	static const char wide[] = "a\xc3\xa4\xe6\x97\xa5z"; /* one, one, two and one column */

	(void)state;
	/* Its files have the byte order of the machine, which an emulated program may not have. */
	if (!setlocale(LC_ALL, "C.UTF-8"))
		skip_because("the locale C.UTF-8 cannot be read here");
	assert_int_equal(flow_fit(span_of_str(wide), 0), 0);
	assert_int_equal(flow_fit(span_of_str(wide), 2), 3);
	assert_int_equal(flow_fit(span_of_str(wide), 3), 3);
	assert_int_equal(flow_fit(span_of_str(wide), 4), 6);
	assert_int_equal(flow_fit(span_of_str(wide), 100), 7);
}

static void what_the_locale_does_not_have_is_replaced(void **state)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	(void)state;
	assert_non_null(setlocale(LC_ALL, "C"));
	flow_keep_readable(&text);
	assert_int_equal(text.n, 0);
	buf_adds(&text, "\xe6\x97\xa5 a\xc3\xa4z\xff");
	flow_keep_readable(&text);
	assert_string_equal(buf_str(&text), "? a?z\xff");
	if (!setlocale(LC_ALL, "C.UTF-8"))
		return;
	buf_clear(&text);
	buf_adds(&text, "\xe6\x97\xa5 a\xc3\xa4z");
	flow_keep_readable(&text);
	assert_string_equal(buf_str(&text), "\xe6\x97\xa5 a\xc3\xa4z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_broken_between_words),
		cmocka_unit_test(a_path_that_is_wider_is_broken_behind_a_slash),
		cmocka_unit_test(a_tab_is_as_wide_as_on_a_terminal),
		cmocka_unit_test(the_longest_beginning_that_fits),
		cmocka_unit_test(what_the_locale_does_not_have_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
