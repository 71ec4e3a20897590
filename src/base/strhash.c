// SPDX-License-Identifier: MIT
#include "base/strhash.h"

#include <sys/auxv.h>

#include "base/num.h"

struct sip {
	uint64_t a, b, c, d;
};

/* Set once, before its first use, and the same in each copy of this file that a process has (face/kmod/reasons.h). */
static uint64_t process_key[2];

/* AT_RANDOM: sixteen random bytes from the kernel (getauxval(3)). */
__attribute__((constructor)) static void take_key(void)
{
	const void *random = (const void *)(uintptr_t)getauxval(AT_RANDOM);

	if (random)
		memcpy(process_key, random, sizeof(process_key));
}

static inline uint64_t rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static inline struct sip sip_round(struct sip s)
{
	s.a += s.b;
	s.c += s.d;
	s.b = rotate(s.b, 13) ^ s.a;
	s.d = rotate(s.d, 16) ^ s.c;
	s.a = rotate(s.a, 32) + s.d;
	s.c += s.b;
	s.d = rotate(s.d, 21) ^ s.a;
	s.b = rotate(s.b, 17) ^ s.c;
	s.c = rotate(s.c, 32);
	return s;
}

static inline struct sip sip_word(struct sip s, uint64_t word)
{
	s.d ^= word;
	s = sip_round(s);
	s.a ^= word;
	return s;
}

uint64_t strhash_keyed(const uint64_t key[static 2], const char *s, size_t n)
{
	/* "somepseudorandomlygeneratedbytes" */
	struct sip v = { key[0] ^ UINT64_C(0x736f6d6570736575), key[1] ^ UINT64_C(0x646f72616e646f6d),
			 key[0] ^ UINT64_C(0x6c7967656e657261), key[1] ^ UINT64_C(0x7465646279746573) };
	uint64_t last = (uint64_t)n << 56;
	size_t i;

	for (i = 0; i + 8 <= n; i += 8)
		v = sip_word(v, load_le64(s + i));
	for (unsigned at = 0; i < n; i++, at += 8)
		last |= (uint64_t)(unsigned char)s[i] << at;
	v = sip_word(v, last);
	v.c ^= 0xff;
	v = sip_round(sip_round(sip_round(v)));
	return v.a ^ v.b ^ v.c ^ v.d;
}

uint64_t strhash_n(const char *s, size_t n)
{
	return strhash_keyed(process_key, s, n);
}
