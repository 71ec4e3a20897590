// SPDX-License-Identifier: MIT
#include "act/sign/key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "act/sign/cert.h"
#include "read/image/der.h"
#include "act/sign/key_private.h"

void key_free(struct key *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->pkey);
	cert_free(k->cert);
	if (k->done)
		k->done(k->handle);
	free(k->where);
	free(k);
}

struct key *key_wrap(struct evp_pkey_st *pkey, const char *where)
{
	struct key *k = calloc(1, sizeof(*k));

	if (!k || !(k->where = strdup(where))) {
		free(k);
		EVP_PKEY_free(pkey);
		return NULL;
	}
	k->pkey = pkey;
	return k;
}

const char *key_where(const struct key *k)
{
	return k->where;
}

bool key_is_token(const struct key *k)
{
	return k->token;
}

struct cert *key_take_certificate(struct key *k)
{
	return take_ptr(k->cert);
}

struct evp_pkey_st *key_private(const struct key *k)
{
	return k->pkey;
}

int key_skid(const struct key *k, uint8_t ret[static 20])
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(k->pkey, &der), r = -EOPNOTSUPP;
	struct span in = span_of(der, n > 0 ? (size_t)n : 0);
	struct der_item outer, item;

	if (n > 0 && der_expect(&in, DER_SEQUENCE, &outer) == 0 && der_expect(&outer.body, DER_SEQUENCE, &item) == 0 &&
	    der_expect(&outer.body, DER_BIT_STRING, &item) == 0 && span_from(item.body, 1, &item.body) == 0 &&
	    EVP_Digest(item.body.p, item.body.n, ret, NULL, EVP_sha1(), NULL) == 1)
		r = 0;
	OPENSSL_free(der);
	return r;
}

bool key_matches(const struct key *k, const struct cert *c)
{
	EVP_PKEY *public = cert_public_key(c);

	return public && EVP_PKEY_eq(k->pkey, public) == 1;
}

int key_write(const struct key *k, const struct buf *passphrase, struct buf *into)
{
	const EVP_CIPHER *cipher = passphrase ? EVP_aes_256_cbc() : NULL;
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes;
	long n;
	int ok;

	if (!bio)
		return -ENOMEM;
	ok = PEM_write_bio_PKCS8PrivateKey(bio, k->pkey, cipher, passphrase ? passphrase->p : NULL,
					   passphrase ? (int)passphrase->n : 0, NULL, NULL);
	n = BIO_get_mem_data(bio, &bytes);
	if (ok == 1)
		buf_add(into, bytes, (size_t)n);
	BIO_free(bio);
	return ok == 1 ? buf_error(into) : -EIO;
}
