/* SPDX-License-Identifier: MIT */
#pragma once

/* A private signing key: from a file, or held by a token behind a PKCS#11 URI. */

#include <stdbool.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/root.h"

struct evp_pkey_st;
struct cert;
struct key;

/* Where the passphrase or PIN comes from. get() fills a buffer of secret_init(): 0, or -ENOKEY: there is none. */
struct key_passphrase {
	int (*get)(void *data, const char *prompt, struct buf *into);
	void *data;
};

/*
 * where: a file (PEM, DER; PKCS#8, PKCS#12 or the traditional forms; encrypted or not) or a `pkcs11:` URI (RFC 7512),
 * opened by OpenSSL's pkcs11 provider if there is one, else by its pkcs11 engine. passphrase may be NULL: not
 * available.
 * Reported: unreadable (-errno), contains no private key (-EBADMSG), wrong passphrase (-EKEYREJECTED), no passphrase
 * (-ENOKEY), no way to reach tokens (-EOPNOTSUPP). Warns about a key file that others may read.
 */
int key_load(const struct root *root, const char *where, const struct key_passphrase *passphrase, struct diag *diag,
	     struct key **ret);
void key_free(struct key *k);

const char *key_where(const struct key *k);
bool key_is_token(const struct key *k); /* one thread at a time may use it */
struct evp_pkey_st *key_private(const struct key *k);
/*
 * The certificate that was in the same file (PKCS#12), which becomes the caller's. NULL: there was none, or it was
 * taken.
 */
struct cert *key_take_certificate(struct key *k);
/*
 * SHA-1 of the public key: the subject key identifier in certificates made here. -EOPNOTSUPP: the token does not
 * reveal the public key.
 */
int key_skid(const struct key *k, uint8_t ret[static 20]);
bool key_matches(const struct key *k, const struct cert *c);

DEFINE_CLEANUP(struct key *, key_free)

/* ---- making ---- */

/* The properties of a new key pair. */
struct key_request {
	/* "rsa4096", "rsa3072", "rsa2048", "p256", "p384", "p521", "ml-dsa-44", "ml-dsa-65" or "ml-dsa-87" */
	const char *type;
	const char *common_name;
	const char *organization; /* may be NULL */
	const char *email;        /* may be NULL */
	unsigned days;
	bool module_only; /* adds the usage "module signing only": shim then refuses boot files signed by it */
};

struct key_pair {
	struct key *key;
	struct cert *cert;
};

/* 0; -EINVAL, reported: there is no such type of key. */
int key_check_type(const char *name, struct diag *diag);
/* Reported: -EINVAL unknown type, -EOPNOTSUPP this libcrypto has no such algorithm. */
int key_generate(const struct key_request *request, struct diag *diag, struct key_pair *ret);
void key_pair_done(struct key_pair *p);
/* PEM of PKCS#8 into a buffer of secret_init(), encrypted with AES-256 when passphrase is not NULL. */
int key_write(const struct key *k, const struct buf *passphrase, struct buf *into);
