// SPDX-License-Identifier: MIT
#include "pair.h"

#include <time.h>

#include <openssl/x509v3.h>

static struct key_pair make(struct key_request request)
{
	struct key_pair pair;

	assert_int_equal(key_generate(&request, NULL, &pair), 0);
	return pair;
}

static void generated_certificates_have_the_profile(void **state _unused_)
{
	_cleanup_(key_pair_done) struct key_pair pair = make((struct key_request){
		.type = "p384", .common_name = "Key", .organization = "Org", .email = "a@b", .days = 3 });
	_cleanup_buf_ struct buf subject = BUF_INIT;
	struct cert_facts f;
	uint8_t skid[20];

	cert_facts(pair.cert, time(NULL), &f);
	assert_string_equal(f.algorithm, "ECDSA P-384");
	assert_string_equal(f.signed_with, "ecdsa-with-SHA384");
	assert_true(f.self_signed && f.digital_signature && f.code_signing);
	assert_false(f.is_ca || f.cert_sign || f.module_signing || f.expired || f.not_yet_valid);
	assert_int_equal(f.not_after - f.not_before, 3 * 86400);
	assert_int_equal(cert_subject_text(pair.cert, &subject), 0);
	assert_string_equal(buf_str(&subject), "O = Org, CN = Key, emailAddress = a@b");
	assert_int_equal(key_skid(pair.key, skid), 0);
	assert_true(span_eq(cert_skid(pair.cert), span_of(skid, sizeof(skid))));
	assert_true(span_eq(
		span_of(ASN1_STRING_get0_data(X509_get0_authority_key_id((X509 *)(uintptr_t)cert_x509(pair.cert))), 20),
		cert_skid(pair.cert)));
	assert_true(cert_serial(pair.cert).n <= 20 && cert_serial(pair.cert).p[0] < 0x80);
}

static void module_only_adds_its_usage(void **state _unused_)
{
	_cleanup_(key_pair_done) struct key_pair pair =
		make((struct key_request){ .type = "p256", .common_name = "Key", .days = 3, .module_only = true });
	struct cert_facts f;

	cert_facts(pair.cert, time(NULL), &f);
	assert_true(f.module_signing && f.code_signing);
	assert_true(cert_problems(&f) & CERT_MODULE_ONLY);
}

static void names_follow_the_rule_of_key_rings(void **state _unused_)
{
	static const struct {
		const char *o, *cn, *name;
	} cases[] = {
		{ NULL, "Key", "Key" },
		{ "Fedora", "kernel key", "Fedora: kernel key" },
		{ "Org", "Org signing key", "Org signing key" },
		{ "Microsoft Corp", "Microsoft UEFI CA", "Microsoft UEFI CA" },
		{ "Debian", "Debxan key", "Debian: Debxan key" },
	};

	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		_cleanup_(key_pair_done) struct key_pair pair = make((struct key_request){
			.type = "p256", .common_name = cases[i].cn, .organization = cases[i].o, .days = 1 });
		_cleanup_buf_ struct buf name = BUF_INIT;

		assert_int_equal(cert_name(pair.cert, &name), 0);
		assert_string_equal(buf_str(&name), cases[i].name);
	}
}

static void problems_depend_on_the_date(void **state _unused_)
{
	_cleanup_(key_pair_done) struct key_pair pair =
		make((struct key_request){ .type = "p256", .common_name = "Key", .days = 1 });
	struct cert_facts f;

	cert_facts(pair.cert, time(NULL), &f);
	assert_int_equal(cert_problems(&f), 0);
	cert_facts(pair.cert, time(NULL) + 2 * 86400, &f);
	assert_int_equal(cert_problems(&f), CERT_EXPIRED);
	cert_facts(pair.cert, time(NULL) - 86400, &f);
	assert_int_equal(cert_problems(&f), CERT_NOT_YET_VALID);
}

static void pem_and_der_are_the_same_certificate(void **state _unused_)
{
	_cleanup_(key_pair_done) struct key_pair pair = make_pair("p256", "Key");
	_cleanup_(cert_free_p) struct cert *again = NULL;
	_cleanup_buf_ struct buf pem = BUF_INIT;

	assert_int_equal(cert_write_pem(pair.cert, &pem), 0);
	assert_int_equal(cert_parse(buf_span(&pem), "pem", NULL, &again), 0);
	assert_true(span_eq(cert_der(pair.cert), cert_der(again)));
}

static void what_is_no_certificate_is_told(void **state _unused_)
{
	static const char *const bad[] = { "", "hello", "0\x82\x01",
					   "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" };

	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		struct cert *c = NULL;
		struct heard h;

		heard_init(&h);
		assert_int_equal(cert_parse(span_of_str(bad[i]), "bad", &h.diag, &c), -EBADMSG);
		assert_string_equal(h.code, "sign.certificate-bad");
		assert_null(c);
	}
}

