// SPDX-License-Identifier: MIT
#include "act/depmod/hash.h"

#include <string.h>

#include "base/num.h"

/* As kmod reads them, whose order this gives: in the byte order of the machine that runs it. */
static uint32_t load16(const char *s)
{
	return load_u16(s, false);
}

/* The last one to three bytes. Single bytes are signed in the published algorithm. */
static uint32_t hash_tail(uint32_t h, const char *s, size_t n)
{
	switch (n) {
	case 3:
		h += load16(s);
		h ^= h << 16;
		h ^= (uint32_t)(int32_t)(signed char)s[2] << 18;
		return h + (h >> 11);
	case 2:
		h += load16(s);
		h ^= h << 11;
		return h + (h >> 17);
	case 1:
		h += (uint32_t)(int32_t)(signed char)s[0];
		h ^= h << 10;
		return h + (h >> 1);
	default:
		return h;
	}
}

uint32_t superfast_hash(const char *s, size_t n)
{
	uint32_t h = (uint32_t)n;

	for (; n >= 4; s += 4, n -= 4) {
		uint32_t t;

		h += load16(s);
		t = (load16(s + 2) << 11) ^ h;
		h = (h << 16) ^ t;
		h += h >> 11;
	}
	h = hash_tail(h, s, n);
	h ^= h << 3;
	h += h >> 5;
	h ^= h << 4;
	h += h >> 17;
	h ^= h << 25;
	h += h >> 6;
	return h;
}

int hash_order_compare(uint32_t bucket_a, const char *a, uint32_t bucket_b, const char *b)
{
	if (bucket_a != bucket_b)
		return bucket_a < bucket_b ? -1 : 1;
	return strcmp(a, b);
}
