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

static inline uint64_t strhash(const char *s)
{
	size_t n = strlen(s);
	uint64_t h = n, word;

	for (; n >= sizeof(word); s += sizeof(word), n -= sizeof(word)) {
		memcpy(&word, s, sizeof(word));
		h = strhash_mix(h, word);
	}
	word = 0;
	memcpy(&word, s, n);
	h = strhash_mix(h, word);
	return h ^ h >> 29;
}
