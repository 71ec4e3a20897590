// SPDX-License-Identifier: MIT
#include "read/image/sigalg.h"

#include <stdint.h>

#include "base/cleanup.h"
#include "read/image/oid.h"

struct algorithm {
	const char *oid;
	uint8_t len;
	uint8_t hash; /* of what certificates are signed with: its place in the table of hashes, NO_HASH or OWN_HASH */
	uint16_t since,
		until;    /* kernels that know it in the signature of a module: since <= version < until (0: no end) */
	const char *name; /* as OpenSSL's OBJ_obj2txt() prints it */
};

#define NEVER UINT16_MAX
#define NO_HASH UINT8_MAX
#define OWN_HASH (UINT8_MAX - 1) /* a part of the scheme */

#define HASH(bytes, name, since, until)                               \
	{                                                             \
		bytes, sizeof(bytes) - 1, NO_HASH, since, until, name \
	}
#define SCHEME(bytes, name, since, hash)                       \
	{                                                      \
		bytes, sizeof(bytes) - 1, hash, since, 0, name \
	}

enum { SHA256, SHA384, SHA512, SHA224, SHA1, MD5, SHA3_256, SHA3_384, SHA3_512 };

/* sha3 came with 6.7, and md4 and md5 were still there in 6.1. */
static const struct algorithm hashes[] = {
	[SHA256] = HASH(OID_SHA256, "sha256", 0, 0),
	[SHA384] = HASH(OID_SHA384, "sha384", 0, 0),
	[SHA512] = HASH(OID_SHA512, "sha512", 0, 0),
	[SHA224] = HASH(OID_SHA224, "sha224", 0, 0),
	[SHA1] = HASH(OID_SHA1, "sha1", 0, 0),
	[MD5] = HASH(OID_MD5, "md5", 0, 602),
	[SHA3_256] = HASH(OID_SHA3_256, "sha3-256", 607, 0),
	[SHA3_384] = HASH(OID_SHA3_384, "sha3-384", 607, 0),
	[SHA3_512] = HASH(OID_SHA3_512, "sha3-512", 607, 0),
	HASH(OID_MD4, "md4", 0, 602),
	HASH(OID_SM3, "sm3", 0, 0),
	HASH(OID_STREEBOG256, "GOST R 34.11-2012 with 256 bit hash", 0, 0),
	HASH(OID_STREEBOG512, "GOST R 34.11-2012 with 512 bit hash", 0, 0),
	HASH(OID_SHA512_224, "sha512-224", NEVER, 0),
	HASH(OID_SHA512_256, "sha512-256", NEVER, 0),
	HASH(OID_SHA3_224, "sha3-224", NEVER, 0),
	HASH(OID_SHAKE128, "shake128", NEVER, 0),
	HASH(OID_SHAKE256, "shake256", NEVER, 0),
	HASH(OID_RIPEMD160, "ripemd160", NEVER, 0),
};

