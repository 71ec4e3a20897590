/* SPDX-License-Identifier: MIT */
#pragma once

/* Shared by the files that make a struct key: key.c, key_file.c, key_token.c, key_generate.c. */

#include "act/sign/key.h"
#include "base/span.h"

struct key {
	struct evp_pkey_st *pkey;
	char *where;
	struct cert *cert; /* that came with it; NULL: none */
	bool token;
	void *handle; /* what must outlive pkey, released by done() */
	void (*done)(void *handle);
};

/* Becomes the owner of pkey, also on failure (NULL: no memory). */
struct key *key_wrap(struct evp_pkey_st *pkey, const char *where);
/* A PKCS#12 file: the private key and its certificate. */
int key_load_bundle(struct span bytes, const char *path, const struct key_passphrase *passphrase, struct diag *diag,
		    struct key **ret);
/* Does libcrypto here have the cipher of an encrypted key? Reports when it does not. True also when nobody knows. */
bool key_cipher_check(const char *path, struct span bytes, struct diag *diag);
int key_load_token(const char *uri, const struct key_passphrase *passphrase, struct diag *diag, struct key **ret);
