// SPDX-License-Identifier: MIT
#include "image_test.h"

#include "image/xzhead.h"

/* Stream header (its CRC is not looked at), then what is given. */
static int read_with(uint8_t check, const void *block, size_t n, struct xzhead *ret)
{
	uint8_t bytes[128] = { 0xfd, '7', 'z', 'X', 'Z', 0, 0, check };

	memcpy(bytes + 12, block, n);
	return xzhead_read(span_of(bytes, 12 + n), ret);
}

#define READ(check, block, ret) read_with(check, block, sizeof(block) - 1, ret)

static void check_and_dictionary_are_read(void **state)
{
	struct xzhead x;

	(void)state;
	assert_int_equal(READ(1, "\x02\x00\x21\x01\x10\0\0\0\xcc\xcc\xcc\xcc", &x), 0);
	assert_int_equal(x.check, 1);
	assert_int_equal(x.dictionary, 1 << 20);
	assert_int_equal(READ(4, "\x02\x00\x21\x01\x13\0\0\0\xcc\xcc\xcc\xcc", &x), 0);
	assert_int_equal(x.dictionary, 3 << 20);
}

/* Sizes of more than one byte, and a filter for machine code in front. */
static void other_fields_are_passed_over(void **state)
{
	struct xzhead x;

	(void)state;
	assert_int_equal(READ(1, "\x03\xc1\x80\x01\x81\x82\x03\x04\x00\x21\x01\x16\xcc\xcc\xcc\xcc", &x), 0);
	assert_int_equal(x.dictionary, 8 << 20);
}

static void damage_is_told(void **state)
{
	struct xzhead x;

	(void)state;
	assert_int_equal(xzhead_read(span_of("\xfd" "7zXZ\0\0\x01", 8), &x), -EINVAL);
	assert_int_equal(xzhead_read(span_of("\x1f\x8b" "7zXZ\0\0\x01\0\0\0\0", 12), &x), -EINVAL);
	assert_int_equal(READ(16, "", &x), -EINVAL);
	assert_int_equal(READ(1, "\x08\x00\x21", &x), -EINVAL);                            /* cut */
	assert_int_equal(READ(1, "\x02\x00\x21\x7f\x10\0\0\0\xcc\xcc\xcc\xcc", &x), -EINVAL); /* properties behind the end */
	assert_int_equal(READ(1, "\x02\x40\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", &x), -EINVAL);
}

static void an_empty_file_has_no_block(void **state)
{
	struct xzhead x;

	(void)state;
	assert_int_equal(READ(4, "\0\0\0\0", &x), 0);
	assert_int_equal(x.check, 4);
	assert_int_equal(x.dictionary, 0);
	assert_int_equal(READ(1, "", &x), 0);
}

static void the_kernel_knows_no_check_but_crc32(void **state)
{
	(void)state;
	assert_true(xzhead_kernel_can(&(struct xzhead){ .check = 0 }));
	assert_true(xzhead_kernel_can(&(struct xzhead){ .check = 1 }));
	assert_false(xzhead_kernel_can(&(struct xzhead){ .check = 4 }));
	assert_false(xzhead_kernel_can(&(struct xzhead){ .check = 10 }));
	assert_string_equal(xzhead_check_name(4), "CRC64");
	assert_string_equal(xzhead_check_name(3), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_and_dictionary_are_read),
		cmocka_unit_test(other_fields_are_passed_over),
		cmocka_unit_test(damage_is_told),
		cmocka_unit_test(an_empty_file_has_no_block),
		cmocka_unit_test(the_kernel_knows_no_check_but_crc32),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
