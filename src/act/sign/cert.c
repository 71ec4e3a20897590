// SPDX-License-Identifier: MIT
#include "act/sign/cert.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "read/image/der.h"
#include "read/image/sigalg.h"

#define OID_MODULE_SIGNING "1.3.6.1.4.1.2312.16.1.2"

struct cert {
	X509 *x509;
	EVP_PKEY *key; /* borrowed from x509; NULL: a kind libcrypto does not know */
	char *label;
	uint8_t *der;
	size_t der_n;
	struct span issuer, subject, serial, skid, tbs;
	struct cert_standing standing;
	bool judged;
};

void cert_free(struct cert *c)
{
	if (!c)
		return;
	X509_free(c->x509);
	OPENSSL_free(c->der);
	free(c->label);
	free(c);
}

const char *cert_label(const struct cert *c)
{
	return c->label;
}

struct span cert_der(const struct cert *c)
{
	return span_of(c->der, c->der_n);
}

struct span cert_issuer(const struct cert *c)
{
	return c->issuer;
}

struct span cert_subject(const struct cert *c)
{
	return c->subject;
}

struct span cert_serial(const struct cert *c)
{
	return c->serial;
}

struct span cert_serial_id(const struct cert *c)
{
	return der_unsigned(c->serial);
}

struct span cert_skid(const struct cert *c)
{
	return c->skid;
}

struct span cert_tbs(const struct cert *c)
{
	return c->tbs;
}

const struct x509_st *cert_x509(const struct cert *c)
{
	return c->x509;
}

struct evp_pkey_st *cert_public_key(const struct cert *c)
{
	return c->key;
}

/* Finds the fields by which the kernel names a certificate (RFC 5280 4.1). */
static int find_names(struct cert *c)
{
	struct span in = cert_der(c);
	struct der_item outer, tbs, item, serial, issuer, subject;

	if (der_expect(&in, DER_SEQUENCE, &outer) < 0 || der_expect(&outer.body, DER_SEQUENCE, &tbs) < 0 ||
	    der_optional(&tbs.body, DER_CONTEXT_0, &item) < 0 || der_expect(&tbs.body, DER_INTEGER, &serial) < 0 ||
	    der_expect(&tbs.body, DER_SEQUENCE, &item) < 0 || der_expect(&tbs.body, DER_SEQUENCE, &issuer) < 0 ||
	    der_expect(&tbs.body, DER_SEQUENCE, &item) < 0 || der_expect(&tbs.body, DER_SEQUENCE, &subject) < 0)
		return -EBADMSG;
	c->tbs = tbs.whole;
	c->serial = serial.body;
	c->issuer = issuer.body;
	c->subject = subject.body;
	return 0;
}

static int fill(struct cert *c)
{
	const ASN1_OCTET_STRING *skid;
	int n = i2d_X509(c->x509, &c->der);

	if (n <= 0)
		return -ENOMEM;
	c->der_n = (size_t)n;
	c->key = X509_get0_pubkey(c->x509);
	skid = X509_get0_subject_key_id(c->x509);
	if (skid)
		c->skid = span_of(ASN1_STRING_get0_data(skid), (size_t)ASN1_STRING_length(skid));
	return find_names(c);
}

/* A SEQUENCE that begins with another one; a private key begins with a number. */
static bool is_like_certificate(struct span der)
{
	size_t header = der.n > 1 && der.p[1] & 0x80 ? 2u + (der.p[1] & 0x7fu) : 2u;

	return der.n > header && der.p[header] == DER_SEQUENCE;
}

/* Both advance rest behind what they read. NULL: there is no further certificate, or (*ret_bad) a damaged one. */
static X509 *next_der(struct span *rest, bool *ret_bad)
{
	const uint8_t *p = rest->p;
	X509 *x = d2i_X509(NULL, &p, (long)rest->n);

	*ret_bad = !x && is_like_certificate(*rest);
	if (x)
		*rest = span_of(p, rest->n - (size_t)(p - rest->p));
	return x;
}

static X509 *next_pem(struct span *rest, bool *ret_bad)
{
	BIO *bio = BIO_new_mem_buf(rest->p, (int)rest->n);
	X509 *x = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	size_t left = bio ? BIO_ctrl_pending(bio) : 0;

	*ret_bad = !x && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE;
	BIO_free(bio);
	*rest = span_of(rest->p + rest->n - left, left);
	return x;
}

