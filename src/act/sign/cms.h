/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The PKCS#7/CMS SignedData message of a module signature (RFC 5652). Reading follows the kernel's own parser,
 * so that both refuse the same messages. The cryptography (cms_sign, cms_check) is in cms_openssl.c.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/span.h"

struct cert;
struct key;
struct keyring;

/* ---- algorithms ---- */

struct cms_hash {
	const char *name;    /* as sign-file takes it and modinfo shows it: "sha256" */
	const char *openssl; /* the name libcrypto knows it by */
	struct span oid;
};

/* NULL: unknown. Case does not matter. */
const struct cms_hash *cms_hash_by_name(const char *name);
const struct cms_hash *cms_hash_by_oid(struct span oid);
/* Every hash, n of them. */
const struct cms_hash *cms_hashes(size_t *ret_n);
/* kernel: 100 * major + minor, 612 for 6.12 */
bool cms_hash_is_known_to(const struct cms_hash *h, unsigned kernel);

enum cms_scheme {
	CMS_SCHEME_UNKNOWN,
	CMS_RSA,
	CMS_ECDSA,
	CMS_MLDSA,
	CMS_SCHEME_KERNEL_ONLY /* GOST, SM2: not supported here */
};

enum cms_scheme cms_scheme_by_oid(struct span oid);

/* ---- reading ---- */

struct cms_signer {
	bool by_skid;
	struct span issuer; /* contents of the Name; empty for the SKID form */
	struct span serial; /* contents of the INTEGER */
	struct span skid;   /* SKID form */
	struct span hash_oid, scheme_oid;
	struct span attributes; /* the signed ones, whole; n == 0: none */
	struct span digest;     /* of the payload, which they have */
	bool odd_attributes;    /* the content type or the digest is there more than once */
	struct span signature;
};

struct cms {
	struct span content_type; /* OID */
	bool has_content;
	struct span certificates; /* elements of the certificates field */
	struct cms_signer *signers;
	size_t n, cap;
	size_t length; /* octets of the message; what follows them is ignored, as the kernel does */
};

/* Octets of a message, with what follows it inside the trailer's length. */
#define CMS_SIZE_MAX 65535

/*
 * Spans borrow from der. Errors are the kernel's (measured, tests/sign): -EBADMSG for damage, -EINVAL for versions that
 * are unknown or do not fit the way a signer is named, -EMSGSIZE for a message that is too large; *ret_why, a constant,
 * says what is wrong.
 */
int cms_parse(struct span der, struct cms *ret, const char **ret_why);
void cms_done(struct cms *c);
bool cms_is_data(const struct cms *c);         /* content type is "data" */
bool cms_is_authenticode(const struct cms *c); /* it is that of signed EFI programs */

#define _cleanup_cms_ _cleanup_(cms_done)

/* ---- signing ---- */

struct cms_signing; /* one key, certificate and hash, prepared once; threads may share it */

enum cms_signing_flags {
	CMS_BY_SKID = 1,          /* name the signer by subject key identifier */
	CMS_WITH_CERTIFICATE = 2, /* the certificate goes into the message: firmware needs it */
	CMS_BARE = 4,             /* SignedData without the ContentInfo around it, as firmware expects it */
};

/*
 * Key and certificate must belong together (-EKEYREJECTED, reported) and outlive it. hash: a name, reported with
 * -ENOPKG when libcrypto or the key's scheme cannot use it. With the certificate, those of issuers go into the message
 * as well (NULL: none).
 */
int cms_signing_new(const struct key *key, const struct cert *cert, const struct keyring *issuers, const char *hash,
		    unsigned flags, struct diag *diag, struct cms_signing **ret);
void cms_signing_free(struct cms_signing *s);
/*
 * Appends the message: detached, without attributes, and except for the flags as sign-file writes it. Safe to call
 * from several threads. Reports.
 */
int cms_sign(const struct cms_signing *s, struct span payload, struct diag *diag, struct buf *ret);

DEFINE_CLEANUP(struct cms_signing *, cms_signing_free)

/* ---- checking ---- */

enum cms_check {
	CMS_CHECK_GOOD,
	CMS_CHECK_CHANGED,     /* the signature is this key's, but over other data */
	CMS_CHECK_BAD,         /* not a signature of this key */
	CMS_CHECK_UNSUPPORTED, /* libcrypto here cannot do it */
};

/* Digest of data by h, into ret of CMS_DIGEST_MAX bytes. -ENOPKG: libcrypto here has no such hash. */
#define CMS_DIGEST_MAX 64
int cms_digest(const struct cms_hash *h, struct span data, uint8_t *ret, size_t *ret_n);
/* data is what the signature covers: the payload. */
enum cms_check cms_check(const struct cms_signer *signer, const struct cert *cert, struct span data);
/*
 * Of an RSA signature that is CMS_CHECK_BAD: does what it stands for begin with a zero octet, as a block of PKCS #1
 * does (RFC 8017, 9.2)? One in 256 that are not by this key does; kernels look at that first.
 */
bool cms_is_block(const struct cms_signer *signer, const struct cert *cert);
