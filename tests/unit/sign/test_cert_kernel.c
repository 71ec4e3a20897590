// SPDX-License-Identifier: MIT
/* What kernels make of certificates; as measured with add_key(2) on 6.1, 6.12 and 6.18. */
#include "pair.h"

#include <errno.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "act/sign/cert_kernel.h"

static struct cert *wrap(X509 *x)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);
	struct cert *c;

	assert_true(n > 0);
	assert_int_equal(cert_parse(span_of(der, (size_t)n), "t", NULL, &c), 0);
	OPENSSL_free(der);
	X509_free(x);
	return c;
}

/* A self-signed certificate: hash NULL is PSS with SHA-256, cn NULL an empty name. */
static struct cert *make(EVP_PKEY *key, const char *hash, const char *cn)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_NAME_new();
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how;

	if (cn)
		X509_NAME_add_entry_by_txt(name, "OU", MBSTRING_ASC, (const unsigned char *)cn, -1, -1, 0);
	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
	X509_set_subject_name(x, name);
	X509_set_issuer_name(x, name);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 1000);
	X509_set_pubkey(x, key);
	assert_int_equal(EVP_DigestSignInit(ctx, &how, hash ? EVP_get_digestbyname(hash) : EVP_sha256(), NULL, key), 1);
	if (!hash)
		EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING);
	assert_true(X509_sign_ctx(x, ctx) > 0);
	EVP_MD_CTX_free(ctx);
	X509_NAME_free(name);
	return wrap(x);
}

static EVP_PKEY *rsa_key(void)
{
	static EVP_PKEY *key;

	if (!key)
		key = EVP_RSA_gen(1024);
	return key;
}

static bool is_usable(const struct cert *c, unsigned version)
{
	struct cert_standing s;

	cert_judged(c, version, &s);
	assert_int_equal(s.usable, !*s.reason);
	return s.usable;
}

static void signatures_of_certificates_are_those_the_parser_knows(void **state _unused_)
{
	static const struct {
		const char *hash;
		bool in_601, in_612;
	} cases[] = {
		{ "SHA1", true, true },      { "SHA224", true, true },     { "SHA256", true, true },
		{ "SHA512", true, true },    { "MD5", true, false },       { "SHA3-256", false, true },
		{ "SHA3-512", false, true }, { "SHA3-224", false, false }, { "RIPEMD160", false, false },
		{ NULL, false, false },
	};

	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		_cleanup_(cert_free_p) struct cert *c = make(rsa_key(), cases[i].hash, "x");

		assert_int_equal(is_usable(c, 601), cases[i].in_601);
		assert_int_equal(is_usable(c, 612), cases[i].in_612);
	}
}

static void names_have_an_element(void **state _unused_)
{
	_cleanup_(cert_free_p) struct cert *with = make(rsa_key(), "SHA256", "x");
	_cleanup_(cert_free_p) struct cert *without = make(rsa_key(), "SHA256", NULL);

	assert_true(is_usable(with, 612));
	assert_false(is_usable(without, 612));
}

static EVP_PKEY *ec_key(const char *curve, const char *encoding, const char *form)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
	EVP_PKEY_CTX_set_group_name(ctx, curve);
	EVP_PKEY_CTX_set_ec_param_enc(ctx, strcmp(encoding, "explicit") == 0 ? 0 : OPENSSL_EC_NAMED_CURVE);
	assert_int_equal(EVP_PKEY_generate(ctx, &key), 1);
	EVP_PKEY_set_utf8_string_param(key, "point-format", form);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static void ec_keys_are_points_of_named_curves_written_whole(void **state _unused_)
{
	static const struct {
		const char *curve, *encoding, *form;
		unsigned since; /* 0: no kernel */
	} cases[] = {
		{ "P-256", "named", "uncompressed", 514 },   { "P-384", "named", "uncompressed", 514 },
		{ "P-192", "named", "uncompressed", 514 },   { "P-521", "named", "uncompressed", 610 },
		{ "P-256", "explicit", "uncompressed", 0 },  { "P-256", "named", "compressed", 0 },
		{ "P-256", "named", "hybrid", 0 },           { "P-224", "named", "uncompressed", 0 },
		{ "secp256k1", "named", "uncompressed", 0 }, { "P-384", "explicit", "uncompressed", 0 },
	};

	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		EVP_PKEY *key = ec_key(cases[i].curve, cases[i].encoding, cases[i].form);
		_cleanup_(cert_free_p) struct cert *c = make(key, "SHA256", "x");

		assert_int_equal(is_usable(c, 612), cases[i].since > 0);
		assert_int_equal(is_usable(c, 609), cases[i].since == 514);
		assert_false(is_usable(c, 513));
		EVP_PKEY_free(key);
	}
}

