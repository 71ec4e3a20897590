// SPDX-License-Identifier: MIT
#include "read/image/der.h"

/* More than the kernel accepts (2, act/sign/form): what is shown need not be what it takes. */
#define LENGTH_OCTETS_MAX 4

static bool is_indefinite(struct span in)
{
	return in.n >= 2 && (in.p[0] & 0x20) && in.p[1] == 0x80;
}

bool der_is_indefinite(const struct der_item *item)
{
	return is_indefinite(item->whole);
}

/* The length octets after the tag: body length and how many octets they take. */
static int read_length(struct span in, size_t *ret_length, size_t *ret_octets)
{
	size_t length = 0, n;
	uint8_t b;

	if (span_u8(in, 1, &b) < 0)
		return -EBADMSG;
	if (b < 0x80) {
		*ret_length = b;
		*ret_octets = 1;
		return 0;
	}
	n = b & 0x7f;
	if (n == 0 || n > LENGTH_OCTETS_MAX)
		return -EBADMSG;
	for (size_t i = 0; i < n; i++) {
		if (span_u8(in, 2 + i, &b) < 0)
			return -EBADMSG;
		length = length << 8 | b;
	}
	*ret_length = length;
	*ret_octets = 1 + n;
	return 0;
}

/*
 * The body of an indefinite-length element whose content begins at in[off]: elements up to the end-of-contents
 * octets. Without recursion, so that nesting costs nothing: each open element counts in depth.
 */
static int indefinite_body(struct span in, size_t off, struct span *ret)
{
	size_t at = off, depth = 1, length, octets;
	struct span rest;

	for (;;) {
		uint8_t tag;

		if (span_u8(in, at, &tag) < 0 || (tag & 0x1f) == 0x1f || span_from(in, at, &rest) < 0)
			return -EBADMSG;
		if (is_indefinite(rest)) {
			depth++;
			at += 2;
			continue;
		}
		if (read_length(rest, &length, &octets) < 0 || span_sub(rest, 1 + octets, length, &rest) < 0)
			return -EBADMSG;
		if (tag == 0 && length == 0 && --depth == 0)
			return span_sub(in, off, at - off, ret) < 0 ? -EBADMSG : 0;
		at += 1 + octets + length;
	}
}

static int read_body(struct span in, struct span *ret_body, size_t *ret_whole)
{
	size_t length, octets;
	int r;

	if (is_indefinite(in)) {
		r = indefinite_body(in, 2, ret_body);
		*ret_whole = r < 0 ? 0 : 2 + ret_body->n + 2;
		return r;
	}
	if (read_length(in, &length, &octets) < 0 || span_sub(in, 1 + octets, length, ret_body) < 0)
		return -EBADMSG;
	*ret_whole = 1 + octets + length;
	return 0;
}

int der_next(struct span *in, struct der_item *ret)
{
	struct der_item item = { 0 };
	size_t whole;

	if (in->n == 0)
		return 0;
	item.tag = in->p[0];
	if ((item.tag & 0x1f) == 0x1f || read_body(*in, &item.body, &whole) < 0 ||
	    span_take(in, whole, &item.whole) < 0)
		return -EBADMSG;
	*ret = item;
	return 1;
}

int der_expect(struct span *in, uint8_t tag, struct der_item *ret)
{
	struct der_item item;

	if (der_next(in, &item) != 1 || item.tag != tag)
		return -EBADMSG;
	*ret = item;
	return 0;
}

int der_optional(struct span *in, uint8_t tag, struct der_item *ret)
{
	return in->n == 0 || in->p[0] != tag ? 0 : der_next(in, ret);
}

int der_small(struct span integer, uint8_t *ret)
{
	if (integer.n != 1 || integer.p[0] > 0x7f)
		return -EBADMSG;
	*ret = integer.p[0];
	return 0;
}

struct span der_unsigned(struct span integer)
{
	bool has_zero = integer.n > 1 && integer.p[0] == 0;

	return has_zero ? span_of(integer.p + 1, integer.n - 1) : integer;
}

int der_algorithm(struct span *in, struct span *ret_oid)
{
	struct der_item algorithm, oid;

	if (der_expect(in, DER_SEQUENCE, &algorithm) < 0 || der_expect(&algorithm.body, DER_OID, &oid) < 0)
		return -EBADMSG;
	*ret_oid = oid.body;
	return 0;
}

void der_put(struct buf *out, uint8_t tag, struct span body)
{
	uint8_t head[2 + sizeof(size_t)] = { tag };
	size_t octets = 0, n = 1;

	if (body.n < 0x80) {
		head[n++] = (uint8_t)body.n;
	} else {
		for (size_t rest = body.n; rest; rest >>= 8)
			octets++;
		head[n++] = (uint8_t)(0x80 | octets);
		for (size_t i = octets; i > 0; i--)
			head[n++] = (uint8_t)(body.n >> (8 * (i - 1)));
	}
	buf_add(out, head, n);
	buf_add(out, body.p, body.n);
}
