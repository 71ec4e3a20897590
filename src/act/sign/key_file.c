// SPDX-License-Identifier: MIT
/* Reads a private key from a file. */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/fileio.h"
#include "read/image/der.h"
#include "act/sign/file_kind.h"
#include "act/sign/key_private.h"
#include "act/sign/secret.h"

struct asking {
	const struct key_passphrase *passphrase;
	const char *path;
	int result; /* why there was no passphrase */
	bool asked;
};

/* pem_password_cb of libcrypto */
static int answer(char *into, int size, int encrypting _unused_, void *data)
{
	_cleanup_secret_ struct buf secret = BUF_INIT;
	struct asking *a = data;

	if (a->asked && a->result < 0)
		return -1; /* libcrypto tries several decoders, and each would report it again */
	a->asked = true;
	a->result = a->passphrase ? secret_init(&secret) : -ENOKEY;
	if (a->result == 0)
		a->result = a->passphrase->get(a->passphrase->data, a->path, &secret);
	if (a->result < 0 || secret.n > (size_t)size)
		return -1;
	memcpy(into, secret.p, secret.n);
	return (int)secret.n;
}

static EVP_PKEY *read_pem(const struct buf *b, struct asking *a)
{
	BIO *bio = BIO_new_mem_buf(b->p, (int)b->n);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, answer, a) : NULL;

	BIO_free(bio);
	return key;
}

static EVP_PKEY *read_der(const struct buf *b, struct asking *a)
{
	const uint8_t *p = (const uint8_t *)b->p;
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &p, (long)b->n);
	BIO *bio;

	if (key)
		return key;
	bio = BIO_new_mem_buf(b->p, (int)b->n);
	key = bio ? d2i_PKCS8PrivateKey_bio(bio, NULL, answer, a) : NULL;
	BIO_free(bio);
	return key;
}

static int report_unusable(const char *path, const struct buf *b, const struct asking *a, struct diag *diag)
{
	if (a->asked && a->result == -ENOKEY)
		diag_err(diag, "sign.key-locked", "%s: the key is encrypted and no passphrase is available", path);
	else if (a->asked && a->result == 0 && !key_cipher_check(path, buf_span(b), diag))
		return -EOPNOTSUPP;
	else if (a->asked && a->result == 0)
		diag_err(diag, "sign.key-passphrase", "%s: wrong passphrase", path);
	else if (!a->asked)
		file_report_kind(buf_span(b), path, WANT_KEY, "sign.key-bad", diag);
	ERR_clear_error();
	return !a->asked ? -EBADMSG : a->result < 0 ? a->result : -EKEYREJECTED;
}

static void warn_of_readers(const struct root *root, const char *path, struct diag *diag)
{
	struct stat st;

	if (root_stat(root, path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077))
		diag_warn(diag, "sign.key-readable", "%s: others may read this private key (mode %04o); chmod 600 it",
			  path, (unsigned)st.st_mode & 07777);
}

static int load_plain(const struct buf *b, struct asking *a, struct diag *diag, struct key **ret)
{
	EVP_PKEY *pkey = b->n > 0 && (uint8_t)b->p[0] == DER_SEQUENCE ? read_der(b, a) : read_pem(b, a);

	if (!pkey)
		return report_unusable(a->path, b, a, diag);
	*ret = key_wrap(pkey, a->path);
	return *ret ? 0 : -ENOMEM;
}

static int load_file(const struct root *root, const char *path, const struct key_passphrase *passphrase,
		     struct diag *diag, struct key **ret)
{
	struct asking a = { .passphrase = passphrase, .path = path };
	_cleanup_secret_ struct buf b = BUF_INIT;
	struct key *k;
	int r = secret_init(&b);

	if (r == 0)
		r = secret_read(root, path, &b);
	if (r < 0) {
		diag_err(diag, "sign.key-unreadable", "%s: cannot read the private key: %s", path, file_strerror(r));
		return r;
	}
	if (file_is_pkcs12(buf_span(&b)))
		r = key_load_bundle(buf_span(&b), path, passphrase, diag, &k);
	else
		r = load_plain(&b, &a, diag, &k);
	if (r < 0)
		return r;
	warn_of_readers(root, path, diag);
	*ret = k;
	return 0;
}

int key_load(const struct root *root, const char *where, const struct key_passphrase *passphrase, struct diag *diag,
	     struct key **ret)
{
	return strncasecmp(where, "pkcs11:", 7) == 0 ? key_load_token(where, passphrase, diag, ret) :
						       load_file(root, where, passphrase, diag, ret);
}
