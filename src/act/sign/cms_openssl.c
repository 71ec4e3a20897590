// SPDX-License-Identifier: MIT

/* The cryptography of module signatures, with libcrypto (3.0 or later, whatever its providers offer). */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/cleanup.h"
#include "act/sign/cert.h"
#include "act/sign/cms.h"
#include "read/image/der.h"
#include "read/image/oid.h"
#include "read/image/sigalg.h"
#include "act/sign/key.h"
#include "act/sign/mldsa.h"
#include "act/sign/keyring.h"

struct cms_signing {
	const struct key *key;
	const struct cert *cert;
	EVP_MD *md; /* NULL: the scheme hashes itself (ML-DSA) */
	unsigned flags;
	struct buf head;        /* version of the message to the certificates, encoded */
	struct buf signer_head; /* version of the signer to the signature algorithm, encoded */
};

void cms_signing_free(struct cms_signing *s)
{
	if (!s)
		return;
	EVP_MD_free(s->md);
	buf_done(&s->head);
	buf_done(&s->signer_head);
	free(s);
}

/* Schemes that sign the data itself, not a digest of it. */
static bool signs_data(const EVP_PKEY *key)
{
	return strncmp(EVP_PKEY_get0_type_name(key), "ML-DSA-", 7) == 0;
}

static const char *last_reason(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return reason ? reason : "libcrypto gives no reason";
}

/* ---- what stays the same from file to file ---- */

static void put_oid_algorithm(struct buf *out, struct span oid, bool null_parameter)
{
	_cleanup_buf_ struct buf body = BUF_INIT;

	der_put(&body, DER_OID, oid);
	if (null_parameter)
		der_put(&body, DER_NULL, span_of("", 0));
	der_put(out, DER_SEQUENCE, buf_span(&body));
}

/* OpenSSL writes the hashes of the MD5 age with a NULL parameter and all others without (RFC 5754 2). */
static void put_hash(struct buf *out, const struct cms_hash *h)
{
	put_oid_algorithm(out, h->oid, strcmp(h->name, "md5") == 0);
}

/* rsaEncryption for RSA whatever the hash; ECDSA names scheme and hash in one OID; ML-DSA the parameter set. */
static int put_scheme(struct buf *out, const EVP_PKEY *key, const struct cms_hash *h)
{
	int nid = NID_undef;

	if (EVP_PKEY_is_a(key, "RSA")) {
		put_oid_algorithm(out, OID(RSA), true);
		return 0;
	}
	if (EVP_PKEY_is_a(key, "EC"))
		OBJ_find_sigid_by_algs(&nid, OBJ_txt2nid(h->openssl), NID_X9_62_id_ecPublicKey);
	else if (signs_data(key))
		nid = OBJ_txt2nid(EVP_PKEY_get0_type_name(key));
	if (nid == NID_undef)
		return -ENOPKG;
	put_oid_algorithm(out, span_of(OBJ_get0_data(OBJ_nid2obj(nid)), OBJ_length(OBJ_nid2obj(nid))), false);
	return 0;
}

static void put_signer_id(struct buf *out, const struct cert *cert, bool by_skid)
{
	_cleanup_buf_ struct buf id = BUF_INIT;

	if (by_skid) {
		der_put(out, DER_CONTEXT_0_PRIMITIVE, cert_skid(cert));
		return;
	}
	der_put(&id, DER_SEQUENCE, cert_issuer(cert));
	der_put(&id, DER_INTEGER, cert_serial(cert));
	der_put(out, DER_SEQUENCE, buf_span(&id));
}

/* In a SET OF, DER sorts the elements by their bytes (X.690, 11.6). */
static int compare_der(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	int order = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);

	return order ? order : x->n < y->n ? -1 : x->n > y->n;
}

