// SPDX-License-Identifier: MIT
/* Reads a private key and its certificate from a PKCS#12 file. */
#include <errno.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "act/sign/cert.h"
#include "act/sign/key_private.h"
#include "act/sign/secret.h"

/* Without a passphrase, and with an empty one: both are in use. Else asks. 0 and the right one in secret. */
static int unlock(PKCS12 *p, const char *path, const struct key_passphrase *passphrase, struct buf *secret)
{
	int r;

	if (!PKCS12_mac_present(p) || PKCS12_verify_mac(p, "", 0) == 1)
		return 0;
	r = passphrase ? passphrase->get(passphrase->data, path, secret) : -ENOKEY;
	if (r < 0)
		return r;
	return PKCS12_verify_mac(p, secret->p, (int)secret->n) == 1 ? 0 : -EKEYREJECTED;
}

static int report(const char *path, int r, struct diag *diag)
{
	ERR_clear_error();
	if (r == -ENOKEY)
		diag_err(diag, "sign.key-locked", "%s: the key is encrypted and no passphrase is available", path);
	else if (r == -EKEYREJECTED)
		diag_err(diag, "sign.key-passphrase", "%s: wrong passphrase", path);
	else if (r == -EOPNOTSUPP)
		diag_err(diag, "sign.key-cipher",
			 "%s: encrypted with a cipher that OpenSSL %s does not offer here; convert it: "
			 "openssl pkcs12 -legacy -in %s -nodes -out KEY.pem",
			 path, OpenSSL_version(OPENSSL_VERSION_STRING), path);
	else if (r == -EBADMSG)
		diag_err(diag, "sign.key-bad", "%s: is a PKCS#12 file without a private key", path);
	return r;
}

static int wrap_certificate(X509 *x, const char *path, struct diag *diag, struct cert **ret)
{
	unsigned char *der = NULL;
	int n = x ? i2d_X509(x, &der) : 0, r = 0;

	if (n > 0)
		r = cert_parse(span_of(der, (size_t)n), path, diag, ret);
	OPENSSL_free(der);
	return r;
}

static int take(PKCS12 *p, const char *path, const char *secret, struct diag *diag, struct key **ret)
{
	EVP_PKEY *pkey = NULL;
	X509 *x = NULL;
	struct key *k = NULL;
	int r = PKCS12_parse(p, secret, &pkey, &x, NULL) == 1 ? 0 : -EOPNOTSUPP;

	if (r == 0 && !pkey)
		r = -EBADMSG;
	if (r == 0) {
		k = key_wrap(pkey, path);
		r = k ? wrap_certificate(x, path, diag, &k->cert) : -ENOMEM;
	}
	X509_free(x);
	if (r < 0)
		key_free(k);
	else
		*ret = k;
	return r;
}

int key_load_bundle(struct span bytes, const char *path, const struct key_passphrase *passphrase, struct diag *diag,
		    struct key **ret)
{
	_cleanup_secret_ struct buf secret = BUF_INIT;
	const unsigned char *at = bytes.p;
	PKCS12 *p = d2i_PKCS12(NULL, &at, (long)bytes.n);
	int r = p ? secret_init(&secret) : -ENOMEM;

	if (r == 0)
		r = unlock(p, path, passphrase, &secret);
	if (r == 0)
		r = take(p, path, secret.n ? secret.p : "", diag, ret);
	PKCS12_free(p);
	return r < 0 ? report(path, r, diag) : 0;
}
