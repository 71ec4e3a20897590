// SPDX-License-Identifier: MIT
#include "verb/trust/oracle.h"

#include <stdio.h>

#include "read/image/trailer.h"
#include "act/sign/cms.h"

/* As keyctl_pkey_verify(3) wants encoding and hash; NULL: the kernel cannot be asked. */
static const char *encoding(const struct cms_signer *signer)
{
	switch (cms_scheme_by_oid(signer->scheme_oid)) {
	case CMS_RSA:
		return "pkcs1";
	case CMS_ECDSA:
		return "x962";
	default:
		return NULL;
	}
}

static enum trust_answer verify(const struct keyring_access *k, const struct cms_signer *signer,
				const struct cert *cert, struct span payload)
{
	const struct cms_hash *hash = cms_hash_by_oid(signer->hash_oid);
	uint8_t digest[CMS_DIGEST_MAX];
	char how[64];
	size_t n;
	int r;

	if (!hash || !encoding(signer) || signer->attributes.n > 0 || cms_digest(hash, payload, digest, &n) < 0)
		return TRUST_UNKNOWN;
	snprintf(how, sizeof(how), "enc=%s hash=%s", encoding(signer), hash->name);
	r = k->calls->verifies(k->data, cert_der(cert), how, span_of(digest, n), signer->signature);
	return r < 0 ? TRUST_UNKNOWN : r ? TRUST_YES : TRUST_NO;
}

enum trust_answer oracle_signature(const struct trust_context *ctx, const struct module_reading *m, struct span file)
{
	const struct keyring_access *k = ctx->sys->keyring;
	const struct trailer t = trailer_read(file);
	_cleanup_cms_ struct cms cms = { 0 };
	const char *why;

	if (!m->key || !k || !k->calls->verifies || t.state != TRAILER_OK || cms_parse(t.signature, &cms, &why) < 0 ||
	    m->links > 0 || m->signer >= cms.n)
		return TRUST_UNKNOWN;
	return verify(k, &cms.signers[m->signer], m->key->cert, t.payload);
}

/* The restriction of a private ring that consults the same rings as module loading does. */
static const char *restriction(const struct trust_context *ctx, enum trust_ring ring, char *text, size_t cap)
{
	if (ring == TRUST_RING_BUILTIN)
		return "builtin_trusted";
	if (ring == TRUST_RING_SECONDARY || ring == TRUST_RING_MACHINE)
		return "builtin_and_secondary_trusted";
	snprintf(text, cap, "key_or_keyring:%d", ctx->stores->rings[ring].serial);
	return text;
}

bool oracle_vouches(const struct trust_context *ctx, const struct module_reading *m)
{
	const struct keyring_access *k = ctx->sys->keyring;
	char text[40];

	return m->key && k && k->calls->vouches &&
	       k->calls->vouches(k->data, restriction(ctx, m->module.ring, text, sizeof(text)),
				 cert_der(m->key->cert)) == 1;
}