static int put_certificates(const struct cert *own, const struct keyring *issuers, struct buf *out)
{
	size_t n = issuers ? issuers->n : 0;
	_cleanup_free_ struct span *all = calloc(n + 1, sizeof(*all));
	_cleanup_buf_ struct buf set = BUF_INIT;

	if (!all)
		return -ENOMEM;
	all[n] = cert_der(own);
	for (size_t i = 0; i < n; i++)
		all[i] = cert_der(issuers->certs[i]);
	qsort(all, n + 1, sizeof(*all), compare_der);
	for (size_t i = 0; i <= n; i++)
		if (i == 0 || !span_eq(all[i], all[i - 1]))
			buf_add(&set, all[i].p, all[i].n);
	if (buf_error(&set) == 0)
		der_put(out, DER_CONTEXT_0, buf_span(&set));
	return buf_error(&set);
}

static int prepare_heads(struct cms_signing *s, const struct keyring *issuers, const struct cms_hash *h)
{
	const bool by_skid = s->flags & CMS_BY_SKID;
	const struct span version = by_skid ? span_of("\x03", 1) : span_of("\x01", 1);
	_cleanup_buf_ struct buf hash = BUF_INIT, data = BUF_INIT;

	put_hash(&hash, h);
	der_put(&data, DER_OID, OID(DATA));
	der_put(&s->head, DER_INTEGER, version);
	der_put(&s->head, DER_SET, buf_span(&hash));
	der_put(&s->head, DER_SEQUENCE, buf_span(&data));
	if (s->flags & CMS_WITH_CERTIFICATE && put_certificates(s->cert, issuers, &s->head) < 0)
		return -ENOMEM;
	der_put(&s->signer_head, DER_INTEGER, version);
	put_signer_id(&s->signer_head, s->cert, by_skid);
	put_hash(&s->signer_head, h);
	if (put_scheme(&s->signer_head, key_private(s->key), h) < 0)
		return -ENOPKG;
	return buf_error(&s->head) ? buf_error(&s->head) : buf_error(&s->signer_head);
}

static int check_pair(const struct key *key, const struct cert *cert, unsigned flags, struct diag *diag)
{
	if (!key_matches(key, cert)) {
		diag_err(diag, "sign.pair-mismatch", "%s is not the private key of the certificate %s", key_where(key),
			 cert_label(cert));
		return -EKEYREJECTED;
	}
	if ((flags & CMS_BY_SKID) && cert_skid(cert).n == 0) {
		diag_err(diag, "sign.no-skid", "%s has no subject key identifier to name the signer by",
			 cert_label(cert));
		return -EINVAL;
	}
	return 0;
}

static int choose_hash(struct cms_signing *s, const char *name, const struct cms_hash **ret_h, struct diag *diag)
{
	const struct cms_hash *h = cms_hash_by_name(name);

	s->md = h ? EVP_MD_fetch(NULL, h->openssl, NULL) : NULL;
	if (!s->md) {
		ERR_clear_error();
		diag_err(diag, "sign.hash-unknown", "'%s': %s", name,
			 h ? "the OpenSSL here has no such hash" : "no such hash for module signatures");
		return -ENOPKG;
	}
	*ret_h = h;
	return 0;
}

int cms_signing_new(const struct key *key, const struct cert *cert, const struct keyring *issuers, const char *hash,
		    unsigned flags, struct diag *diag, struct cms_signing **ret)
{
	_cleanup_(cms_signing_free_p) struct cms_signing *s = calloc(1, sizeof(*s));
	const struct cms_hash *h;
	int r;

	if (!s)
		return -ENOMEM;
	s->key = key;
	s->cert = cert;
	s->flags = flags;
	r = check_pair(key, cert, flags, diag);
	if (r == 0)
		r = choose_hash(s, hash, &h, diag);
	if (r < 0)
		return r;
	r = prepare_heads(s, issuers, h);
	if (r == -ENOPKG)
		diag_err(diag, "sign.scheme-unknown", "%s: keys of type %s cannot sign with %s", key_where(key),
			 EVP_PKEY_get0_type_name(key_private(key)), hash);
	if (r < 0)
		return r;
	if (signs_data(key_private(key))) {
		EVP_MD_free(s->md);
		s->md = NULL;
	}
	*ret = take_ptr(s);
	return 0;
}

/* ---- one file ---- */

