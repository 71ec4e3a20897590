// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "read/image/der.h"

#define BYTES(s) span_of(s, sizeof(s) - 1)

static void reads_elements_in_order(void **state _unused_)
{
	struct span in = BYTES("\x02\x01\x05\x04\x02"
			       "ab");
	struct der_item item;

	assert_int_equal(der_next(&in, &item), 1);
	assert_int_equal(item.tag, DER_INTEGER);
	assert_int_equal(item.body.n, 1);
	assert_int_equal(item.whole.n, 3);
	assert_int_equal(der_expect(&in, DER_OCTET_STRING, &item), 0);
	assert_memory_equal(item.body.p, "ab", 2);
	assert_int_equal(der_next(&in, &item), 0);
}

static void refuses_lengths_that_lead_outside(void **state _unused_)
{
	static const char *const bad[] = { "\x30", "\x30\x02\x05", "\x30\x81", "\x30\x84\xff\xff\xff\xff",
					   "\x1f\x01\x01\x01" };
	struct span five = BYTES("\x04\x85\0\0\0\0\x01x");
	struct der_item whole;

	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		struct span in = span_of_str(bad[i]);
		struct der_item item;

		assert_int_equal(der_next(&in, &item), -EBADMSG);
	}
	assert_int_equal(der_next(&five, &whole), -EBADMSG);
}

static void another_element_than_expected_is_damage(void **state _unused_)
{
	struct span in = BYTES("\x04\x01x"), missing = BYTES("");
	struct der_item item;

	assert_int_equal(der_expect(&in, DER_INTEGER, &item), -EBADMSG);
	assert_int_equal(der_expect(&missing, DER_INTEGER, &item), -EBADMSG);
}

static void optional_leaves_another_element_alone(void **state _unused_)
{
	struct span in = BYTES("\x04\x01x");
	struct der_item item;

	assert_int_equal(der_optional(&in, DER_SET, &item), 0);
	assert_int_equal(in.n, 3);
	assert_int_equal(der_optional(&in, DER_OCTET_STRING, &item), 1);
	assert_int_equal(in.n, 0);
}

static void reads_nested_indefinite_lengths(void **state _unused_)
{
	struct span in = BYTES("\x30\x80\x30\x80\x02\x01\x07\0\0\x02\x01\x08\0\0\x04\x01z");
	struct der_item item, inner;

	assert_int_equal(der_expect(&in, DER_SEQUENCE, &item), 0);
	assert_true(der_is_indefinite(&item));
	assert_int_equal(item.body.n, 10);
	assert_int_equal(der_expect(&item.body, DER_SEQUENCE, &inner), 0);
	assert_int_equal(inner.body.n, 3);
	assert_int_equal(der_expect(&item.body, DER_INTEGER, &inner), 0);
	assert_int_equal(inner.body.p[0], 8);
	assert_int_equal(der_expect(&in, DER_OCTET_STRING, &item), 0);
}

static void an_unended_indefinite_length_is_damage(void **state _unused_)
{
	struct span in = BYTES("\x30\x80\x02\x01\x07\0");
	struct der_item item;

	assert_int_equal(der_next(&in, &item), -EBADMSG);
}

static void writes_the_shortest_length(void **state _unused_)
{
	static const struct {
		size_t n;
		const char *head;
		size_t head_n;
	} cases[] = {
		{ 0, "\x04\0", 2 }, { 127, "\x04\x7f", 2 }, { 128, "\x04\x81\x80", 3 }, { 256, "\x04\x82\x01\0", 4 }
	};
	uint8_t body[256] = { 0 };

	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		_cleanup_buf_ struct buf b = BUF_INIT;

		der_put(&b, DER_OCTET_STRING, span_of(body, cases[i].n));
		assert_int_equal(b.n, cases[i].head_n + cases[i].n);
		assert_memory_equal(b.p, cases[i].head, cases[i].head_n);
	}
}

static void small_numbers_are_one_octet(void **state _unused_)
{
	uint8_t v;

	assert_int_equal(der_small(BYTES("\x03"), &v), 0);
	assert_int_equal(v, 3);
	assert_int_equal(der_small(BYTES("\x80"), &v), -EBADMSG);
	assert_int_equal(der_small(BYTES("\x00\x01"), &v), -EBADMSG);
	assert_int_equal(der_small(span_of(NULL, 0), &v), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_elements_in_order),
		cmocka_unit_test(refuses_lengths_that_lead_outside),
		cmocka_unit_test(another_element_than_expected_is_damage),
		cmocka_unit_test(optional_leaves_another_element_alone),
		cmocka_unit_test(reads_nested_indefinite_lengths),
		cmocka_unit_test(an_unended_indefinite_length_is_damage),
		cmocka_unit_test(writes_the_shortest_length),
		cmocka_unit_test(small_numbers_are_one_octet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
