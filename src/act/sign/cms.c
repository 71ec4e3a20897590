// SPDX-License-Identifier: MIT
#include "act/sign/cms.h"

#include <strings.h>

#include "base/cleanup.h"
#include "read/image/oid.h"
#include "read/image/sigalg.h"

static const struct cms_hash hashes[] = {
	{ "sha256", "SHA256", OID_INITIALIZER(SHA256) },
	{ "sha384", "SHA384", OID_INITIALIZER(SHA384) },
	{ "sha512", "SHA512", OID_INITIALIZER(SHA512) },
	{ "sha224", "SHA224", OID_INITIALIZER(SHA224) },
	{ "sha1", "SHA1", OID_INITIALIZER(SHA1) },
	{ "sha3-256", "SHA3-256", OID_INITIALIZER(SHA3_256) },
	{ "sha3-384", "SHA3-384", OID_INITIALIZER(SHA3_384) },
	{ "sha3-512", "SHA3-512", OID_INITIALIZER(SHA3_512) },
	{ "sm3", "SM3", OID_INITIALIZER(SM3) },
	{ "streebog256", "md_gost12_256", OID_INITIALIZER(STREEBOG256) },
	{ "streebog512", "md_gost12_512", OID_INITIALIZER(STREEBOG512) },
	{ "md5", "MD5", OID_INITIALIZER(MD5) },
	{ "md4", "MD4", OID_INITIALIZER(MD4) },
};

static const struct {
	struct span oid;
	enum cms_scheme scheme;
} schemes[] = {
	{ OID_INITIALIZER(RSA), CMS_RSA },
	{ OID_INITIALIZER(ECDSA_SHA1), CMS_ECDSA },
	{ OID_INITIALIZER(ECDSA_SHA224), CMS_ECDSA },
	{ OID_INITIALIZER(ECDSA_SHA256), CMS_ECDSA },
	{ OID_INITIALIZER(ECDSA_SHA384), CMS_ECDSA },
	{ OID_INITIALIZER(ECDSA_SHA512), CMS_ECDSA },
	{ OID_INITIALIZER(ECDSA_SHA3_256), CMS_ECDSA },
	{ OID_INITIALIZER(ECDSA_SHA3_384), CMS_ECDSA },
	{ OID_INITIALIZER(ECDSA_SHA3_512), CMS_ECDSA },
	{ OID_INITIALIZER(MLDSA44), CMS_MLDSA },
	{ OID_INITIALIZER(MLDSA65), CMS_MLDSA },
	{ OID_INITIALIZER(MLDSA87), CMS_MLDSA },
	{ OID_INITIALIZER(SM2_SM3), CMS_SCHEME_KERNEL_ONLY },
	{ OID_INITIALIZER(GOST2012_256), CMS_SCHEME_KERNEL_ONLY },
	{ OID_INITIALIZER(GOST2012_512), CMS_SCHEME_KERNEL_ONLY },
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
	return span_eq(c->content_type, OID(DATA));
}

bool cms_is_authenticode(const struct cms *c)
{
	return span_eq(c->content_type, OID(INDIRECT_DATA));
}
