/* SPDX-License-Identifier: MIT */
#pragma once

/* A hash of short strings for tables in memory: eight bytes at a time. Never stored, never sent anywhere. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t strhash_mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9fb21c651e98df25);
	return h ^ h >> 32;
}

/* The last bytes of a string of less than eight. */
static inline uint64_t strhash_short(const char *s, size_t n)
{
	uint64_t word = 0;

	for (size_t i = 0; i < n; i++)
		word = word << 8 | (unsigned char)s[i];
	return word;
}

static inline uint64_t strhash_n(const char *s, size_t n)
{
	uint64_t h = n, word;
	size_t i;

	for (i = 0; i + sizeof(word) <= n; i += sizeof(word)) {
		memcpy(&word, s + i, sizeof(word));
		h = strhash_mix(h, word);
	}
	/* The rest: loading the last eight bytes, some of them a second time, is cheaper than loading the last few. */
	if (i < n && n >= sizeof(word))
		memcpy(&word, s + n - sizeof(word), sizeof(word));
	else
		word = strhash_short(s + i, n - i);
	h = strhash_mix(h, word);
	return h ^ h >> 29;
}

static inline uint64_t strhash(const char *s)
{
	return strhash_n(s, strlen(s));
}