static int sign_bytes(const struct cms_signing *s, struct span payload, struct buf *ret)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pkey_ctx;
	size_t n = 0;
	int ok;

	if (!ctx)
		return -ENOMEM;
	ok = EVP_DigestSignInit(ctx, &pkey_ctx, s->md, NULL, key_private(s->key)) == 1 &&
	     EVP_DigestSign(ctx, NULL, &n, payload.p, payload.n) == 1 && buf_reserve(ret, n) == 0 &&
	     EVP_DigestSign(ctx, (unsigned char *)ret->p, &n, payload.p, payload.n) == 1;
	EVP_MD_CTX_free(ctx);
	if (!ok)
		return -EIO;
	ret->n = n;
	return 0;
}

static int first_error(struct buf *const *bufs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (buf_error(bufs[i]) < 0)
			return buf_error(bufs[i]);
	return 0;
}

/* The message around the signature; lengths are known from inside out. */
static int wrap(const struct cms_signing *s, struct span signature, struct buf *ret)
{
	_cleanup_buf_ struct buf signer = BUF_INIT, signers = BUF_INIT, data = BUF_INIT, content = BUF_INIT,
				 message = BUF_INIT;
	struct buf *all[] = { &signer, &signers, &data, &content, &message, ret };

	buf_add(&signer, s->signer_head.p, s->signer_head.n);
	der_put(&signer, DER_OCTET_STRING, signature);
	der_put(&signers, DER_SEQUENCE, buf_span(&signer));
	buf_add(&data, s->head.p, s->head.n);
	der_put(&data, DER_SET, buf_span(&signers));
	der_put(s->flags & CMS_BARE ? ret : &content, DER_SEQUENCE, buf_span(&data));
	if (s->flags & CMS_BARE)
		return first_error(all, ELEMENTSOF(all));
	der_put(&message, DER_OID, OID(SIGNED_DATA));
	der_put(&message, DER_CONTEXT_0, buf_span(&content));
	der_put(ret, DER_SEQUENCE, buf_span(&message));
	return first_error(all, ELEMENTSOF(all));
}

int cms_sign(const struct cms_signing *s, struct span payload, struct diag *diag, struct buf *ret)
{
	_cleanup_buf_ struct buf signature = BUF_INIT;
	int r = sign_bytes(s, payload, &signature);

	if (r == -EIO)
		diag_err(diag, "sign.signing-failed", "%s: signing failed: %s", key_where(s->key), last_reason());
	return r < 0 ? r : wrap(s, buf_span(&signature), ret);
}

/* ---- checking ---- */

int cms_digest(const struct cms_hash *h, struct span data, uint8_t *ret, size_t *ret_n)
{
	EVP_MD *md = EVP_MD_fetch(NULL, h->openssl, NULL);
	unsigned n = 0;
	bool ok = md && EVP_MD_get_size(md) <= CMS_DIGEST_MAX && EVP_Digest(data.p, data.n, ret, &n, md, NULL) == 1;

	EVP_MD_free(md);
	ERR_clear_error();
	*ret_n = n;
	return ok ? 0 : -ENOPKG;
}

#define RSA_OCTETS_MAX 2048

/* The digest inside an RSA signature distinguishes an altered file from a foreign or damaged signature. */
static enum cms_check check_rsa(EVP_PKEY_CTX *ctx, const EVP_MD *md, struct span signature, struct span digest)
{
	uint8_t found[RSA_OCTETS_MAX];
	size_t n = sizeof(found);

	if (EVP_PKEY_verify_recover_init(ctx) != 1 || EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(ctx, md) != 1)
		return CMS_CHECK_UNSUPPORTED;
	if (EVP_PKEY_verify_recover(ctx, found, &n, signature.p, signature.n) != 1)
		return CMS_CHECK_BAD;
	return span_eq(span_of(found, n), digest) ? CMS_CHECK_GOOD : CMS_CHECK_CHANGED;
}

/* A number above 1, which is what kernels decrypt. */
static bool is_block(struct span decrypted)
{
	size_t zeros = 0;

	while (zeros < decrypted.n && decrypted.p[zeros] == 0)
		zeros++;
	return zeros > 0 && zeros < decrypted.n && (zeros + 1 < decrypted.n || decrypted.p[zeros] > 1);
}

