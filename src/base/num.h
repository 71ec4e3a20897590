/* SPDX-License-Identifier: MIT */
#pragma once

/* Checked arithmetic, unaligned loads of either byte order, and strict number parsing. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* true when the operation overflows; *ret must not be used then */
#define add_overflows(a, b, ret) __builtin_add_overflow(a, b, ret)
#define mul_overflows(a, b, ret) __builtin_mul_overflow(a, b, ret)

static inline uint16_t load_u16(const void *p, bool swap)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return swap ? __builtin_bswap16(v) : v;
}

static inline uint32_t load_u32(const void *p, bool swap)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return swap ? __builtin_bswap32(v) : v;
}

static inline uint64_t load_u64(const void *p, bool swap)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return swap ? __builtin_bswap64(v) : v;
}

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define NUM_HOST_BIG true
#else
#define NUM_HOST_BIG false
#endif

/* Loads of a fixed byte order, whatever the host's. */
static inline uint16_t load_be16(const void *p)
{
	return load_u16(p, !NUM_HOST_BIG);
}
static inline uint32_t load_be32(const void *p)
{
	return load_u32(p, !NUM_HOST_BIG);
}
static inline uint64_t load_be64(const void *p)
{
	return load_u64(p, !NUM_HOST_BIG);
}
static inline uint16_t load_le16(const void *p)
{
	return load_u16(p, NUM_HOST_BIG);
}
static inline uint32_t load_le32(const void *p)
{
	return load_u32(p, NUM_HOST_BIG);
}
static inline uint64_t load_le64(const void *p)
{
	return load_u64(p, NUM_HOST_BIG);
}

static inline void store_be32(void *p, uint32_t v)
{
	v = NUM_HOST_BIG ? v : __builtin_bswap32(v);
	memcpy(p, &v, sizeof(v));
}

static inline void store_le32(void *p, uint32_t v)
{
	v = NUM_HOST_BIG ? __builtin_bswap32(v) : v;
	memcpy(p, &v, sizeof(v));
}

/*
 * The whole string as a number: no leading blanks, no sign for the unsigned form, nothing behind it.
 * base as for strtoull (0: C literal). -EINVAL for anything else, -ERANGE when it does not fit.
 */
int parse_u64(const char *s, int base, uint64_t *ret);
int parse_i64(const char *s, int base, int64_t *ret);
int parse_u32(const char *s, int base, uint32_t *ret);

/*
 * Decimal digits at *p, which is moved past them and past the blanks behind them: for lines of several numbers, as the
 * kernel prints them. false: there is no digit, or the number does not fit; *p is where it stopped.
 */
bool scan_u64(const char **p, uint64_t *ret);