static void a_directory_gives_its_certificates(void **state _unused_)
{
	_cleanup_(key_pair_done) struct key_pair a = make_pair("p256", "a"), b = make_pair("p256", "b");
	const struct root root = ROOT_REAL;
	struct keyring ring = { 0 };
	char *dir = unit_mkdtemp();
	struct heard h;

	heard_init(&h);
	unit_write(dir, "a.der", cert_der(a.cert).p, cert_der(a.cert).n);
	unit_write(dir, "b.x509", cert_der(b.cert).p, cert_der(b.cert).n);
	unit_puts(dir, "broken.pem", "nothing");
	unit_puts(dir, "README", "nothing");
	assert_int_equal(keyring_add_directory(&ring, &root, dir, &h.diag), 0);
	assert_int_equal(ring.n, 2);
	assert_int_equal(h.n, 1);
	assert_true(span_eq(cert_der(ring.certs[1]), cert_der(b.cert)));
	keyring_done(&ring);
	unit_rmdir(dir);
}

static void names_of_certificates_in_a_directory_vary(void **state _unused_)
{
	static const char *const names[] = { "mok.pub", "MOK.DER", "Key.Cer" };
	_cleanup_(key_pair_done) struct key_pair a = make_pair("p256", "a");
	const struct root root = ROOT_REAL;
	struct keyring ring = { 0 };
	char *dir = unit_mkdtemp();
	struct heard h;

	heard_init(&h);
	for (size_t i = 0; i < ELEMENTSOF(names); i++)
		unit_write(dir, names[i], cert_der(a.cert).p, cert_der(a.cert).n);
	unit_puts(dir, "id_rsa.pub", "ssh-rsa AAAA me@here\n");
	assert_int_equal(keyring_add_directory(&ring, &root, dir, &h.diag), 0);
	assert_int_equal(ring.n, ELEMENTSOF(names));
	assert_int_equal(h.n, 0);
	keyring_done(&ring);
	unit_rmdir(dir);
}

static void every_certificate_of_a_file_is_taken(void **state _unused_)
{
	_cleanup_(key_pair_done) struct key_pair a = make_pair("p256", "a"), b = make_pair("p256", "b");
	_cleanup_buf_ struct buf pem = BUF_INIT, der = BUF_INIT;
	_cleanup_(cert_free_p) struct cert *one = NULL;
	const struct root root = ROOT_REAL;
	char *dir = unit_mkdtemp(), path[4096];
	struct keyring ring = { 0 };
	struct heard h;

	heard_init(&h);
	assert_int_equal(cert_write_pem(a.cert, &pem), 0);
	buf_adds(&pem, "text between\n");
	assert_int_equal(cert_write_pem(b.cert, &pem), 0);
	buf_add(&der, cert_der(a.cert).p, cert_der(a.cert).n);
	buf_add(&der, cert_der(b.cert).p, cert_der(b.cert).n);
	unit_write(dir, "two.pem", pem.p, pem.n);
	unit_write(dir, "two.der", der.p, der.n);
	assert_int_equal(keyring_add_directory(&ring, &root, dir, &h.diag), 0);
	assert_int_equal(ring.n, 4);
	for (size_t i = 0; i < 4; i++)
		assert_true(span_eq(cert_der(ring.certs[i]), cert_der(i % 2 ? b.cert : a.cert)));
	assert_int_equal(h.n, 0);
	/* where one is wanted, the second is reported */
	snprintf(path, sizeof(path), "%s/two.pem", dir);
	assert_int_equal(cert_load(&root, path, &h.diag, &one), 0);
	assert_string_equal(h.code, "sign.certificate-several");
	keyring_done(&ring);
	/* a second one that is damaged is not left out silently */
	pem.p[pem.n - 60] = '!';
	unit_write(dir, "two.pem", pem.p, pem.n);
	assert_int_equal(keyring_add_file(&ring, &root, path, &h.diag), -EBADMSG);
	assert_string_equal(h.code, "sign.certificate-bad");
	keyring_done(&ring);
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generated_certificates_have_the_profile),
		cmocka_unit_test(module_only_adds_its_usage),
		cmocka_unit_test(names_follow_the_rule_of_key_rings),
		cmocka_unit_test(problems_depend_on_the_date),
		cmocka_unit_test(pem_and_der_are_the_same_certificate),
		cmocka_unit_test(what_is_no_certificate_is_told),
		cmocka_unit_test(a_directory_gives_its_certificates),
		cmocka_unit_test(names_of_certificates_in_a_directory_vary),
		cmocka_unit_test(every_certificate_of_a_file_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