/* Of RSA, a module's signature names no hash, and a certificate's does. */
static const struct algorithm schemes[] = {
	SCHEME(OID_RSA, "rsaEncryption", 0, NO_HASH),
	SCHEME(OID_RSA_MD5, "md5WithRSAEncryption", NEVER, MD5),
	SCHEME(OID_RSA_SHA1, "sha1WithRSAEncryption", NEVER, SHA1),
	SCHEME(OID_RSA_PSS, "rsassaPss", NEVER, NO_HASH),
	SCHEME(OID_RSA_SHA256, "sha256WithRSAEncryption", NEVER, SHA256),
	SCHEME(OID_RSA_SHA384, "sha384WithRSAEncryption", NEVER, SHA384),
	SCHEME(OID_RSA_SHA512, "sha512WithRSAEncryption", NEVER, SHA512),
	SCHEME(OID_RSA_SHA224, "sha224WithRSAEncryption", NEVER, SHA224),
	SCHEME(OID_EC, "id-ecPublicKey", NEVER, NO_HASH),
	SCHEME(OID_ECDSA_SHA1, "ecdsa-with-SHA1", 0, SHA1),
	SCHEME(OID_ECDSA_SHA224, "ecdsa-with-SHA224", 0, SHA224),
	SCHEME(OID_ECDSA_SHA256, "ecdsa-with-SHA256", 0, SHA256),
	SCHEME(OID_ECDSA_SHA384, "ecdsa-with-SHA384", 0, SHA384),
	SCHEME(OID_ECDSA_SHA512, "ecdsa-with-SHA512", 0, SHA512),
	SCHEME(OID_ECDSA_SHA3_256, "ecdsa_with_SHA3-256", 0, SHA3_256),
	SCHEME(OID_ECDSA_SHA3_384, "ecdsa_with_SHA3-384", 0, SHA3_384),
	SCHEME(OID_ECDSA_SHA3_512, "ecdsa_with_SHA3-512", 0, SHA3_512),
	SCHEME(OID_RSA_SHA3_256, "RSA-SHA3-256", NEVER, SHA3_256),
	SCHEME(OID_RSA_SHA3_384, "RSA-SHA3-384", NEVER, SHA3_384),
	SCHEME(OID_RSA_SHA3_512, "RSA-SHA3-512", NEVER, SHA3_512),
	SCHEME(OID_MLDSA44, "ML-DSA-44", 700, OWN_HASH),
	SCHEME(OID_MLDSA65, "ML-DSA-65", 700, OWN_HASH),
	SCHEME(OID_MLDSA87, "ML-DSA-87", 700, OWN_HASH),
	SCHEME(OID_ED25519, "ED25519", NEVER, NO_HASH),
	SCHEME(OID_ED448, "ED448", NEVER, NO_HASH),
	SCHEME(OID_SM2_SM3, "SM2-with-SM3", 0, NO_HASH),
	SCHEME(OID_GOST2012_256, "GOST R 34.10-2012 with 256 bit modulus", 0, NO_HASH),
	SCHEME(OID_GOST2012_512, "GOST R 34.10-2012 with 512 bit modulus", 0, NO_HASH),
};

static const struct algorithm *find(const struct algorithm *table, size_t n, struct span oid)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq(oid, span_of(table[i].oid, table[i].len)))
			return &table[i];
	return NULL;
}

static const struct algorithm *find_hash(struct span oid)
{
	return find(hashes, ELEMENTSOF(hashes), oid);
}

static const struct algorithm *find_scheme(struct span oid)
{
	return find(schemes, ELEMENTSOF(schemes), oid);
}

const char *sigalg_hash_name(struct span oid)
{
	const struct algorithm *a = find_hash(oid);

	return a ? a->name : NULL;
}

const char *sigalg_scheme_name(struct span oid)
{
	const struct algorithm *a = find_scheme(oid);

	return a ? a->name : NULL;
}

#ifndef KMODCTL_SMALL
static bool is_known(const struct algorithm *a, unsigned kernel)
{
	return a && kernel >= a->since && (a->until == 0 || kernel < a->until);
}

bool sigalg_knows_hash(struct span oid, unsigned kernel)
{
	return is_known(find_hash(oid), kernel);
}

bool sigalg_knows_scheme(struct span oid, unsigned kernel)
{
	return is_known(find_scheme(oid), kernel);
}

bool sigalg_is_mldsa(struct span oid)
{
	const struct algorithm *a = find_scheme(oid);

	return a && a->hash == OWN_HASH;
}

bool sigalg_knows_certificate(struct span oid, unsigned kernel, const char **ret_hash)
{
	const struct algorithm *a = find_scheme(oid);

	*ret_hash = a && a->hash < ELEMENTSOF(hashes) ? hashes[a->hash].name : NULL;
	if (*ret_hash)
		return is_known(&hashes[a->hash], kernel);
	return a && a->hash == OWN_HASH && is_known(a, kernel);
}
#endif
