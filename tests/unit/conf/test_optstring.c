// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "read/conf/optstring.h"

/* argv: NULL-terminated */
static void check(const char *want, const char *const *argv)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	char *copy[8] = { 0 };
	int n = 0;

	for (; argv[n]; n++)
		copy[n] = strdup(argv[n]);
	assert_int_equal(module_args_join(n, copy, &b), 0);
	assert_string_equal(buf_str(&b), want);
	while (n > 0)
		free(copy[--n]);
}

#define CHECK(want, ...) check(want, (const char *const[]){ __VA_ARGS__, NULL })

static void nothing_is_the_empty_string(void **state _unused_)
{
	check("", (const char *const[]){ NULL });
}

static void joined_with_single_blanks(void **state _unused_)
{
	CHECK("a=1 bare b=2,3", "a=1", "bare", "b=2,3");
}

static void values_with_blanks_get_quotes(void **state _unused_)
{
	CHECK("a=\"x y\"", "a=x y");
	CHECK("a=\"b=c d\"", "a=b=c d");
}

static void quoted_values_stay(void **state _unused_)
{
	CHECK("a=\"x y\" b='x y'", "a=\"x y\"", "b='x y'");
}

static void words_without_value_stay(void **state _unused_)
{
	CHECK("x y", "x y");
	CHECK("x y=1", "x y=1");
}

static void empty_words_add_a_blank_unless_first(void **state _unused_)
{
	CHECK("a=1", "", "a=1");
	CHECK("a=1 ", "a=1", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_the_empty_string),
		cmocka_unit_test(joined_with_single_blanks),
		cmocka_unit_test(values_with_blanks_get_quotes),
		cmocka_unit_test(quoted_values_stay),
		cmocka_unit_test(words_without_value_stay),
		cmocka_unit_test(empty_words_add_a_blank_unless_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
