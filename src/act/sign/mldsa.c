// SPDX-License-Identifier: MIT
#include "act/sign/mldsa.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"

#define COEFFICIENTS 256 /* of a polynomial */

/* FIPS 204, table 1. */
static const struct parameters {
	const char *name;
	uint8_t hash;         /* octets of the hash in front */
	uint8_t vector, bits; /* polynomials of z, and bits of each coefficient */
	uint8_t rows, weight; /* polynomials of the hint, and how many ones it may have */
	uint16_t bound;       /* a coefficient of z is smaller than 2 ** (bits - 1) by more than this */
} parameters[] = {
	{ "ML-DSA-44", 32, 4, 18, 4, 80, 78 },
	{ "ML-DSA-65", 48, 5, 20, 6, 55, 196 },
	{ "ML-DSA-87", 64, 7, 20, 8, 75, 120 },
};

static const struct parameters *find(const char *name)
{
	for (size_t i = 0; i < ELEMENTSOF(parameters); i++)
		if (strcmp(parameters[i].name, name) == 0)
			return &parameters[i];
	return NULL;
}

/* The positions of each polynomial's ones rise; behind the last one there is nothing. */
static bool is_hint(const struct parameters *m, const uint8_t *p)
{
	const uint8_t *ends = p + m->weight;
	size_t at = 0;

	for (size_t row = 0; row < m->rows; row++) {
		size_t first = at;

		if (ends[row] < at || ends[row] > m->weight)
			return false;
		for (; at < ends[row]; at++)
			if (at > first && p[at - 1] >= p[at])
				return false;
	}
	for (; at < m->weight; at++)
		if (p[at] != 0)
			return false;
	return true;
}

/* Coefficients are packed from the lowest bit on, as what they are less than 2 ** (bits - 1). */
static bool is_bounded(const struct parameters *m, const uint8_t *p)
{
	const uint32_t limit = 1u << (m->bits - 1), mask = (1u << m->bits) - 1;
	size_t n = (size_t)m->vector * COEFFICIENTS;

	for (size_t i = 0; i < n; i++) {
		size_t bit = i * m->bits;
		uint32_t v = 0;

		for (size_t k = 0; k < 4 && bit / 8 + k < n * m->bits / 8; k++)
			v |= (uint32_t)p[bit / 8 + k] << 8 * k;
		v = v >> bit % 8 & mask;
		if (v <= m->bound || v >= 2 * limit - m->bound)
			return false;
	}
	return true;
}

bool mldsa_is_formed(const char *name, struct span signature)
{
	const struct parameters *m = find(name);
	size_t vector, size;

	if (!m)
		return false;
	vector = (size_t)m->vector * COEFFICIENTS * m->bits / 8;
	size = m->hash + vector + m->weight + m->rows;
	return signature.n == size && is_bounded(m, signature.p + m->hash) &&
	       is_hint(m, signature.p + m->hash + vector);
}
