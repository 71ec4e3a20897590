/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A hash of strings for tables in memory: SipHash-1-3 with a key that each process gets from the kernel. The names come
 * from files that others made, so nobody may be able to choose many with one hash. (A seed for a weaker function would
 * not do: two words can differ so that the difference cancels out whatever the seed is.) Never stored, and nothing that
 * is written may depend on its values.
 */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

uint64_t strhash_n(const char *s, size_t n);

static inline uint64_t strhash(const char *s)
{
	return strhash_n(s, strlen(s));
}

/* ---- for its test ---- */

/* SipHash-1-3 of Aumasson and Bernstein; key: two words, little endian. */
uint64_t strhash_keyed(const uint64_t key[static 2], const char *s, size_t n);
