// SPDX-License-Identifier: MIT
#include "act/sign/cms.h"

#include <stdlib.h>
#include <strings.h>

#include "base/vec.h"
#include "read/image/der.h"

#define OID(bytes)                                        \
	{                                                 \
		(const uint8_t *)bytes, sizeof(bytes) - 1 \
	}

static const struct span oid_signed_data = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02");
static const struct span oid_indirect_data = OID("\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x04"); /* Authenticode */
static const struct span oid_data = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01");

/* sha3 came with 6.7, and md4 and md5 were still there in 6.1. */
static const struct cms_hash hashes[] = {
	{ "sha256", "SHA256", OID("\x60\x86\x48\x01\x65\x03\x04\x02\x01"), 0, 0 },
	{ "sha384", "SHA384", OID("\x60\x86\x48\x01\x65\x03\x04\x02\x02"), 0, 0 },
	{ "sha512", "SHA512", OID("\x60\x86\x48\x01\x65\x03\x04\x02\x03"), 0, 0 },
	{ "sha224", "SHA224", OID("\x60\x86\x48\x01\x65\x03\x04\x02\x04"), 0, 0 },
	{ "sha1", "SHA1", OID("\x2b\x0e\x03\x02\x1a"), 0, 0 },
	{ "sha3-256", "SHA3-256", OID("\x60\x86\x48\x01\x65\x03\x04\x02\x08"), 607, 0 },
	{ "sha3-384", "SHA3-384", OID("\x60\x86\x48\x01\x65\x03\x04\x02\x09"), 607, 0 },
	{ "sha3-512", "SHA3-512", OID("\x60\x86\x48\x01\x65\x03\x04\x02\x0a"), 607, 0 },
	{ "sm3", "SM3", OID("\x2a\x81\x1c\xcf\x55\x01\x83\x11"), 0, 0 },
	{ "streebog256", "md_gost12_256", OID("\x2a\x85\x03\x07\x01\x01\x02\x02"), 0, 0 },
	{ "streebog512", "md_gost12_512", OID("\x2a\x85\x03\x07\x01\x01\x02\x03"), 0, 0 },
	{ "md5", "MD5", OID("\x2a\x86\x48\x86\xf7\x0d\x02\x05"), 0, 602 },
	{ "md4", "MD4", OID("\x2a\x86\x48\x86\xf7\x0d\x02\x04"), 0, 602 },
};

static const struct {
	struct span oid;
	enum cms_scheme scheme;
} schemes[] = {
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"), CMS_RSA }, /* rsaEncryption */
	{ OID("\x2a\x86\x48\xce\x3d\x04\x01"), CMS_ECDSA },       /* ecdsa-with-SHA1 */
	{ OID("\x2a\x86\x48\xce\x3d\x04\x03\x01"), CMS_ECDSA },   /* ecdsa-with-SHA224 */
	{ OID("\x2a\x86\x48\xce\x3d\x04\x03\x02"), CMS_ECDSA },
	{ OID("\x2a\x86\x48\xce\x3d\x04\x03\x03"), CMS_ECDSA },
	{ OID("\x2a\x86\x48\xce\x3d\x04\x03\x04"), CMS_ECDSA },
	{ OID("\x60\x86\x48\x01\x65\x03\x04\x03\x0a"), CMS_ECDSA }, /* ecdsa-with-SHA3-256 */
	{ OID("\x60\x86\x48\x01\x65\x03\x04\x03\x0b"), CMS_ECDSA },
	{ OID("\x60\x86\x48\x01\x65\x03\x04\x03\x0c"), CMS_ECDSA },
	{ OID("\x60\x86\x48\x01\x65\x03\x04\x03\x11"), CMS_MLDSA }, /* ML-DSA-44 */
	{ OID("\x60\x86\x48\x01\x65\x03\x04\x03\x12"), CMS_MLDSA },
	{ OID("\x60\x86\x48\x01\x65\x03\x04\x03\x13"), CMS_MLDSA },
	{ OID("\x2a\x81\x1c\xcf\x55\x01\x83\x75"), CMS_SCHEME_KERNEL_ONLY }, /* SM2-with-SM3 */
	{ OID("\x2a\x85\x03\x07\x01\x01\x01\x01"), CMS_SCHEME_KERNEL_ONLY }, /* GOST R 34.10-2012 */
	{ OID("\x2a\x85\x03\x07\x01\x01\x01\x02"), CMS_SCHEME_KERNEL_ONLY },
};

