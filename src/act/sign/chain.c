// SPDX-License-Identifier: MIT
#include "act/sign/chain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/vec.h"
#include "act/sign/attributes.h"
#include "act/sign/cert.h"
#include "act/sign/cert_form.h"
#include "act/sign/cert_kernel.h"
#include "read/image/oid.h"

struct chain_kernel chain_kernel_of(unsigned version, const struct kconfig *config)
{
	return (struct chain_kernel){
		.version = version,
		.without_ecdsa = config->crypto[KCONFIG_ECDSA] == KCONFIG_NOT_BUILT,
		.without_mldsa = config->crypto[KCONFIG_MLDSA] == KCONFIG_NOT_BUILT,
		.attributes = config->crypto[KCONFIG_MLDSA_ATTRIBUTES],
	};
}

bool chain_is_signer(const struct cert *c, const struct cms_signer *s)
{
	if (s->by_skid)
		return span_eq(cert_skid(c), s->skid); /* an empty one cannot be parsed: cms_read.c */
	return span_eq(cert_serial(c), s->serial) && span_eq(cert_issuer(c), s->issuer);
}

/* ---- signatures on certificates ---- */

/* The signer of a certificate, as if it had signed a message. False: a scheme that has no such form. */
static bool as_signer(const struct cert *c, struct cms_signer *ret)
{
	const ASN1_BIT_STRING *signature;
	const ASN1_OBJECT *hash;
	int md, key;

	X509_get0_signature(&signature, NULL, cert_x509(c));
	*ret = (struct cms_signer){
		.scheme_oid = cert_scheme(c),
		.signature = span_of(ASN1_STRING_get0_data(signature), (size_t)ASN1_STRING_length(signature)),
	};
	if (cms_scheme_by_oid(ret->scheme_oid) == CMS_MLDSA)
		return true;
	if (OBJ_find_sigid_algs(X509_get_signature_nid(cert_x509(c)), &md, &key) != 1 || md == NID_undef ||
	    (key != NID_rsaEncryption && key != NID_X9_62_id_ecPublicKey))
		return false;
	hash = OBJ_nid2obj(md);
	ret->hash_oid = span_of(OBJ_get0_data(hash), OBJ_length(hash));
	ret->scheme_oid = key == NID_rsaEncryption ? OID(RSA) : OID(ECDSA_SHA256);
	return true;
}

/* What is no signature at all has an error of its own: one for each kind of key. */
static int error_of(enum cms_check check, const struct cms_signer *s, const struct cert *issuer,
		    struct chain_kernel kernel)
{
	const EVP_PKEY *key = cert_public_key(issuer);
	enum cms_scheme scheme = cms_scheme_by_oid(s->scheme_oid);

	if (kernel.without_ecdsa && scheme == CMS_ECDSA && EVP_PKEY_is_a(key, "EC"))
		return -ENOENT;
	if (kernel.without_mldsa && scheme == CMS_MLDSA)
		return -ENOENT;
	if (!attributes_have_hash(s))
		return -EINVAL;
	if (scheme == CMS_RSA && EVP_PKEY_is_a(key, "RSA") && !cert_is_kernel_rsa(key))
		return -EINVAL;
	if (check == CMS_CHECK_GOOD)
		return 0;
	if (check == CMS_CHECK_UNSUPPORTED)
		return scheme == CMS_MLDSA ? -EOPNOTSUPP : -ENOPKG;
	if (check == CMS_CHECK_BAD && scheme == CMS_RSA && EVP_PKEY_is_a(key, "RSA"))
		return cms_is_block(s, issuer) ? -EBADMSG : -EINVAL;
	if (check == CMS_CHECK_BAD && scheme == CMS_ECDSA && EVP_PKEY_is_a(key, "EC"))
		return -EBADMSG;
	if (check == CMS_CHECK_BAD && scheme == CMS_MLDSA && cert_mldsa_name(issuer))
		return -EBADMSG;
	return -EKEYREJECTED;
}

static int check_certificate(const struct cert *c, const struct cert *issuer, struct chain_kernel kernel)
{
	struct cms_signer s;

	if (!as_signer(c, &s))
		return -ENOPKG;
	return error_of(cms_check(&s, issuer, cert_tbs(c)), &s, issuer, kernel);
}

/* ---- who issued it ---- */

/* The authority key identifier: both ways in which it may name the issuer. */
struct authority {
	AUTHORITY_KEYID *akid; /* NULL: it has none */
	struct span keyid;
	struct span issuer, serial; /* contents of Name and INTEGER; serial without a leading zero; both or none */
};

static void authority_done(struct authority *a)
{
	AUTHORITY_KEYID_free(a->akid);
}

