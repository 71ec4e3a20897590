// SPDX-License-Identifier: MIT
/* The cipher that a private key is encrypted with: libcrypto reports one that it lacks like a wrong passphrase. */
#include <stdio.h>
#include <string.h>

#include <openssl/asn1t.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "act/sign/key_private.h"
#include "base/cleanup.h"

static bool has_cipher(const char *name)
{
	EVP_CIPHER *c = name ? EVP_CIPHER_fetch(NULL, name, NULL) : NULL;

	EVP_CIPHER_free(c);
	return c;
}

static bool has_hash(int nid)
{
	EVP_MD *m = nid <= 0 ? NULL : EVP_MD_fetch(NULL, OBJ_nid2sn(nid), NULL);

	EVP_MD_free(m);
	return nid <= 0 || m;
}

/* PKCS#5 v2: key derivation and cipher each have a name. */
static bool has_scheme_2(const X509_ALGOR *algorithm, char *ret, size_t n)
{
	PBE2PARAM *p = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter);
	bool has = true;

	if (p) {
		snprintf(ret, n, "%s", OBJ_nid2sn(OBJ_obj2nid(p->encryption->algorithm)));
		has = has_cipher(ret);
	}
	PBE2PARAM_free(p);
	return has;
}

/* The older schemes name hash and cipher in one. */
static bool has_scheme(const X509_ALGOR *algorithm, char *ret, size_t n)
{
	int nid = OBJ_obj2nid(algorithm->algorithm), cipher = 0, hash = 0;

	if (nid == NID_pbes2)
		return has_scheme_2(algorithm, ret, n);
	snprintf(ret, n, "%s", OBJ_nid2sn(nid));
	if (EVP_PBE_find(EVP_PBE_TYPE_OUTER, nid, &cipher, &hash, NULL) != 1)
		return false;
	return has_hash(hash) && (cipher <= 0 || has_cipher(OBJ_nid2sn(cipher)));
}

static bool has_pkcs8(X509_SIG *sig, char *ret, size_t n)
{
	const X509_ALGOR *algorithm = NULL;
	bool has;

	X509_SIG_get0(sig, &algorithm, NULL);
	has = has_scheme(algorithm, ret, n);
	X509_SIG_free(sig);
	return has;
}

/* The traditional form says it in a header: "DEK-Info: DES-CBC,0102..." */
static bool has_traditional(struct span bytes, char *ret, size_t n)
{
	static const char header[] = "DEK-Info: ";
	const char *at = memmem(bytes.p, bytes.n, header, strlen(header));
	size_t left = at ? bytes.n - (size_t)((const uint8_t *)at - bytes.p) - strlen(header) : 0, i = 0;

	if (!at)
		return true;
	at += strlen(header);
	while (i < left && i + 1 < n && !strchr(",\r\n", at[i]))
		i++;
	snprintf(ret, n, "%.*s", (int)i, at);
	return has_cipher(ret);
}

static X509_SIG *read_pkcs8(struct span bytes)
{
	const unsigned char *der = bytes.p;
	X509_SIG *sig = d2i_X509_SIG(NULL, &der, (long)bytes.n);
	BIO *bio = sig ? NULL : BIO_new_mem_buf(bytes.p, (int)bytes.n);

	if (bio)
		sig = PEM_read_bio_PKCS8(bio, NULL, NULL, NULL);
	BIO_free(bio);
	return sig;
}

bool key_cipher_check(const char *path, struct span bytes, struct diag *diag)
{
	X509_SIG *sig = read_pkcs8(bytes);
	char name[64] = "";
	bool has = sig ? has_pkcs8(sig, name, sizeof(name)) : has_traditional(bytes, name, sizeof(name));

	ERR_clear_error();
	if (!has)
		diag_err(diag, "sign.key-cipher",
			 "%s: encrypted with %s, which OpenSSL %s does not offer here; convert it: "
			 "openssl pkey -provider legacy -provider default -in %s -aes256 -out KEY.pem",
			 path, name, OpenSSL_version(OPENSSL_VERSION_STRING), path);
	return has;
}