const struct cms_hash *cms_hashes(size_t *ret_n)
{
	*ret_n = ELEMENTSOF(hashes);
	return hashes;
}

const struct cms_hash *cms_hash_by_name(const char *name)
{
	for (size_t i = 0; i < ELEMENTSOF(hashes); i++)
		if (strcasecmp(hashes[i].name, name) == 0)
			return &hashes[i];
	return NULL;
}

const struct cms_hash *cms_hash_by_oid(struct span oid)
{
	for (size_t i = 0; i < ELEMENTSOF(hashes); i++)
		if (span_eq(hashes[i].oid, oid))
			return &hashes[i];
	return NULL;
}

bool cms_hash_is_known_to(const struct cms_hash *h, unsigned kernel)
{
	return kernel >= h->since && (h->until == 0 || kernel < h->until);
}

enum cms_scheme cms_scheme_by_oid(struct span oid)
{
	for (size_t i = 0; i < ELEMENTSOF(schemes); i++)
		if (span_eq(schemes[i].oid, oid))
			return schemes[i].scheme;
	return CMS_SCHEME_UNKNOWN;
}

bool cms_is_data(const struct cms *c)
{
	return span_eq(c->content_type, oid_data);
}

bool cms_is_authenticode(const struct cms *c)
{
	return span_eq(c->content_type, oid_indirect_data);
}

static int bad(const char **ret_why, const char *why)
{
	*ret_why = why;
	return -EBADMSG;
}

static int unknown(const char **ret_why, const char *why)
{
	*ret_why = why;
	return -EINVAL;
}

static int parse_algorithm(struct span *in, struct span *ret_oid)
{
	struct der_item algorithm, oid;

	if (der_expect_definite(in, DER_SEQUENCE, &algorithm) < 0 || der_expect(&algorithm.body, DER_OID, &oid) < 0)
		return -EBADMSG;
	*ret_oid = oid.body;
	return 0;
}

/* The signer's name; the version says which of the two forms it must have. */
static int parse_signer_id(struct span *in, uint8_t version, struct cms_signer *s, const char **ret_why)
{
	struct der_item id, issuer, serial;

	if (der_next(in, &id) != 1)
		return bad(ret_why, "a signer without name");
	s->by_skid = id.tag == DER_CONTEXT_0_PRIMITIVE;
	if (!s->by_skid && id.tag != DER_SEQUENCE)
		return bad(ret_why, "a signer without name");
	if (version != (s->by_skid ? 3 : 1))
		return unknown(ret_why, "the signer's version does not fit the way it is named");
	if (s->by_skid) {
		s->skid = id.body;
		return 0;
	}
	if (der_expect(&id.body, DER_SEQUENCE, &issuer) < 0 || der_expect(&id.body, DER_INTEGER, &serial) < 0)
		return bad(ret_why, "a signer without issuer and serial number");
	s->issuer = issuer.body;
	s->serial = serial.body;
	return 0;
}

static int parse_attributes(struct span *in, struct cms_signer *s)
{
	struct der_item item;
	int r = der_optional(in, DER_CONTEXT_0, &item);

	if (r != 1)
		return r;
	if (item.body.n == 0)
		return -EBADMSG;
	s->has_attributes = true;
	s->attributes = item.body;
	return 0;
}

/* Like the kernel, distinguishes unknown versions from versions that do not belong together. */
static int parse_version(struct span *in, uint8_t *ret, const char **ret_why)
{
	struct der_item item;
	uint8_t version;

	if (der_expect(in, DER_INTEGER, &item) < 0)
		return bad(ret_why, "no version");
	if (der_small(item.body, &version) < 0 || (version != 1 && version != 3))
		return unknown(ret_why, "unknown version");
	*ret = version;
	return 0;
}

static int parse_signature(struct span *in, struct cms_signer *s, const char **ret_why)
{
	struct der_item item;
	int r;

	if (parse_algorithm(in, &s->hash_oid) < 0 || parse_attributes(in, s) < 0 ||
	    parse_algorithm(in, &s->scheme_oid) < 0 || der_expect(in, DER_OCTET_STRING, &item) < 0)
		return bad(ret_why, "a signer without algorithms or signature");
	s->signature = item.body;
	r = der_optional(in, DER_CONTEXT_1, &item);
	if (r < 0 || (r == 1 && item.body.n == 0) || in->n != 0)
		return bad(ret_why, "unexpected data after a signature");
	return 0;
}

