// SPDX-License-Identifier: MIT
/* Files where a certificate or a key is wanted: what the message says they are. */
#include "pair.h"

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include "act/sign/file_kind.h"
#include "act/sign/key_private.h"
#include "read/efi/siglist.h"

/* The last message. */
static char text[512];

static void keep(void *data _unused_, const struct diag_msg *msg)
{
	snprintf(text, sizeof(text), "%s %s", msg->code, msg->text);
}

static struct diag diag = { .sink = keep, .max_level = LOG_DEBUG };

static void is_told(struct span bytes, enum file_want want, const char *words)
{
	text[0] = '\0';
	file_report_kind(bytes, "f", want, "t.code", &diag);
	if (!strstr(text, words))
		fail_msg("\"%s\" has no \"%s\"", text, words);
}

/* What write() puts into a BIO. */
static struct buf written(int (*write)(BIO *bio, const struct key_pair *pair), const struct key_pair *pair)
{
	struct buf b = BUF_INIT;
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes;
	long n;

	assert_int_equal(write(bio, pair), 1);
	n = BIO_get_mem_data(bio, &bytes);
	assert_int_equal(buf_add(&b, bytes, (size_t)n), 0);
	BIO_free(bio);
	return b;
}

static X509 *x509_of(const struct key_pair *pair)
{
	return (X509 *)(uintptr_t)cert_x509(pair->cert);
}

static int write_request(BIO *bio, const struct key_pair *pair)
{
	X509_REQ *q = X509_to_X509_REQ(x509_of(pair), key_private(pair->key), EVP_sha256());
	int r = i2d_X509_REQ_bio(bio, q);

	X509_REQ_free(q);
	return r;
}

static int write_request_text(BIO *bio, const struct key_pair *pair)
{
	X509_REQ *q = X509_to_X509_REQ(x509_of(pair), key_private(pair->key), EVP_sha256());
	int r = PEM_write_bio_X509_REQ(bio, q);

	X509_REQ_free(q);
	return r;
}

static int write_public(BIO *bio, const struct key_pair *pair)
{
	return i2d_PUBKEY_bio(bio, key_private(pair->key));
}

static int write_public_text(BIO *bio, const struct key_pair *pair)
{
	return PEM_write_bio_PUBKEY(bio, key_private(pair->key));
}

static int write_trusted(BIO *bio, const struct key_pair *pair)
{
	return PEM_write_bio_X509_AUX(bio, x509_of(pair));
}

static PKCS7 *bundle(const struct key_pair *pair)
{
	PKCS7 *p = PKCS7_new();

	PKCS7_set_type(p, NID_pkcs7_signed);
	PKCS7_content_new(p, NID_pkcs7_data);
	PKCS7_add_certificate(p, x509_of(pair));
	return p;
}

static int write_bundle(BIO *bio, const struct key_pair *pair)
{
	PKCS7 *p = bundle(pair);
	int r = i2d_PKCS7_bio(bio, p);

	PKCS7_free(p);
	return r;
}

static int write_bundle_text(BIO *bio, const struct key_pair *pair)
{
	PKCS7 *p = bundle(pair);
	int r = PEM_write_bio_PKCS7(bio, p);

	PKCS7_free(p);
	return r;
}

static int write_pkcs12(BIO *bio, const struct key_pair *pair)
{
	PKCS12 *p = PKCS12_create("right", "one", key_private(pair->key), x509_of(pair), NULL, 0, 0, 0, 0, 0);
	int r = i2d_PKCS12_bio(bio, p);

	PKCS12_free(p);
	return r;
}

