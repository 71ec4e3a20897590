/* SPDX-License-Identifier: MIT */
#pragma once

/* Sets of small numbers as words of bits. Private to the search, which specializes its code for sets of one word. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORD_BITS 64

/* A copy for each number of words; in the static binary, which must be small, one for all. */
#ifdef __OPTIMIZE_SIZE__
#define SPECIALIZED static inline
#else
#define SPECIALIZED static inline __attribute__((always_inline))
#endif

SPECIALIZED bool set_is_empty(const uint64_t *set, size_t words)
{
	uint64_t any = 0;

	for (size_t i = 0; i < words; i++)
		any |= set[i];
	return any == 0;
}

SPECIALIZED bool set_has(const uint64_t *set, size_t bit)
{
	return set[bit / WORD_BITS] >> (bit % WORD_BITS) & 1;
}

SPECIALIZED void set_add(uint64_t *set, size_t bit)
{
	set[bit / WORD_BITS] |= UINT64_C(1) << (bit % WORD_BITS);
}

SPECIALIZED void set_advance(uint64_t *set, size_t words)
{
	for (size_t i = words; i-- > 1;)
		set[i] = set[i] << 1 | set[i - 1] >> (WORD_BITS - 1);
	set[0] <<= 1;
}

/* Bits of the half-th word of a character set that lie in [first, last]. */
SPECIALIZED uint64_t half_range(unsigned half, unsigned first, unsigned last)
{
	unsigned base = half * WORD_BITS, low, high;

	if (last < base || first >= base + WORD_BITS)
		return 0;
	low = first > base ? first - base : 0;
	high = last - base < WORD_BITS ? last - base : WORD_BITS - 1;
	return UINT64_MAX << low & UINT64_MAX >> (WORD_BITS - 1 - high);
}
