// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/cleanup.h"
#include "act/sign/cert.h"
#include "act/sign/key_private.h"

static const struct key_type {
	const char *name;
	const char *algorithm; /* as libcrypto fetches it */
	const char *group;     /* EC */
	unsigned bits;         /* RSA */
	const char *hash;      /* of the self-signature; NULL: the scheme brings its own */
} key_types[] = {
	{ "rsa4096", "RSA", NULL, 4096, "SHA256" },  { "rsa3072", "RSA", NULL, 3072, "SHA256" },
	{ "rsa2048", "RSA", NULL, 2048, "SHA256" },  { "p256", "EC", "P-256", 0, "SHA256" },
	{ "p384", "EC", "P-384", 0, "SHA384" },      { "p521", "EC", "P-521", 0, "SHA512" },
	{ "ml-dsa-44", "ML-DSA-44", NULL, 0, NULL }, { "ml-dsa-65", "ML-DSA-65", NULL, 0, NULL },
	{ "ml-dsa-87", "ML-DSA-87", NULL, 0, NULL },
};

static const struct key_type *find_type(const char *name)
{
	for (size_t i = 0; i < ELEMENTSOF(key_types); i++)
		if (strcmp(key_types[i].name, name) == 0)
			return &key_types[i];
	return NULL;
}

static EVP_PKEY *make_key(const struct key_type *t)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, t->algorithm, NULL);
	EVP_PKEY *key = NULL;
	bool ok = ctx && EVP_PKEY_keygen_init(ctx) == 1;

	if (ok && t->bits)
		ok = EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)t->bits) == 1;
	if (ok && t->group)
		ok = EVP_PKEY_CTX_set_group_name(ctx, t->group) == 1;
	if (ok && EVP_PKEY_generate(ctx, &key) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* libcrypto knows the lengths that X.520 allows. */
static bool add_name(X509_NAME *name, int nid, const char *value)
{
	int reason;

	if (!value ||
	    X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0) == 1)
		return true;
	/* libcrypto's own data is about sizes, and does not say of what */
	reason = ERR_GET_REASON(ERR_peek_last_error());
	ERR_clear_error();
	ERR_raise_data(ERR_LIB_ASN1, reason, "%s '%s'", OBJ_nid2ln(nid), value);
	return false;
}

static bool set_names(X509 *x, const struct key_request *q)
{
	X509_NAME *name = X509_NAME_new();
	bool ok = name && add_name(name, NID_organizationName, q->organization) &&
		  add_name(name, NID_commonName, q->common_name) && add_name(name, NID_pkcs9_emailAddress, q->email) &&
		  X509_set_subject_name(x, name) == 1 && X509_set_issuer_name(x, name) == 1;

	X509_NAME_free(name);
	return ok;
}

/* 159 random bits: positive, and 20 octets at most (RFC 5280 4.1.2.2). */
static bool set_serial(X509 *x)
{
	BIGNUM *number = BN_new();
	bool ok = number && BN_rand(number, 159, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
		  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x));

	BN_free(number);
	return ok;
}

static bool set_validity(X509 *x, unsigned days)
{
	time_t now = time(NULL);

	return X509_time_adj_ex(X509_getm_notBefore(x), 0, 0, &now) &&
	       X509_time_adj_ex(X509_getm_notAfter(x), (int)days, 0, &now);
}

static bool add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e;
	X509V3_CTX ctx;
	bool ok;

	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = e && X509_add_ext(x, e, -1) == 1;
	X509_EXTENSION_free(e);
	return ok;
}

/* The profile of the kernel's own documentation, with codeSigning added for distributions that require it. */
static bool set_extensions(X509 *x, const struct key_request *q)
{
	const char *usage = q->module_only ? "codeSigning,1.3.6.1.4.1.2312.16.1.2" : "codeSigning";

	return add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
	       add_extension(x, NID_key_usage, "digitalSignature") && add_extension(x, NID_ext_key_usage, usage) &&
	       add_extension(x, NID_subject_key_identifier, "hash") &&
	       add_extension(x, NID_authority_key_identifier, "keyid:always");
}

static bool self_sign(X509 *x, EVP_PKEY *key, const struct key_type *t)
{
	const EVP_MD *hash = t->hash ? EVP_get_digestbyname(t->hash) : NULL;

	return X509_sign(x, key, hash) > 0;
}

static X509 *make_certificate(const struct key_request *q, const struct key_type *t, EVP_PKEY *key)
{
	X509 *x = X509_new();
	bool ok = x && X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) && set_names(x, q) &&
		  set_validity(x, q->days) && X509_set_pubkey(x, key) == 1 && set_extensions(x, q) &&
		  self_sign(x, key, t);

	if (ok)
		return x;
	X509_free(x);
	return NULL;
}

static int parse_own(X509 *x, struct diag *diag, struct cert **ret)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der), r;

	if (n <= 0)
		return -ENOMEM;
	r = cert_parse(span_of(der, (size_t)n), "the new certificate", diag, ret);
	OPENSSL_free(der);
	return r;
}

static int certify(const struct key_request *q, const struct key_type *t, EVP_PKEY *key, struct diag *diag,
		   struct cert **ret)
{
	X509 *x = make_certificate(q, t, key);
	int r;

	if (!x) {
		const char *about = NULL, *reason;
		int flags = 0;

		reason = ERR_reason_error_string(ERR_peek_last_error_data(&about, &flags));
		diag_err(diag, "sign.generate-certificate", "cannot make the certificate: %s%s%s",
			 flags & ERR_TXT_STRING && about ? about : "", flags & ERR_TXT_STRING && about ? ": " : "",
			 reason ? reason : "libcrypto failed");
		ERR_clear_error();
		return -EINVAL;
	}
	r = parse_own(x, diag, ret);
	X509_free(x);
	return r;
}

int key_check_type(const char *name, struct diag *diag)
{
	if (find_type(name))
		return 0;
	diag_err(diag, "sign.generate-type",
		 "unknown key type '%s' (rsa2048 rsa3072 rsa4096 p256 p384 p521 ml-dsa-44 ml-dsa-65 ml-dsa-87)", name);
	return -EINVAL;
}

static int report_unsupported(const struct key_type *t, struct diag *diag)
{
	ERR_clear_error();
	diag_err(diag, "sign.generate-unsupported", "OpenSSL %s here cannot make %s keys%s",
		 OpenSSL_version(OPENSSL_VERSION_STRING), t->name, t->hash ? "" : "; ML-DSA came with OpenSSL 3.5");
	return -EOPNOTSUPP;
}

int key_generate(const struct key_request *q, struct diag *diag, struct key_pair *ret)
{
	const struct key_type *t = find_type(q->type);
	struct key_pair pair = { 0 };
	EVP_PKEY *pkey;
	int r;

	if (key_check_type(q->type, diag) < 0)
		return -EINVAL;
	pkey = make_key(t);
	if (!pkey)
		return report_unsupported(t, diag);
	pair.key = key_wrap(pkey, "the new key");
	r = pair.key ? certify(q, t, pkey, diag, &pair.cert) : -ENOMEM;
	if (r < 0) {
		key_pair_done(&pair);
		return r;
	}
	*ret = pair;
	return 0;
}

void key_pair_done(struct key_pair *p)
{
	key_free(p->key);
	cert_free(p->cert);
	*p = (struct key_pair){ 0 };
}
