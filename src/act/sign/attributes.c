// SPDX-License-Identifier: MIT
#include "act/sign/attributes.h"

#include <errno.h>

#include "read/image/der.h"
#include "read/image/oid.h"

bool attributes_are_taken(const struct cms *message, enum kconfig_built option)
{
	for (size_t i = 0; i < message->n; i++)
		if (cms_scheme_by_oid(message->signers[i].scheme_oid) != CMS_MLDSA)
			return false;
	return option == KCONFIG_BUILT_IN || option == KCONFIG_BUILT_UNKNOWN;
}

bool attributes_have_hash(const struct cms_signer *s)
{
	return s->attributes.n == 0 || span_eq(s->hash_oid, OID(SHA512));
}

int attributes_cover(const struct cms_signer *s, struct span payload, struct buf *into, struct span *ret)
{
	uint8_t digest[CMS_DIGEST_MAX];
	size_t n;
	int r;

	if (s->attributes.n == 0) {
		*ret = payload;
		return 0;
	}
	r = cms_digest(cms_hash_by_oid(s->hash_oid), payload, digest, &n);
	if (r < 0)
		return r;
	/* As a SET, which has not the tag that it has in the message. */
	buf_clear(into);
	buf_addc(into, DER_SET);
	r = buf_add(into, s->attributes.p + 1, s->attributes.n - 1);
	if (r < 0)
		return r;
	if (!span_eq(s->digest, span_of(digest, n)))
		return -EKEYREJECTED;
	*ret = buf_span(into);
	return 0;
}