static struct span string_span(const ASN1_STRING *s)
{
	return s ? span_of(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s)) : span_of(NULL, 0);
}

/* Contents of the first name of a directory. */
static struct span directory_name(const GENERAL_NAMES *names)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		const unsigned char *der;
		struct der_item item;
		struct span in;
		size_t n;

		if (name->type != GEN_DIRNAME || X509_NAME_get0_der(name->d.directoryName, &der, &n) != 1)
			continue;
		in = span_of(der, n);
		return der_expect(&in, DER_SEQUENCE, &item) < 0 ? span_of(NULL, 0) : item.body;
	}
	return span_of(NULL, 0);
}

static struct authority authority_of(const struct cert *c)
{
	struct authority a = { .akid = X509_get_ext_d2i(cert_x509(c), NID_authority_key_identifier, NULL, NULL) };

	if (!a.akid)
		return a;
	a.keyid = string_span(a.akid->keyid);
	a.issuer = directory_name(a.akid->issuer);
	a.serial = string_span(a.akid->serial);
	if (a.issuer.n == 0 || a.serial.n == 0)
		a.issuer = a.serial = span_of(NULL, 0);
	return a;
}

static bool is_named(const struct cert *c, const struct authority *a)
{
	return span_eq(cert_issuer(c), a->issuer) && span_eq(cert_serial_id(c), a->serial);
}

/* The certificate that it names; the serial number goes before the key identifier, which must then fit, too. */
static int find_authority(const struct keyring *ring, const struct authority *a, const struct cert **ret)
{
	for (size_t i = 0; i < ring->n; i++) {
		const struct cert *c = ring->certs[i];

		if (a->issuer.n > 0 ? !is_named(c, a) : a->keyid.n == 0 || !span_eq(cert_skid(c), a->keyid))
			continue;
		if (a->issuer.n > 0 && a->keyid.n > 0 && !span_eq(cert_skid(c), a->keyid))
			return -EKEYREJECTED;
		*ret = c;
		return 0;
	}
	return -ENOKEY;
}

static int find_issuer(const struct keyring *ring, const struct cert *c, const struct cert **ret)
{
	_cleanup_(authority_done) struct authority a = authority_of(c);

	return find_authority(ring, &a, ret);
}

/* Issuer and subject are the same, and so are the keys as far as it says. */
static bool is_self_signed(const struct cert *c)
{
	_cleanup_(authority_done) struct authority a = authority_of(c);

	if (!span_eq(cert_issuer(c), cert_subject(c)))
		return false;
	if ((cert_skid(c).n == 0 || a.keyid.n == 0) && a.issuer.n == 0)
		return true;
	return (a.keyid.n > 0 && span_eq(cert_skid(c), a.keyid)) || (a.issuer.n > 0 && is_named(c, &a));
}

bool chain_names_issuer(const struct cert *c)
{
	_cleanup_(authority_done) struct authority a = authority_of(c);

	return !is_self_signed(c) && (a.keyid.n > 0 || a.issuer.n > 0);
}

bool chain_is_issued_by(const struct cert *c, const struct cert *issuer)
{
	_cleanup_(authority_done) struct authority a = authority_of(c);
	bool is_named_so = a.issuer.n > 0 ? is_named(issuer, &a) : a.keyid.n > 0 && span_eq(cert_skid(issuer), a.keyid);

	return is_named_so && check_certificate(c, issuer, (struct chain_kernel){ 0 }) == 0;
}

/* ---- the certificates of a message ---- */

/* One that libcrypto here cannot check is kept. */
static int read_certificate(struct span der, struct chain_kernel kernel, struct cert **ret, bool *ret_unchecked)
{
	struct cert *c;
	int r = cert_form_check(der, kernel.version);

	if (r == 0)
		r = cert_parse(der, "embedded certificate", NULL, &c);
	if (r < 0)
		return r;
	r = is_self_signed(c) ? check_certificate(c, c, kernel) : 0;
	if (r == -EOPNOTSUPP) {
		*ret_unchecked = true;
		r = 0;
	}
	if (r < 0)
		cert_free(c);
	else
		*ret = c;
	return r;
}

