// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "act/sign/mldsa.h"

/* FIPS 204, tables 1 and 2. */
static const struct kind {
	const char *name;
	size_t hash, polynomials, bits, weight, rows;
	uint32_t bound; /* beta */
	size_t size;
} kinds[] = {
	{ "ML-DSA-44", 32, 4, 18, 80, 4, 78, 2420 },
	{ "ML-DSA-65", 48, 5, 20, 55, 6, 196, 3309 },
	{ "ML-DSA-87", 64, 7, 20, 75, 8, 120, 4627 },
};

struct signature {
	const struct kind *kind;
	uint8_t octets[4627], *hints, *ends;
};

static bool is_formed(const struct signature *s)
{
	return mldsa_is_formed(s->kind->name, span_of(s->octets, s->kind->size));
}

/* Bit by bit, from the lowest of the first octet on. */
static void set_coefficient(struct signature *s, size_t i, uint32_t v)
{
	for (size_t k = 0; k < s->kind->bits; k++) {
		size_t bit = 8 * s->kind->hash + i * s->kind->bits + k;
		uint8_t mask = (uint8_t)(1u << bit % 8);

		s->octets[bit / 8] = (uint8_t)((s->octets[bit / 8] & ~mask) | (v >> k & 1 ? mask : 0));
	}
}

/* All coefficients are zero, which is written as 2 ** (bits - 1). */
static void form(const struct kind *kind, struct signature *ret)
{
	*ret = (struct signature){ .kind = kind };
	for (size_t i = 0; i < 256 * kind->polynomials; i++)
		set_coefficient(ret, i, 1u << (kind->bits - 1));
	ret->ends = ret->octets + kind->size - kind->rows;
	ret->hints = ret->ends - kind->weight;
}

static void coefficients_have_a_bound(void **state _unused_)
{
	for (size_t k = 0; k < ELEMENTSOF(kinds); k++) {
		const uint32_t end = 1u << kinds[k].bits, bound = kinds[k].bound;
		const struct {
			uint32_t v;
			bool good;
		} cases[] = { { 0, false },           { bound, false },  { bound + 1, true }, { end - bound - 1, true },
			      { end - bound, false }, { end - 1, false } };
		const size_t last = 256 * kinds[k].polynomials - 1, at[] = { 0, 1, 2, 3, last - 1, last };
		struct signature s;

		form(&kinds[k], &s);
		assert_true(is_formed(&s));
		for (size_t i = 0; i < ELEMENTSOF(at); i++) {
			for (size_t c = 0; c < ELEMENTSOF(cases); c++) {
				set_coefficient(&s, at[i], cases[c].v);
				assert_int_equal(is_formed(&s), cases[c].good);
			}
			set_coefficient(&s, at[i], end / 2);
		}
	}
}

static void hints_rise(void **state _unused_)
{
	for (size_t k = 0; k < ELEMENTSOF(kinds); k++) {
		struct signature s;

		form(&kinds[k], &s);
		memset(s.ends, 2, kinds[k].rows);
		s.hints[0] = 7, s.hints[1] = 8;
		assert_true(is_formed(&s));
		s.hints[1] = 7;
		assert_false(is_formed(&s));
		s.ends[0] = 1; /* one of each of two polynomials */
		assert_true(is_formed(&s));
		s.hints[2] = 1; /* behind the last one */
		assert_false(is_formed(&s));
		s.hints[2] = 0;
		s.ends[3] = 1; /* less than before */
		assert_false(is_formed(&s));
		s.ends[3] = 2;
		assert_true(is_formed(&s));
		s.ends[kinds[k].rows - 1] = (uint8_t)(kinds[k].weight + 1);
		assert_false(is_formed(&s));
	}
}

static void sizes_and_names_are_fixed(void **state _unused_)
{
	struct signature s;

	for (size_t k = 0; k < ELEMENTSOF(kinds); k++) {
		form(&kinds[k], &s);
		assert_false(mldsa_is_formed(kinds[k].name, span_of(s.octets, kinds[k].size - 1)));
		assert_false(mldsa_is_formed(kinds[(k + 1) % 3].name, span_of(s.octets, kinds[k].size)));
		assert_false(mldsa_is_formed("ML-DSA-45", span_of(s.octets, kinds[k].size)));
		assert_false(mldsa_is_formed(kinds[k].name, span_of(NULL, 0)));
	}
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
