// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "base/hex.h"

static void colons_wrap_only_before_more(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	(void)state;
	assert_int_equal(hex_colons(span_of("\x0a\xff\x01", 3), 2, &b), 0);
	assert_string_equal(buf_str(&b), "0A:FF:\n\t\t01");
	buf_clear(&b);
	hex_colons(span_of("\x0a\xff", 2), 2, &b);
	assert_string_equal(buf_str(&b), "0A:FF");
	buf_clear(&b);
	hex_colons(span_of("", 0), 2, &b);
	assert_string_equal(buf_str(&b), "");
}

static void plain(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	(void)state;
	hex_plain(span_of("\x0a\xff", 2), &b);
	assert_string_equal(buf_str(&b), "0aff");
}

static void digits(void **state)
{
	(void)state;
	assert_int_equal(hex_digit('0'), 0);
	assert_int_equal(hex_digit('a'), 10);
	assert_int_equal(hex_digit('F'), 15);
	assert_int_equal(hex_digit('g'), -1);
	assert_int_equal(hex_digit('\0'), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(colons_wrap_only_before_more),
		cmocka_unit_test(plain),
		cmocka_unit_test(digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
