// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "base/buf.h"

static void adds_and_steals(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	char *s;

	(void)state;
	assert_int_equal(buf_adds(&b, "a"), 0);
	assert_int_equal(buf_addf(&b, "-%d-%s", 42, "x"), 0);
	assert_int_equal(buf_addc(&b, '!'), 0);
	s = buf_steal(&b);
	assert_string_equal(s, "a-42-x!");
	assert_int_equal(b.n, 0);
	assert_string_equal(buf_str(&b), "");
	free(s);
}

static void steal_of_empty_is_empty_string(void **state)
{
	struct buf b = BUF_INIT;
	char *s = buf_steal(&b);

	(void)state;
	assert_string_equal(s, "");
	free(s);
}

static void error_is_sticky(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "kept");
	assert_int_equal(buf_reserve(&b, SIZE_MAX), -EOVERFLOW);
	assert_int_equal(buf_adds(&b, "lost"), -EOVERFLOW);
	assert_null(buf_steal(&b));
	assert_string_equal(buf_str(&b), "kept");
	buf_clear(&b);
	assert_int_equal(buf_adds(&b, "again"), 0);
}

static void holds_binary(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	(void)state;
	buf_add(&b, "\0\xff", 2);
	buf_add_be32(&b, 0x01020304);
	assert_int_equal(b.n, 6);
	assert_memory_equal(b.p, "\0\xff\1\2\3\4", 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_and_steals),
		cmocka_unit_test(steal_of_empty_is_empty_string),
		cmocka_unit_test(error_is_sticky),
		cmocka_unit_test(holds_binary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
