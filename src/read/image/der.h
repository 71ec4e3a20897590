/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The part of BER/DER (X.690) that signatures and certificates need: a bounded reader over spans and a DER
 * writer into buffers. One-byte tags only, which is all that PKCS#7 and X.509 use. Constructed elements of indefinite
 * length are read, because the kernel reads them. What else it takes and refuses is in act/sign/form.
 */

#include "base/buf.h"
#include "base/span.h"

enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_UTF8_STRING = 0x0c,
	DER_UNIVERSAL_STRING = 0x1c, /* four bytes per character */
	DER_BMP_STRING = 0x1e,       /* two */
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT_0 = 0xa0, /* [0], constructed */
	DER_CONTEXT_1 = 0xa1,
	DER_CONTEXT_2 = 0xa2,
	DER_CONTEXT_3 = 0xa3,
	DER_CONTEXT_0_PRIMITIVE = 0x80, /* [0] IMPLICIT of a string */
};

struct der_item {
	uint8_t tag;
	struct span whole; /* tag, length and body */
	struct span body;
};

/* Removes the first element of *in. 1, 0 at the end, -EBADMSG for a long tag or a length that leads outside. */
int der_next(struct span *in, struct der_item *ret);
/* The element ends at end-of-contents octets. */
bool der_is_indefinite(const struct der_item *item);
/* der_next(), but the element must be there and have this tag, else -EBADMSG. */
int der_expect(struct span *in, uint8_t tag, struct der_item *ret);
/* Removes the first element if it has this tag: 1 removed, 0 not there, -EBADMSG. */
int der_optional(struct span *in, uint8_t tag, struct der_item *ret);
/* The small unsigned value of an INTEGER body. -EBADMSG unless it is one octet from 0 to 127. */
int der_small(struct span integer, uint8_t *ret);
/* The body of an INTEGER without the zero octet that makes it positive: a serial number as kernels show it. */
struct span der_unsigned(struct span integer);
/* Removes an AlgorithmIdentifier (RFC 5280, 4.1.1.2), whose OID is returned; -EBADMSG. */
int der_algorithm(struct span *in, struct span *ret_oid);

/* Appends one element. Errors stick to *out. */
void der_put(struct buf *out, uint8_t tag, struct span body);