static int wrap(X509 *x, const char *label, struct cert **ret)
{
	_cleanup_(cert_free_p) struct cert *c = calloc(1, sizeof(*c));
	int r;

	if (!c || !(c->label = strdup(label))) {
		X509_free(x);
		return -ENOMEM;
	}
	c->x509 = x;
	r = fill(c);
	if (r == 0)
		*ret = take_ptr(c);
	return r;
}

int cert_next(struct span *rest, const char *label, struct cert **ret)
{
	bool pem = rest->n > 0 && rest->p[0] != DER_SEQUENCE, bad = false;
	X509 *x;
	int r;

	if (rest->n > CERT_FILE_MAX)
		return -EBADMSG;
	x = rest->n == 0 ? NULL : pem ? next_pem(rest, &bad) : next_der(rest, &bad);
	ERR_clear_error();
	if (!x)
		return bad ? -EBADMSG : 0;
	r = wrap(x, label, ret);
	return r < 0 ? r : 1;
}

/* ---- text ---- */

int cert_print(const struct cert *c, FILE *out)
{
	return X509_print_fp(out, c->x509) == 1 ? 0 : -EIO;
}

int cert_write_pem(const struct cert *c, struct buf *ret)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes;
	long n;
	bool ok = bio && PEM_write_bio_X509(bio, c->x509) == 1;

	if (ok) {
		n = BIO_get_mem_data(bio, &bytes);
		buf_add(ret, bytes, (size_t)n);
	}
	BIO_free(bio);
	return ok ? buf_error(ret) : -ENOMEM;
}

/* ---- facts ---- */

static const struct {
	const char *oid, *name;
} mldsa[] = {
	{ "2.16.840.1.101.3.4.3.17", "ML-DSA-44" },
	{ "2.16.840.1.101.3.4.3.18", "ML-DSA-65" },
	{ "2.16.840.1.101.3.4.3.19", "ML-DSA-87" },
};

const char *cert_mldsa_name(const struct cert *c)
{
	ASN1_OBJECT *algorithm = NULL;
	char oid[64] = "";

	X509_PUBKEY_get0_param(&algorithm, NULL, NULL, NULL, X509_get_X509_PUBKEY(c->x509));
	if (algorithm)
		OBJ_obj2txt(oid, sizeof(oid), algorithm, 1);
	for (size_t i = 0; i < ELEMENTSOF(mldsa); i++)
		if (strcmp(oid, mldsa[i].oid) == 0)
			return mldsa[i].name;
	return NULL;
}

static int64_t seconds(const ASN1_TIME *t)
{
	struct tm tm;

	return ASN1_TIME_to_tm(t, &tm) == 1 ? timegm(&tm) : 0;
}

static void tbs_digest(X509 *x, uint8_t *ret)
{
	uint8_t *tbs = NULL;
	int n = i2d_re_X509_tbs(x, &tbs);

	if (n > 0)
		EVP_Digest(tbs, (size_t)n, ret, NULL, EVP_sha256(), NULL);
	OPENSSL_free(tbs);
}

static void describe_ec(const EVP_PKEY *key, char *ret, size_t n)
{
	char group[64] = "";
	const char *nist;
	int nid;

	EVP_PKEY_get_group_name(key, group, sizeof(group), NULL);
	nid = OBJ_txt2nid(group);
	nist = nid == NID_undef ? NULL : EC_curve_nid2nist(nid);
	snprintf(ret, n, "ECDSA %s", nist ? nist : group);
}

void cert_describe_key(const struct evp_pkey_st *key, char *ret, size_t n)
{
	const char *type = key ? EVP_PKEY_get0_type_name(key) : NULL;

	if (!type)
		snprintf(ret, n, "unknown");
	else if (EVP_PKEY_is_a(key, "EC"))
		describe_ec(key, ret, n);
	else if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS"))
		snprintf(ret, n, "%s %d", type, EVP_PKEY_get_bits(key));
	else
		snprintf(ret, n, "%s", type);
}

void cert_describe(const struct cert *c, char *ret, size_t n)
{
	const char *name = c->key ? NULL : cert_mldsa_name(c);

	if (name)
		snprintf(ret, n, "%s", name);
	else
		cert_describe_key(c->key, ret, n);
}

static const ASN1_OBJECT *signature_algorithm(const struct cert *c)
{
	const X509_ALGOR *algorithm;
	const ASN1_OBJECT *object;

	X509_get0_signature(NULL, &algorithm, c->x509);
	X509_ALGOR_get0(&object, NULL, NULL, algorithm);
	return object;
}

