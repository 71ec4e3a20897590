// SPDX-License-Identifier: MIT
#include "pair.h"

#include "act/sign/hash_alias.h"

static const char payload[] = "what is signed";

static void a_message_reads_back(void **state _unused_)
{
	_cleanup_(key_pair_done) struct key_pair pair = make_pair("p256", "one");
	_cleanup_(cms_signing_free_p) struct cms_signing *s = make_signing(&pair, "sha256", 0);
	_cleanup_buf_ struct buf der = BUF_INIT;
	_cleanup_cms_ struct cms c = { 0 };
	const char *why = NULL;

	assert_int_equal(cms_sign(s, span_of_str(payload), NULL, &der), 0);
	assert_int_equal(cms_parse(buf_span(&der), &c, &why), 0);
	assert_int_equal(c.n, 1);
	assert_int_equal(c.length, der.n);
	assert_true(cms_is_data(&c));
	assert_false(c.has_content);
	assert_int_equal(c.certificates.n, 0);
	assert_false(c.signers[0].by_skid);
	assert_int_equal(c.signers[0].attributes.n, 0);
	assert_true(span_eq(c.signers[0].issuer, cert_issuer(pair.cert)));
	assert_true(span_eq(c.signers[0].serial, cert_serial(pair.cert)));
	assert_string_equal(cms_hash_by_oid(c.signers[0].hash_oid)->name, "sha256");
	assert_int_equal(cms_scheme_by_oid(c.signers[0].scheme_oid), CMS_ECDSA);
}

static void skid_names_the_signer(void **state _unused_)
{
	_cleanup_(key_pair_done) struct key_pair pair = make_pair("p256", "one");
	_cleanup_(cms_signing_free_p) struct cms_signing *s = make_signing(&pair, "sha256", CMS_BY_SKID);
	_cleanup_buf_ struct buf der = BUF_INIT;
	_cleanup_cms_ struct cms c = { 0 };
	const char *why;

	assert_int_equal(cms_sign(s, span_of_str(payload), NULL, &der), 0);
	assert_int_equal(cms_parse(buf_span(&der), &c, &why), 0);
	assert_true(c.signers[0].by_skid);
	assert_true(span_eq(c.signers[0].skid, cert_skid(pair.cert)));
	assert_int_equal(c.signers[0].issuer.n, 0);
}

/* DER sorts a SET OF, and an issuer that is given twice is there once. */
static void certificates_go_into_the_message_in_their_order(void **state _unused_)
{
	_cleanup_(key_pair_done) struct key_pair pair = make_pair("p256", "a signer"), issuer = make_pair("p256", "b");
	struct cert *twice[] = { issuer.cert, issuer.cert };
	const struct keyring issuers = { .certs = twice, .n = 2 };
	_cleanup_buf_ struct buf der = BUF_INIT;
	_cleanup_(cms_signing_free_p) struct cms_signing *s = NULL;
	_cleanup_cms_ struct cms c = { 0 };
	struct span first, second;
	const char *why;

	assert_int_equal(cms_signing_new(pair.key, pair.cert, &issuers, "sha256", CMS_WITH_CERTIFICATE, NULL, &s), 0);
	assert_int_equal(cms_sign(s, span_of_str(payload), NULL, &der), 0);
	assert_int_equal(cms_parse(buf_span(&der), &c, &why), 0);
	first = cert_der(pair.cert);
	second = cert_der(issuer.cert);
	assert_int_equal(c.certificates.n, first.n + second.n);
	if (memcmp(first.p, second.p, first.n < second.n ? first.n : second.n) > 0)
		first = cert_der(issuer.cert);
	assert_memory_equal(c.certificates.p, first.p, first.n);
}

static void check_tells_good_changed_and_bad(void **state _unused_)
{
	static const char *const types[] = { "p256", "rsa2048" };

	for (size_t i = 0; i < ELEMENTSOF(types); i++) {
		_cleanup_(key_pair_done) struct key_pair pair = make_pair(types[i], "one"),
							 other = make_pair(types[i], "two");
		_cleanup_(cms_signing_free_p) struct cms_signing *s = make_signing(&pair, "sha384", 0);
		_cleanup_buf_ struct buf der = BUF_INIT;
		_cleanup_cms_ struct cms c = { 0 };
		const char *why;

		assert_int_equal(cms_sign(s, span_of_str(payload), NULL, &der), 0);
		assert_int_equal(cms_parse(buf_span(&der), &c, &why), 0);
		assert_int_equal(cms_check(&c.signers[0], pair.cert, span_of_str(payload)), CMS_CHECK_GOOD);
		assert_int_equal(cms_check(&c.signers[0], pair.cert, span_of_str("something else")), CMS_CHECK_CHANGED);
		assert_int_not_equal(cms_check(&c.signers[0], other.cert, span_of_str(payload)), CMS_CHECK_GOOD);
	}
}

