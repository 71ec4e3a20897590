// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "act/sign/mldsa.h"

/* Of ML-DSA-65: the hash, five polynomials of 256 coefficients of 20 bits, and the hints. */
#define HASH 48
#define VECTOR 3200
#define WEIGHT 55
#define ROWS 6

struct signature {
	uint8_t octets[HASH + VECTOR + WEIGHT + ROWS];
};

static bool is_formed(const struct signature *s)
{
	return mldsa_is_formed("ML-DSA-65", span_of(s->octets, sizeof(s->octets)));
}

/* The two coefficients in these five octets. */
static void set_pair(struct signature *s, size_t pair, uint32_t even, uint32_t odd)
{
	uint8_t *p = s->octets + HASH + 5 * pair;
	uint64_t both = even | (uint64_t)odd << 20;

	for (size_t i = 0; i < 5; i++)
		p[i] = (uint8_t)(both >> 8 * i);
}

static struct signature formed(void)
{
	struct signature s = { 0 };

	for (size_t i = 0; i < VECTOR / 5; i++)
		set_pair(&s, i, 1u << 19, 1u << 19);
	return s;
}

static void coefficients_have_a_bound(void **state _unused_)
{
	static const struct {
		uint32_t v;
		bool good;
	} cases[] = { { 0, false },
		      { 196, false },
		      { 197, true },
		      { (1u << 20) - 197, true },
		      { (1u << 20) - 196, false },
		      { (1u << 20) - 1, false } };

	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		struct signature s = formed();

		set_pair(&s, 0, cases[i].v, 1u << 19);
		assert_int_equal(is_formed(&s), cases[i].good);
		s = formed();
		set_pair(&s, VECTOR / 5 - 1, 1u << 19, cases[i].v);
		assert_int_equal(is_formed(&s), cases[i].good);
	}
}

static void hints_rise(void **state _unused_)
{
	struct signature s = formed();
	uint8_t *at = s.octets + HASH + VECTOR, *ends = at + WEIGHT;

	memset(ends, 2, ROWS);
	at[0] = 7, at[1] = 8;
	assert_true(is_formed(&s));
	at[1] = 7;
	assert_false(is_formed(&s));
	ends[0] = 1; /* one of each of two polynomials */
	assert_true(is_formed(&s));
	at[2] = 1; /* behind the last one */
	assert_false(is_formed(&s));
	at[2] = 0;
	ends[3] = 1; /* less than before */
	assert_false(is_formed(&s));
	memset(ends + 3, WEIGHT + 1, 3);
	assert_false(is_formed(&s));
}

static void sizes_and_names_are_fixed(void **state _unused_)
{
	static const uint8_t zeros[5000];
	struct signature s = formed();

	assert_true(is_formed(&s));
	assert_false(mldsa_is_formed("ML-DSA-65", span_of(s.octets, sizeof(s.octets) - 1)));
	assert_false(mldsa_is_formed("ML-DSA-44", span_of(s.octets, sizeof(s.octets))));
	assert_false(mldsa_is_formed("ML-DSA-45", span_of(zeros, sizeof(zeros))));
	assert_false(mldsa_is_formed("ML-DSA-44", span_of(zeros, 2420)));
	assert_false(mldsa_is_formed("ML-DSA-87", span_of(NULL, 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(coefficients_have_a_bound),
		cmocka_unit_test(hints_rise),
		cmocka_unit_test(sizes_and_names_are_fixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