static int parse_signer(struct span in, uint8_t message_version, struct cms_signer *ret, const char **ret_why)
{
	struct cms_signer s = { 0 };
	uint8_t version;
	int r = parse_version(&in, &version, ret_why);

	if (r == 0 && version != message_version)
		return bad(ret_why, "the signer's version is not that of the message");
	if (r == 0)
		r = parse_signer_id(&in, version, &s, ret_why);
	if (r == 0)
		r = parse_signature(&in, &s, ret_why);
	if (r < 0)
		return r;
	*ret = s;
	return 0;
}

static int parse_signers(struct span set, uint8_t version, struct cms *c, const char **ret_why)
{
	struct der_item item;
	int r;

	while ((r = der_next(&set, &item)) == 1) {
		if (item.tag != DER_SEQUENCE || der_is_indefinite(&item))
			return bad(ret_why, "an element that is not a signer");
		if (vec_room(&c->signers, c->n, &c->cap) < 0)
			return -ENOMEM;
		r = parse_signer(item.body, version, &c->signers[c->n], ret_why);
		if (r < 0)
			return r;
		c->n++;
	}
	return r < 0 ? bad(ret_why, "the list of signers is truncated") : 0;
}

static int parse_content(struct span *in, struct cms *c)
{
	struct der_item info, type, content;
	int r;

	if (der_expect(in, DER_SEQUENCE, &info) < 0 || der_expect(&info.body, DER_OID, &type) < 0)
		return -EBADMSG;
	r = der_optional(&info.body, DER_CONTEXT_0, &content);
	if (r < 0)
		return r;
	c->content_type = type.body;
	c->has_content = r == 1;
	return 0;
}

static int parse_hash_list(struct span *in, const char **ret_why)
{
	struct der_item set;
	struct span oid;

	if (der_expect(in, DER_SET, &set) < 0 || set.body.n == 0)
		return bad(ret_why, "no list of hashes");
	while (set.body.n > 0)
		if (parse_algorithm(&set.body, &oid) < 0)
			return bad(ret_why, "a damaged list of hashes");
	return 0;
}

static int parse_signed_data(struct span in, struct cms *c, const char **ret_why)
{
	struct der_item item;
	uint8_t version;
	int r = parse_version(&in, &version, ret_why);

	if (r == 0)
		r = parse_hash_list(&in, ret_why);
	if (r < 0)
		return r;
	if (parse_content(&in, c) < 0)
		return bad(ret_why, "no content type");
	r = der_optional(&in, DER_CONTEXT_0, &item);
	if (r == 1)
		c->certificates = item.body;
	if (r < 0)
		return bad(ret_why, "damaged certificates");
	if (in.n > 0 && in.p[0] == DER_CONTEXT_1)
		return bad(ret_why, "revocation lists, which kernels do not read");
	if (der_expect(&in, DER_SET, &item) < 0 || item.body.n == 0)
		return bad(ret_why, "no signer");
	if (in.n != 0)
		return bad(ret_why, "unexpected data after the signers");
	return parse_signers(item.body, version, c, ret_why);
}

static int parse_message(struct span der, struct cms *c, const char **ret_why)
{
	struct der_item outer, type, content, data;
	struct span in = der;

	if (der_expect(&in, DER_SEQUENCE, &outer) < 0)
		return bad(ret_why, "the message is truncated or garbage");
	c->length = outer.whole.n;
	if (der_expect(&outer.body, DER_OID, &type) < 0)
		return bad(ret_why, "not a PKCS#7 message");
	if (!span_eq(type.body, oid_signed_data))
		return unknown(ret_why, "a PKCS#7 message without signed data");
	if (der_expect(&outer.body, DER_CONTEXT_0, &content) < 0 || der_expect(&content.body, DER_SEQUENCE, &data) < 0)
		return bad(ret_why, "no signed data");
	return parse_signed_data(data.body, c, ret_why);
}

int cms_parse(struct span der, struct cms *ret, const char **ret_why)
{
	struct cms c = { 0 };
	int r = parse_message(der, &c, ret_why);

	if (r < 0) {
		cms_done(&c);
		return r;
	}
	*ret = c;
	return 0;
}

void cms_done(struct cms *c)
{
	free(c->signers);
	*c = (struct cms){ 0 };
}