static void rsa_signatures_do_not_vary(void **state _unused_)
{
	_cleanup_(key_pair_done) struct key_pair pair = make_pair("rsa2048", "one");
	_cleanup_(cms_signing_free_p) struct cms_signing *s = make_signing(&pair, "sha256", 0);
	_cleanup_buf_ struct buf a = BUF_INIT, b = BUF_INIT;

	assert_int_equal(cms_sign(s, span_of_str(payload), NULL, &a), 0);
	assert_int_equal(cms_sign(s, span_of_str(payload), NULL, &b), 0);
	assert_true(span_eq(buf_span(&a), buf_span(&b)));
}

static void a_foreign_key_is_refused(void **state _unused_)
{
	_cleanup_(key_pair_done) struct key_pair one = make_pair("p256", "one"), two = make_pair("p256", "two");
	struct cms_signing *s = NULL;
	struct heard h;

	heard_init(&h);
	assert_int_equal(cms_signing_new(one.key, two.cert, NULL, "sha256", 0, &h.diag, &s), -EKEYREJECTED);
	assert_string_equal(h.code, "sign.pair-mismatch");
	assert_null(s);
}

static void an_unknown_hash_is_refused(void **state _unused_)
{
	_cleanup_(key_pair_done) struct key_pair pair = make_pair("p256", "one");
	struct cms_signing *s = NULL;
	struct heard h;

	heard_init(&h);
	assert_int_equal(cms_signing_new(pair.key, pair.cert, NULL, "crc32", 0, &h.diag, &s), -ENOPKG);
	assert_string_equal(h.code, "sign.hash-unknown");
}

static void hashes_belong_to_kernels(void **state _unused_)
{
	assert_true(cms_hash_is_known_to(cms_hash_by_name("sha256"), 601));
	assert_false(cms_hash_is_known_to(cms_hash_by_name("sha3-256"), 601));
	assert_true(cms_hash_is_known_to(cms_hash_by_name("SHA3-256"), 612));
	assert_true(cms_hash_is_known_to(cms_hash_by_name("md5"), 601));
	assert_false(cms_hash_is_known_to(cms_hash_by_name("md5"), 612));
}

/* Every prefix of a message is damaged, and none leads the reader outside. */
static void every_cut_is_damage(void **state _unused_)
{
	_cleanup_(key_pair_done) struct key_pair pair = make_pair("p256", "one");
	_cleanup_(cms_signing_free_p) struct cms_signing *s = make_signing(&pair, "sha256", 0);
	_cleanup_buf_ struct buf der = BUF_INIT;

	assert_int_equal(cms_sign(s, span_of_str(payload), NULL, &der), 0);
	for (size_t n = 0; n < der.n; n++) {
		uint8_t *copy = malloc(n ? n : 1);
		const char *why = NULL;
		struct cms c;

		memcpy(copy, der.p, n);
		assert_int_equal(cms_parse(span_of(copy, n), &c, &why), -EBADMSG);
		assert_non_null(why);
		free(copy);
	}
}

static void names_of_libcrypto_are_taken_for_hashes(void **state _unused_)
{
	static const char *const names[][2] = {
		{ "sha256", "sha256" },     { "SHA2-256", "sha256" },   { "sha-256", "sha256" },
		{ "RSA-SHA256", "sha256" }, { "RSA-SHA512", "sha512" }, { "SHA3-384", "sha3-384" },
		{ "nosuch", "nosuch" },
	};

	for (size_t i = 0; i < ELEMENTSOF(names); i++)
		assert_string_equal(hash_alias(names[i][0]), names[i][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_reads_back),
		cmocka_unit_test(skid_names_the_signer),
		cmocka_unit_test(certificates_go_into_the_message_in_their_order),
		cmocka_unit_test(check_tells_good_changed_and_bad),
		cmocka_unit_test(rsa_signatures_do_not_vary),
		cmocka_unit_test(a_foreign_key_is_refused),
		cmocka_unit_test(an_unknown_hash_is_refused),
		cmocka_unit_test(names_of_libcrypto_are_taken_for_hashes),
		cmocka_unit_test(hashes_belong_to_kernels),
		cmocka_unit_test(every_cut_is_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
