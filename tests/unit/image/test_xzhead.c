// SPDX-License-Identifier: MIT
#include "image_test.h"

#include "read/image/xzhead.h"

static int check_of(const void *bytes, size_t n, uint8_t *ret)
{
	return xzhead_check(span_of(bytes, n), ret);
}

static void the_check_is_read(void **state)
{
	uint8_t check;

	(void)state;
	assert_int_equal(check_of("\xfd"
				  "7zXZ\0\0\x01\0\0\0\0",
				  12, &check),
			 0);
	assert_int_equal(check, 1);
	assert_int_equal(check_of("\xfd"
				  "7zXZ\0\0\x0a\0\0\0\0more",
				  16, &check),
			 0);
	assert_int_equal(check, 10);
}

static void what_is_no_xz_file_is_told(void **state)
{
	uint8_t check;

	(void)state;
	assert_int_equal(check_of("", 0, &check), -EINVAL);
	assert_int_equal(check_of("\xfd"
				  "7zXZ\0\0\x01\0\0\0",
				  11, &check),
			 -EINVAL);
	assert_int_equal(check_of("\x1f\x8b"
				  "zXZ\0\0\x01\0\0\0\0",
				  12, &check),
			 -EINVAL);
	assert_int_equal(check_of("\xfd"
				  "7zXZ\0\0\x10\0\0\0\0",
				  12, &check),
			 -EINVAL);
}

static void the_kernel_knows_no_check_but_crc32(void **state)
{
	(void)state;
	assert_true(xzhead_kernel_can(0));
	assert_true(xzhead_kernel_can(1));
	assert_false(xzhead_kernel_can(4));
	assert_false(xzhead_kernel_can(10));
	assert_string_equal(xzhead_check_name(4), "CRC64");
	assert_string_equal(xzhead_check_name(3), "unknown");
	assert_string_equal(xzhead_check_name(255), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_check_is_read),
		cmocka_unit_test(what_is_no_xz_file_is_told),
		cmocka_unit_test(the_kernel_knows_no_check_but_crc32),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
