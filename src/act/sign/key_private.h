/* SPDX-License-Identifier: MIT */
#pragma once

/* Shared by the files that make a struct key: key.c, key_file.c, key_token.c, key_generate.c. */

#include "act/sign/key.h"

struct key {
	struct evp_pkey_st *pkey;
	char *where;
	bool token;
	void *handle; /* what must outlive pkey, released by done() */
	void (*done)(void *handle);
};

/* Becomes the owner of pkey, also on failure (NULL: no memory). */
struct key *key_wrap(struct evp_pkey_st *pkey, const char *where);
int key_load_token(const char *uri, const struct key_passphrase *passphrase, struct diag *diag, struct key **ret);