int chain_read(const struct cms *message, struct chain_kernel kernel, struct keyring *ret, bool *ret_unchecked)
{
	_cleanup_keyring_ struct keyring ring = { 0 };
	struct span rest = message->certificates;
	bool unchecked = false;
	struct der_item item;
	int r;

	while ((r = form_next(&rest, &item)) == 1) {
		struct cert *c;

		r = read_certificate(item.whole, kernel, &c, &unchecked);
		if (r == 0)
			r = keyring_take(&ring, c);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return r;
	*ret = ring;
	*ret_unchecked = unchecked;
	ring = (struct keyring){ 0 };
	return 0;
}

/* ---- the chain ---- */

void chain_done(struct chain *c)
{
	free(c->links);
	*c = (struct chain){ 0 };
}

const struct cert *chain_leaf(const struct keyring *embedded, const struct cms_signer *s)
{
	for (size_t i = 0; i < embedded->n && !s->by_skid; i++)
		if (chain_is_signer(embedded->certs[i], s))
			return embedded->certs[i];
	return NULL;
}

static bool has_link(const struct chain *c, const struct cert *link)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->links[i] == link)
			return true;
	return false;
}

/* By the digest of what is signed of it, with the hash of that signature. */
static bool is_forbidden(const struct cert *c, struct chain_kernel kernel)
{
	const struct cms_hash *h;
	uint8_t digest[CMS_DIGEST_MAX];
	struct cms_signer s;
	size_t n;

	if (!kernel.blacklist || !as_signer(c, &s))
		return false;
	h = cms_hash_by_oid(s.hash_oid);
	return h && cms_digest(h, cert_tbs(c), digest, &n) == 0 &&
	       ring_forbids(kernel.blacklist, "tbs", span_of(digest, n));
}

/* The issuer of the last link, if the message has it and it is not a link yet. 1, 0 or an error. */
static int next_link(const struct keyring *embedded, struct chain_kernel kernel, struct chain *c,
		     const struct cert **ret)
{
	const struct cert *last = c->links[c->n - 1], *issuer;
	_cleanup_(authority_done) struct authority a = authority_of(last);
	int r;

	c->forbidden = is_forbidden(last, kernel) ? last : NULL;
	c->ends = is_self_signed(last);
	if (c->ends || c->forbidden)
		return 0;
	r = find_authority(embedded, &a, &issuer);
	if (r < 0 || issuer == last) /* itself: another certificate of its issuer's key */
		return r == -ENOKEY ? 0 : r;
	r = check_certificate(last, issuer, kernel);
	if (r < 0)
		return r;
	c->ends = has_link(c, issuer);
	*ret = issuer;
	return !c->ends;
}

int chain_build(const struct keyring *embedded, const struct cms_signer *s, struct span covered,
		struct chain_kernel kernel, struct chain *ret)
{
	const struct cert *link = chain_leaf(embedded, s);
	_cleanup_chain_ struct chain c = { 0 };
	int r = 0;

	if (link) {
		c.links = calloc(embedded->n, sizeof(const struct cert *));
		r = c.links ? error_of(cms_check(s, link, covered), s, link, kernel) : -ENOMEM;
	}
	for (int more = link != NULL; r == 0 && more; more = r > 0, r = r < 0 ? r : 0) {
		c.links[c.n++] = link;
		r = next_link(embedded, kernel, &c, &link);
	}
	if (r < 0)
		return r;
	*ret = c;
	c = (struct chain){ 0 };
	return 0;
}

/* The same certificate by serial number and issuer, and by key identifier. */
static const struct cert *find_link(const struct keyring *ring, const struct cert *link)
{
	for (size_t i = 0; i < ring->n; i++) {
		const struct cert *c = ring->certs[i];

		if (span_eq(cert_serial(c), cert_serial(link)) && span_eq(cert_issuer(c), cert_issuer(link)) &&
		    (cert_skid(link).n == 0 || span_eq(cert_skid(c), cert_skid(link))))
			return c;
	}
	return NULL;
}

/* An issuer that is not a link vouches for the last one. */
int chain_trust(const struct chain *c, const struct keyring *ring, const struct cms_signer *s, struct span covered,
		const struct cert **ret)
{
	const struct chain_kernel known = { 0 }; /* what is on a ring can be checked */
	const struct cert *key = NULL;
	size_t i;
	int r = 0;

	*ret = NULL;
	for (i = 0; i < c->n && !key; i++)
		key = find_link(ring, c->links[i]);
	if (key)
		i--;
	else
		r = c->ends ? -ENOKEY : find_issuer(ring, c->links[c->n - 1], &key);
	if (r < 0)
		return r;
	*ret = key;
	r = i == 0 ? error_of(cms_check(s, key, covered), s, key, known) :
		     check_certificate(c->links[i - 1], key, known);
	return r < 0 && r != -ENOPKG ? -EKEYREJECTED : r;
}

size_t chain_issuer_id(const struct chain *c, uint8_t *ret, size_t cap)
{
	_cleanup_(authority_done) struct authority a = authority_of(c->links[c->n - 1]);

	if (c->ends || a.keyid.n == 0 || a.keyid.n > cap)
		return 0;
	memcpy(ret, a.keyid.p, a.keyid.n);
	return a.keyid.n;
}
