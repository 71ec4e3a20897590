// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "base/num.h"

static void loads_both_orders(void **state)
{
	const uint8_t raw[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

	(void)state;
	assert_int_equal(load_be16(raw), 0x0102);
	assert_int_equal(load_le16(raw), 0x0201);
	assert_int_equal(load_be32(raw), 0x01020304);
	assert_int_equal(load_le32(raw), 0x04030201);
	assert_true(load_be64(raw) == UINT64_C(0x0102030405060708));
	assert_true(load_le64(raw) == UINT64_C(0x0807060504030201));
}

static void parses_strictly(void **state)
{
	const char *bad[] = { "", " 1", "-1", "+1", "1 ", "1x", "x" };
	uint64_t v = 77;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		assert_int_equal(parse_u64(bad[i], 0, &v), -EINVAL);
	assert_int_equal(parse_u64("18446744073709551616", 10, &v), -ERANGE);
	assert_true(v == 77);
	assert_int_equal(parse_u64("0x1f", 0, &v), 0);
	assert_true(v == 31);
}

static void parses_signed(void **state)
{
	int64_t v;

	(void)state;
	assert_int_equal(parse_i64("-9223372036854775808", 10, &v), 0);
	assert_true(v == INT64_MIN);
	assert_int_equal(parse_i64("9223372036854775808", 10, &v), -ERANGE);
	assert_int_equal(parse_i64("-", 10, &v), -EINVAL);
}

static void u32_has_its_own_range(void **state)
{
	uint32_t v;

	(void)state;
	assert_int_equal(parse_u32("4294967295", 10, &v), 0);
	assert_int_equal(parse_u32("4294967296", 10, &v), -ERANGE);
}

static void numbers_of_a_line_are_scanned(void **state)
{
	const char *p = "12 \t345:18446744073709551616";
	uint64_t v;

	(void)state;
	assert_true(scan_u64(&p, &v));
	assert_int_equal(v, 12);
	assert_true(scan_u64(&p, &v));
	assert_int_equal(v, 345);
	assert_false(scan_u64(&p, &v));
	assert_int_equal(*p++, ':');
	assert_false(scan_u64(&p, &v));
	assert_int_equal(*p, '\0');
	assert_int_equal(v, 345);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads_both_orders),
		cmocka_unit_test(parses_strictly),
		cmocka_unit_test(parses_signed),
		cmocka_unit_test(u32_has_its_own_range),
		cmocka_unit_test(numbers_of_a_line_are_scanned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