bool cms_is_block(const struct cms_signer *signer, const struct cert *cert)
{
	EVP_PKEY *key = cert_public_key(cert);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	struct span signature = signer->signature;
	uint8_t found[RSA_OCTETS_MAX];
	size_t n = sizeof(found);
	/* One of another length is not decrypted. */
	bool decrypted = ctx && signature.n == (size_t)EVP_PKEY_get_size(key) &&
			 EVP_PKEY_verify_recover_init(ctx) == 1 &&
			 EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1 &&
			 EVP_PKEY_verify_recover(ctx, found, &n, signature.p, signature.n) == 1;

	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return decrypted && is_block(span_of(found, n));
}

/* Kernels read the two numbers and ignore what follows them. */
static struct span without_extra(struct span signature)
{
	struct span in = signature;
	struct der_item item;

	return der_expect(&in, DER_SEQUENCE, &item) < 0 ? signature : item.whole;
}

/* With ECDSA both look the same: a well-formed signature that does not match is attributed to the file. */
static enum cms_check check_ecdsa(EVP_PKEY_CTX *ctx, const EVP_MD *md, struct span signature, struct span digest)
{
	int r;

	if (EVP_PKEY_verify_init(ctx) != 1 || EVP_PKEY_CTX_set_signature_md(ctx, md) != 1)
		return CMS_CHECK_UNSUPPORTED;
	signature = without_extra(signature);
	r = EVP_PKEY_verify(ctx, signature.p, signature.n, digest.p, digest.n);
	return r == 1 ? CMS_CHECK_GOOD : r == 0 ? CMS_CHECK_CHANGED : CMS_CHECK_BAD;
}

static enum cms_check check_digest(const struct cms_signer *signer, EVP_PKEY *key, enum cms_scheme scheme,
				   struct span data)
{
	const struct cms_hash *h = cms_hash_by_oid(signer->hash_oid);
	EVP_MD *md = h ? EVP_MD_fetch(NULL, h->openssl, NULL) : NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	enum cms_check result = CMS_CHECK_UNSUPPORTED;
	uint8_t digest[CMS_DIGEST_MAX];
	size_t n;

	if (md && ctx && cms_digest(h, data, digest, &n) == 0)
		result = scheme == CMS_RSA ? check_rsa(ctx, md, signer->signature, span_of(digest, n)) :
					     check_ecdsa(ctx, md, signer->signature, span_of(digest, n));
	EVP_PKEY_CTX_free(ctx);
	EVP_MD_free(md);
	return result;
}

static enum cms_check check_mldsa(const struct cms_signer *signer, EVP_PKEY *key, struct span data)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	enum cms_check result = CMS_CHECK_UNSUPPORTED;

	if (ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1)
		result = EVP_DigestVerify(ctx, signer->signature.p, signer->signature.n, data.p, data.n) == 1 ?
				 CMS_CHECK_GOOD :
				 CMS_CHECK_CHANGED;
	EVP_MD_CTX_free(ctx);
	return result;
}

enum cms_check cms_check(const struct cms_signer *signer, const struct cert *cert, struct span data)
{
	enum cms_scheme scheme = cms_scheme_by_oid(signer->scheme_oid);
	EVP_PKEY *key = cert_public_key(cert);
	enum cms_check result = CMS_CHECK_BAD;

	if (scheme == CMS_MLDSA && !mldsa_is_formed(sigalg_scheme_name(signer->scheme_oid), signer->signature))
		return CMS_CHECK_BAD;
	if (!key || scheme == CMS_SCHEME_UNKNOWN || scheme == CMS_SCHEME_KERNEL_ONLY)
		return CMS_CHECK_UNSUPPORTED;
	if ((scheme == CMS_RSA && EVP_PKEY_is_a(key, "RSA")) || (scheme == CMS_ECDSA && EVP_PKEY_is_a(key, "EC")))
		result = check_digest(signer, key, scheme, data);
	else if (scheme == CMS_MLDSA && signs_data(key))
		result = check_mldsa(signer, key, data);
	ERR_clear_error();
	return result;
}