static void what_it_is_and_what_converts_it(void **state _unused_)
{
	static const struct {
		int (*write)(BIO *bio, const struct key_pair *pair);
		const char *words;
	} cases[] = {
		{ write_request, "certificate request, not a certificate; convert it: openssl x509 -req" },
		{ write_request_text, "certificate request, not a certificate; convert it: openssl x509 -req" },
		{ write_public, "is a public key" },
		{ write_public_text, "is a public key" },
		{ write_trusted,
		  "trusted certificate of OpenSSL, which has settings added to it; convert it: openssl x509" },
		{ write_bundle,
		  "PKCS#7 bundle of certificates; convert it: openssl pkcs7 -print_certs -in f -inform DER" },
		{ write_bundle_text,
		  "PKCS#7 bundle of certificates; convert it: openssl pkcs7 -print_certs -in f -out" },
		{ write_pkcs12,
		  "is a PKCS#12 file with a key and its certificate; convert it: openssl pkcs12 -nokeys" },
	};
	_cleanup_(key_pair_done) struct key_pair pair = make_pair("p256", "one");
	_cleanup_buf_ struct buf list = BUF_INIT, update = BUF_INIT;
	const struct efi_guid owner = { { 1 } };

	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		_cleanup_buf_ struct buf b = written(cases[i].write, &pair);

		is_told(buf_span(&b), WANT_CERTIFICATE, cases[i].words);
		is_told(buf_span(&b), WANT_EITHER, cases[i].words);
	}
	assert_int_equal(siglist_append(&list, SIGLIST_X509, &owner, cert_der(pair.cert)), 0);
	is_told(buf_span(&list), WANT_CERTIFICATE, "EFI signature list; convert it: sig-list-to-certs f CERT");
	buf_add(&update, "0123456789abcdef\x20\0\0\0\0\2\xf1\x0e", 24);
	is_told(buf_span(&update), WANT_CERTIFICATE, "authenticated update");
	is_told(cert_der(pair.cert), WANT_KEY, "is a certificate, not the private key");
}

static void texts_are_told_by_their_first_line(void **state _unused_)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "", "is empty" },
		{ "-----BEGIN OPENSSH PRIVATE KEY-----\n", "form of OpenSSH; convert it: ssh-keygen -p -m PKCS8 -f f" },
		{ "ssh-ed25519 AAAA x@y\n", "public key of OpenSSH" },
		{ "-----BEGIN PGP PUBLIC KEY BLOCK-----\n", "OpenPGP" },
		{ "\177ELF....", "ELF" },
		{ "MZ......", "EFI program" },
		{ "hello", "contains no private key" },
	};

	for (size_t i = 0; i < ELEMENTSOF(cases); i++)
		is_told(span_of_str(cases[i].text), WANT_KEY, cases[i].words);
	is_told(span_of_str("hello"), WANT_CERTIFICATE, "contains no X.509 certificate");
	is_told(span_of_str("hello"), WANT_EITHER, "neither a certificate nor a private key");
}

static int give(void *data, const char *subject _unused_, struct buf *into)
{
	return data ? buf_adds(into, data) : -ENOKEY;
}

static int load(const char *path, const char *phrase, struct key **ret)
{
	const struct key_passphrase source = { give, (void *)(uintptr_t)phrase };
	const struct root root = ROOT_REAL;

	return key_load(&root, path, &source, &diag, ret);
}

static void pkcs12_is_a_key_with_its_certificate(void **state _unused_)
{
	_cleanup_(key_pair_done) struct key_pair pair = make_pair("p256", "one");
	_cleanup_buf_ struct buf b = written(write_pkcs12, &pair);
	_cleanup_(cert_free_p) struct cert *cert = NULL;
	_cleanup_(key_free_p) struct key *key = NULL;
	char *dir = unit_mkdtemp(), path[4096];

	unit_write(dir, "a.p12", b.p, b.n);
	snprintf(path, sizeof(path), "%s/a.p12", dir);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(load(path, "wrong", &key), -EKEYREJECTED);
	assert_non_null(strstr(text, "wrong passphrase"));
	assert_int_equal(load(path, NULL, &key), -ENOKEY);
	assert_int_equal(load(path, "right", &key), 0);
	cert = key_take_certificate(key);
	assert_non_null(cert);
	assert_true(span_eq(cert_der(cert), cert_der(pair.cert)));
	assert_true(key_matches(key, cert));
	unit_rmdir(dir);
}

