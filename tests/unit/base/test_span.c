// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "base/span.h"

static void never_outside(void **state)
{
	struct span s = span_of("abcdef", 6), w = { 0 };
	uint32_t v;

	(void)state;
	assert_int_equal(span_sub(s, 2, 4, &w), 0);
	assert_true(span_eq(w, span_of_str("cdef")));
	assert_int_equal(span_sub(s, 6, 0, &w), 0);
	assert_int_equal(span_sub(s, 7, 0, &w), -ERANGE);
	assert_int_equal(span_sub(s, 2, 5, &w), -ERANGE);
	assert_int_equal(span_sub(s, UINT64_MAX, UINT64_MAX, &w), -ERANGE);
	assert_int_equal(span_sub(s, 1, UINT64_MAX, &w), -ERANGE);
	assert_int_equal(span_be32(s, 3, &v), -ERANGE);
	assert_int_equal(span_be32(s, 2, &v), 0);
	assert_int_equal(v, 0x63646566);
}

static void take_moves_on(void **state)
{
	struct span s = span_of("abc", 3), head;

	(void)state;
	assert_int_equal(span_take(&s, 2, &head), 0);
	assert_true(span_eq(head, span_of_str("ab")) && span_eq(s, span_of_str("c")));
	assert_int_equal(span_take(&s, 2, &head), -ERANGE);
	assert_true(span_eq(s, span_of_str("c")));
}

static void cstr_needs_its_nul(void **state)
{
	struct span s = span_of("ab\0cd", 5);
	const char *t = NULL;

	(void)state;
	assert_int_equal(span_cstr(s, 1, &t), 0);
	assert_string_equal(t, "b");
	assert_int_equal(span_cstr(s, 3, &t), -ERANGE);
	assert_int_equal(span_cstr(s, 5, &t), -ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(never_outside),
		cmocka_unit_test(take_moves_on),
		cmocka_unit_test(cstr_needs_its_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
