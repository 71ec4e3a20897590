// SPDX-License-Identifier: MIT
#include "image/xzhead.h"

#define STREAM_HEADER 12
#define CHECK_MAX 15
#define CHECK_CRC32 1
#define FILTERS_MAX 4
#define FILTER_LZMA2 0x21
#define DICTIONARY_BITS_MAX 40
#define HAS_PACKED_SIZE 0x40
#define HAS_UNPACKED_SIZE 0x80

/* A number of 7 bits per byte, the lowest first; at most 9 bytes. */
static int take_number(struct span *s, uint64_t *ret)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 9; i++) {
		struct span byte;

		if (span_take(s, 1, &byte) < 0)
			return -EINVAL;
		v |= (uint64_t)(*byte.p & 0x7f) << 7 * i;
		if (!(*byte.p & 0x80)) {
			*ret = v;
			return 0;
		}
	}
	return -EINVAL;
}

/* 2^n and the 1.5 fold of it alternate. */
static uint64_t dictionary_size(uint8_t bits)
{
	return bits > DICTIONARY_BITS_MAX ? 0 : (uint64_t)(2 | (bits & 1)) << (bits / 2 + 11);
}

static int read_filter(struct span *s, struct xzhead *x)
{
	uint64_t id, size;
	struct span properties;

	if (take_number(s, &id) < 0 || take_number(s, &size) < 0 || span_take(s, size, &properties) < 0)
		return -EINVAL;
	if (id == FILTER_LZMA2 && properties.n == 1)
		x->dictionary = dictionary_size(*properties.p);
	return 0;
}

/* Behind the stream header: the block's, whose first byte is its size in words less one; 0: an empty file's index. */
static int read_block(struct span s, struct xzhead *x)
{
	uint8_t words, flags;
	uint64_t unused;
	struct span block;
	int r = 0;

	if (span_u8(s, 0, &words) < 0 || words == 0)
		return 0;
	if (span_sub(s, 0, (words + 1u) * 4, &block) < 0 || span_u8(block, 1, &flags) < 0 || span_from(block, 2, &block) < 0)
		return -EINVAL;
	if (flags & HAS_PACKED_SIZE)
		r = take_number(&block, &unused);
	if (r >= 0 && flags & HAS_UNPACKED_SIZE)
		r = take_number(&block, &unused);
	for (unsigned i = 0; r >= 0 && i <= (flags & (FILTERS_MAX - 1)); i++)
		r = read_filter(&block, x);
	return r;
}

int xzhead_read(struct span head, struct xzhead *ret)
{
	static const uint8_t magic[] = { 0xfd, '7', 'z', 'X', 'Z', 0, 0 };
	struct xzhead x = { 0 };
	struct span rest;
	int r;

	if (!span_starts(head, magic, sizeof(magic)) || span_from(head, STREAM_HEADER, &rest) < 0 || head.p[7] > CHECK_MAX)
		return -EINVAL;
	x.check = head.p[7];
	r = read_block(rest, &x);
	if (r < 0)
		return r;
	*ret = x;
	return 0;
}

bool xzhead_kernel_can(const struct xzhead *x)
{
	return x->check <= CHECK_CRC32;
}

const char *xzhead_check_name(uint8_t check)
{
	static const char *const names[CHECK_MAX + 1] = { [0] = "none", [1] = "CRC32", [4] = "CRC64", [10] = "SHA-256" };

	return check <= CHECK_MAX && names[check] ? names[check] : "unknown";
}