struct span cert_scheme(const struct cert *c)
{
	const ASN1_OBJECT *object = signature_algorithm(c);

	return span_of(OBJ_get0_data(object), OBJ_length(object));
}

/* libcrypto may not know the algorithm. */
static void describe_signature(const struct cert *c, char *ret, size_t n)
{
	const char *name = sigalg_scheme_name(cert_scheme(c));

	if (name)
		snprintf(ret, n, "%s", name);
	else
		OBJ_obj2txt(ret, (int)n, signature_algorithm(c), 0);
}

static void usage_facts(X509 *x, struct cert_facts *f)
{
	uint32_t flags = X509_get_extension_flags(x);
	uint32_t usage = X509_get_key_usage(x);
	EXTENDED_KEY_USAGE *extended = X509_get_ext_d2i(x, NID_ext_key_usage, NULL, NULL);

	f->is_ca = flags & EXFLAG_CA;
	f->has_key_usage = flags & EXFLAG_KUSAGE;
	f->digital_signature = usage & KU_DIGITAL_SIGNATURE;
	f->cert_sign = usage & KU_KEY_CERT_SIGN;
	f->has_extended_usage = extended;
	for (int i = 0; i < sk_ASN1_OBJECT_num(extended); i++) {
		const ASN1_OBJECT *purpose = sk_ASN1_OBJECT_value(extended, i);
		char oid[64] = "";

		OBJ_obj2txt(oid, sizeof(oid), purpose, 1);
		f->code_signing |= OBJ_obj2nid(purpose) == NID_code_sign;
		f->module_signing |= strcmp(oid, OID_MODULE_SIGNING) == 0;
	}
	EXTENDED_KEY_USAGE_free(extended);
}

void cert_facts(const struct cert *c, time_t now, struct cert_facts *ret)
{
	const ASN1_TIME *from = X509_get0_notBefore(c->x509), *to = X509_get0_notAfter(c->x509);
	struct cert_facts f = { 0 };

	cert_describe(c, f.algorithm, sizeof(f.algorithm));
	describe_signature(c, f.signed_with, sizeof(f.signed_with));
	EVP_Digest(c->der, c->der_n, f.sha1, NULL, EVP_sha1(), NULL);
	EVP_Digest(c->der, c->der_n, f.sha256, NULL, EVP_sha256(), NULL);
	tbs_digest(c->x509, f.tbs_sha256);
	f.not_before = seconds(from);
	f.not_after = seconds(to);
	f.not_yet_valid = f.not_before > now;
	f.expired = f.not_after < now;
	f.self_signed = span_eq(c->issuer, c->subject);
	usage_facts(c->x509, &f);
	*ret = f;
}

unsigned cert_problems(const struct cert_facts *f)
{
	unsigned found = 0;

	found |= f->is_ca ? CERT_IS_CA : 0;
	found |= f->has_key_usage && !f->digital_signature ? CERT_NO_DIGITAL_SIGNATURE : 0;
	found |= !f->code_signing ? CERT_NO_CODE_SIGNING : 0;
	found |= f->expired ? CERT_EXPIRED : 0;
	found |= f->not_yet_valid ? CERT_NOT_YET_VALID : 0;
	found |= f->module_signing ? CERT_MODULE_ONLY : 0;
	return found;
}

const char *cert_problem_text(enum cert_problem problem)
{
	switch (problem) {
	case CERT_IS_CA:
		return "it is a CA certificate: once the kernel trusts it, everyone whom it certified can sign "
		       "modules, with that certificate in the signature";
	case CERT_NO_DIGITAL_SIGNATURE:
		return "its key usage leaves out digital signatures";
	case CERT_NO_CODE_SIGNING:
		return "its extended usage leaves out code signing, which kernels of SUSE require; whether this "
		       "one does is unknown: its configuration could not be read";
	case CERT_EXPIRED:
		return "it has expired (the kernel does not look at the date of module signing keys)";
	case CERT_NOT_YET_VALID:
		return "it is not valid yet (the kernel does not look at the date of module signing keys)";
	case CERT_MODULE_ONLY:
		return "it is for modules only: shim does not accept boot files signed by it";
	}
	return "unknown";
}

void cert_keep_standing(struct cert *c, const struct cert_standing *standing)
{
	c->standing = *standing;
	c->judged = true;
}

const struct cert_standing *cert_standing(const struct cert *c)
{
	return c->judged ? &c->standing : NULL;
}