static void other_kinds_of_key_are_refused(void **state _unused_)
{
	EVP_PKEY *odd = EVP_RSA_gen(1280), *edwards = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	X509 *x = X509_new();
	_cleanup_(cert_free_p) struct cert *rsa = make(odd, "SHA256", "x");
	struct cert *ed;

	assert_false(is_usable(rsa, 612));
	X509_set_pubkey(x, edwards);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)"x", -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 1000);
	assert_true(X509_sign(x, rsa_key(), EVP_sha256()) > 0);
	ed = wrap(x);
	assert_false(is_usable(ed, 700));
	cert_free(ed);
	EVP_PKEY_free(odd);
	EVP_PKEY_free(edwards);
}

/* ---- a kernel at hand ---- */

static int answer; /* of the kernel */

static int takes(void *data _unused_, struct span certificate _unused_)
{
	return answer;
}

static const struct keyring_calls calls = { .takes = takes };
static const struct keyring_access asked_kernel = { &calls, NULL };

static struct cert_standing judge(const struct cert *c, const char *config, const struct keyring_access *k)
{
	struct kernel_target kernel = { .version = 612, .keyring = k };
	struct cert_standing s;

	if (config)
		kconfig_parse(span_of_str(config), &kernel.config);
	else
		kernel.config.error = -ENOENT;
	cert_judge(c, &kernel, &s);
	return s;
}

static void the_configuration_decides(void **state _unused_)
{
	_cleanup_(key_pair_done) struct key_pair ec = make_pair("p256", "Key");
	_cleanup_(cert_free_p) struct cert *sha512 = make(rsa_key(), "SHA512", "x");
	_cleanup_(cert_free_p) struct cert *sha256 = make(rsa_key(), "SHA256", "x");
	_cleanup_(cert_free_p) struct cert *sha3 = make(rsa_key(), "SHA3-256", "x");

	assert_true(judge(ec.cert, NULL, NULL).usable);
	assert_true(judge(ec.cert, "CONFIG_CRYPTO_ECDSA=y\n", NULL).usable);
	assert_false(judge(ec.cert, "CONFIG_CRYPTO_ECDSA=m\n", NULL).usable);
	assert_false(judge(ec.cert, "# CONFIG_CRYPTO_ECDSA is not set\n", NULL).usable);
	assert_false(judge(ec.cert, "", NULL).usable);
	assert_false(judge(ec.cert, "CONFIG_CRYPTO_ECDSA=y\n# CONFIG_CRYPTO_ECDSA is not set\n", NULL).usable);
	assert_true(judge(sha512, "CONFIG_CRYPTO_SHA512=y\n", NULL).usable);
	assert_false(judge(sha512, "CONFIG_CRYPTO_SHA3=y\n", NULL).usable);
	assert_true(judge(sha3, "CONFIG_CRYPTO_SHA3=y\n", NULL).usable);
	assert_false(judge(sha3, "CONFIG_CRYPTO_SHA512=y\n", NULL).usable);
	assert_true(judge(sha256, "", NULL).usable);
}

static void the_kernels_own_answer_goes_before_the_rules(void **state _unused_)
{
	_cleanup_(cert_free_p) struct cert *md5 = make(rsa_key(), "MD5", "x");
	_cleanup_(key_pair_done) struct key_pair ec = make_pair("p256", "Key");
	static const int refusals[] = { -ENOPKG, -EBADMSG, -EINVAL, -ENOENT };
	static const int unasked[] = { -EPERM, -EACCES, -ENOSYS, -EDQUOT, -ENODEV, -ENOMEM };

	answer = 0;
	assert_true(judge(md5, NULL, &asked_kernel).usable);
	assert_int_equal(judge(md5, NULL, &asked_kernel).asked, CERT_TAKEN);
	/* It can load the module now, but not when it fills its rings. */
	assert_false(judge(ec.cert, "CONFIG_CRYPTO_ECDSA=m\n", &asked_kernel).usable);
	for (size_t i = 0; i < ELEMENTSOF(refusals); i++) {
		answer = refusals[i];
		assert_false(judge(ec.cert, NULL, &asked_kernel).usable);
		assert_int_equal(judge(ec.cert, NULL, &asked_kernel).asked, CERT_REFUSED);
	}
	for (size_t i = 0; i < ELEMENTSOF(unasked); i++) {
		answer = unasked[i];
		assert_true(judge(ec.cert, NULL, &asked_kernel).usable);
		assert_false(judge(md5, NULL, &asked_kernel).usable);
		assert_int_equal(judge(md5, NULL, &asked_kernel).asked, CERT_NOT_ASKED);
	}
}

static void a_kept_judgment_counts(void **state _unused_)
{
	_cleanup_(key_pair_done) struct key_pair ec = make_pair("p256", "Key");
	struct cert_standing s = judge(ec.cert, "", NULL);

	assert_true(is_usable(ec.cert, 612));
	cert_keep_standing(ec.cert, &s);
	assert_false(is_usable(ec.cert, 612));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_of_certificates_are_those_the_parser_knows),
		cmocka_unit_test(names_have_an_element),
		cmocka_unit_test(ec_keys_are_points_of_named_curves_written_whole),
		cmocka_unit_test(other_kinds_of_key_are_refused),
		cmocka_unit_test(the_configuration_decides),
		cmocka_unit_test(the_kernels_own_answer_goes_before_the_rules),
		cmocka_unit_test(a_kept_judgment_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