/* PBE-MD5-DES, which is in no provider but the legacy one; the passphrase is "right". */
static const uint8_t old_key[] = {
	0x30, 0x81, 0xb0, 0x30, 0x1b, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x03, 0x30, 0x0e,
	0x04, 0x08, 0xfb, 0x51, 0x2d, 0xcf, 0xe7, 0xab, 0x21, 0xa5, 0x02, 0x02, 0x08, 0x00, 0x04, 0x81, 0x90, 0x95,
	0x40, 0xa2, 0xc2, 0x55, 0x7b, 0x92, 0x46, 0xd1, 0xf7, 0x24, 0x73, 0x59, 0x60, 0x38, 0xd1, 0x52, 0x32, 0x0c,
	0xd6, 0xee, 0x31, 0x2d, 0xb0, 0x1d, 0xcf, 0xe0, 0x6e, 0x00, 0x96, 0xfa, 0xe5, 0x57, 0x3f, 0x8f, 0x07, 0xc9,
	0xa3, 0x0b, 0x9e, 0x10, 0x39, 0xfe, 0xad, 0x6b, 0xde, 0x24, 0x99, 0xe5, 0xbb, 0xe2, 0x4b, 0x4d, 0x45, 0x72,
	0x6e, 0xbd, 0x27, 0xa3, 0xfa, 0xc7, 0x22, 0x95, 0x2a, 0x56, 0xd4, 0xad, 0xc2, 0xd4, 0x8a, 0xd0, 0xed, 0xa8,
	0xd9, 0xdb, 0xa8, 0x78, 0x3b, 0xc8, 0x5d, 0x77, 0xcf, 0x76, 0x8f, 0x7b, 0xa2, 0xe9, 0x9d, 0x3a, 0x55, 0x60,
	0xfe, 0x4e, 0xb2, 0x2c, 0xd7, 0xfa, 0xf9, 0x74, 0xf4, 0x9f, 0xf3, 0x46, 0x79, 0xc3, 0x79, 0xe2, 0x97, 0xf6,
	0x46, 0x9c, 0xf3, 0x4b, 0x89, 0xbf, 0x8e, 0xe3, 0x27, 0xec, 0x7f, 0x51, 0xaa, 0x00, 0xd9, 0x01, 0xf6, 0x19,
	0x49, 0xa9, 0xd4, 0xb5, 0x8d, 0x0e, 0x2a, 0xc0, 0xa1, 0x34, 0xd7, 0xd7, 0x28, 0x40, 0x7a, 0x9b, 0x3f
};

static void a_cipher_that_is_missing_is_no_wrong_passphrase(void **state _unused_)
{
	static const char traditional[] = "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
					  "DEK-Info: RC2-CBC,0102030405060708\n\nAAAA\n-----END EC PRIVATE KEY-----\n";
	char *dir = unit_mkdtemp(), path[4096];
	struct key *key;

	unit_write(dir, "old.key", old_key, sizeof(old_key));
	snprintf(path, sizeof(path), "%s/old.key", dir);
	assert_int_equal(load(path, "right", &key), -EOPNOTSUPP);
	assert_non_null(strstr(text, "sign.key-cipher"));
	assert_non_null(strstr(text, "PBE-MD5-DES"));
	assert_false(key_cipher_check("f", span_of_str(traditional), &diag));
	assert_non_null(strstr(text, "RC2-CBC"));
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_is_and_what_converts_it),
		cmocka_unit_test(texts_are_told_by_their_first_line),
		cmocka_unit_test(pkcs12_is_a_key_with_its_certificate),
		cmocka_unit_test(a_cipher_that_is_missing_is_no_wrong_passphrase),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
