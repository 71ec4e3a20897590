// SPDX-License-Identifier: MIT
#include "act/sign/cms.h"

#include <strings.h>

#include "base/cleanup.h"
#include "read/image/sigalg.h"

#define OID(bytes)                                        \
	{                                                 \
		(const uint8_t *)bytes, sizeof(bytes) - 1 \
	}

static const struct span oid_indirect_data = OID("\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x04"); /* Authenticode */
static const struct span oid_data = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01");

static const struct cms_hash hashes[] = {
	{ "sha256", "SHA256", OID("\x60\x86\x48\x01\x65\x03\x04\x02\x01") },
	{ "sha384", "SHA384", OID("\x60\x86\x48\x01\x65\x03\x04\x02\x02") },
	{ "sha512", "SHA512", OID("\x60\x86\x48\x01\x65\x03\x04\x02\x03") },
	{ "sha224", "SHA224", OID("\x60\x86\x48\x01\x65\x03\x04\x02\x04") },
	{ "sha1", "SHA1", OID("\x2b\x0e\x03\x02\x1a") },
	{ "sha3-256", "SHA3-256", OID("\x60\x86\x48\x01\x65\x03\x04\x02\x08") },
	{ "sha3-384", "SHA3-384", OID("\x60\x86\x48\x01\x65\x03\x04\x02\x09") },
	{ "sha3-512", "SHA3-512", OID("\x60\x86\x48\x01\x65\x03\x04\x02\x0a") },
	{ "sm3", "SM3", OID("\x2a\x81\x1c\xcf\x55\x01\x83\x11") },
	{ "streebog256", "md_gost12_256", OID("\x2a\x85\x03\x07\x01\x01\x02\x02") },
	{ "streebog512", "md_gost12_512", OID("\x2a\x85\x03\x07\x01\x01\x02\x03") },
	{ "md5", "MD5", OID("\x2a\x86\x48\x86\xf7\x0d\x02\x05") },
	{ "md4", "MD4", OID("\x2a\x86\x48\x86\xf7\x0d\x02\x04") },
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
	return sigalg_knows_hash(h->oid, kernel);
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
