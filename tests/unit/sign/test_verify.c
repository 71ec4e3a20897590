// SPDX-License-Identifier: MIT
#include "pair.h"

#include <errno.h>

#include "read/image/der.h"

/* The corpus of tests/sign has the many variants; here is one of each kind, and what the errno becomes. */

struct fixture {
	struct key_pair pair, other;
	struct cms_signing *signing, *foreign;
	struct keyring ring;
	struct buf payload, file;
};

static void set_up(struct fixture *f)
{
	*f = (struct fixture){ .pair = make_pair("rsa2048", "known"), .other = make_pair("p256", "other") };
	f->signing = make_signing(&f->pair, "sha256", 0);
	f->foreign = make_signing(&f->other, "sha256", 0);
	f->ring = (struct keyring){ 0 };
	tiny_module(&f->payload);
	sign_into(f->signing, buf_span(&f->payload), &f->file);
	assert_int_equal(keyring_take(&f->ring, f->pair.cert), 0);
}

static void tear_down(struct fixture *f)
{
	cms_signing_free(f->signing);
	cms_signing_free(f->foreign);
	keyring_done(&f->ring);
	f->pair.cert = NULL;
	key_pair_done(&f->pair);
	key_pair_done(&f->other);
	buf_done(&f->payload);
	buf_done(&f->file);
}

static void expect(const struct fixture *f, enum verify_state state, int error)
{
	struct verify_result v;

	assert_int_equal(verify_bytes(buf_span(&f->file), &f->ring, 612, &v), 0);
	assert_string_equal(verify_state_name(v.state), verify_state_name(state));
	assert_int_equal(v.error, error);
	assert_true(v.cause[0]);
}

static void good(void **state _unused_)
{
	struct fixture f;
	struct verify_result v;

	set_up(&f);
	expect(&f, VERIFY_GOOD, 0);
	assert_int_equal(verify_bytes(buf_span(&f.file), &f.ring, 612, &v), 0);
	assert_ptr_equal(v.cert, f.ring.certs[0]);
	assert_string_equal(v.hash, "sha256");
	assert_false(v.stacked);
	tear_down(&f);
}

static void unsigned_file(void **state _unused_)
{
	struct fixture f;

	set_up(&f);
	buf_addc(&f.file, '\n');
	expect(&f, VERIFY_UNSIGNED, -ENODATA);
	tear_down(&f);
}

static void unknown_signer(void **state _unused_)
{
	struct fixture f;

	set_up(&f);
	buf_clear(&f.file);
	sign_into(f.foreign, buf_span(&f.payload), &f.file);
	expect(&f, VERIFY_UNKNOWN_SIGNER, -ENOKEY);
	tear_down(&f);
}

/* Two certificates of one name: the serial number tells them apart. */
static void a_signer_is_found_by_its_serial_number(void **state _unused_)
{
	struct key_pair namesake = make_pair("p256", "known");
	struct keyring ring = ring_of(&namesake);
	struct fixture f;
	struct verify_result v;

	set_up(&f);
	assert_int_equal(keyring_take(&ring, f.pair.cert), 0);
	assert_int_equal(verify_bytes(buf_span(&f.file), &ring, 612, &v), 0);
	assert_string_equal(verify_state_name(v.state), "good");
	assert_ptr_equal(v.cert, f.pair.cert);
	ring.n--;
	keyring_done(&ring);
	key_pair_done(&namesake);
	tear_down(&f);
}

/* Copies DER without subject key identifiers: empty in a signer, and no extension in a certificate. */
static void copy_without_skids(struct span in, struct buf *out)
{
	struct der_item item;

	while (der_next(&in, &item) == 1) {
		_cleanup_buf_ struct buf body = BUF_INIT;

		if (span_starts(item.body, "\x06\x03\x55\x1d\x0e", 5))
			continue;
		if (item.tag & 0x20)
			copy_without_skids(item.body, &body);
		else if (item.tag != DER_CONTEXT_0_PRIMITIVE)
			assert_int_equal(buf_add(&body, item.body.p, item.body.n), 0);
		der_put(out, item.tag, buf_span(&body));
	}
	assert_int_equal(buf_error(out), 0);
}

static void no_identifier_is_nobodys(void **state _unused_)
{
	_cleanup_buf_ struct buf cert = BUF_INIT, message = BUF_INIT, named = BUF_INIT, file = BUF_INIT;
	struct keyring ring = { 0 };
	struct verify_result v;
	struct cms_signing *s;
	struct cert *c;
	struct fixture f;

	set_up(&f);
	copy_without_skids(cert_der(f.pair.cert), &cert);
	assert_int_equal(cert_parse(buf_span(&cert), "without", NULL, &c), 0);
	assert_int_equal(cert_skid(c).n, 0);
	assert_int_equal(keyring_take(&ring, c), 0);
	s = make_signing(&f.pair, "sha256", CMS_BY_SKID);
	assert_int_equal(cms_sign(s, buf_span(&f.payload), NULL, &named), 0);
	copy_without_skids(buf_span(&named), &message);
	assert_int_equal(buf_add(&file, f.payload.p, f.payload.n), 0);
	assert_int_equal(buf_add(&file, message.p, message.n), 0);
	assert_int_equal(sign_add_trailer(&file, message.n), 0);
	assert_int_equal(verify_bytes(buf_span(&file), &ring, 612, &v), 0);
	assert_string_equal(verify_state_name(v.state), "damaged");
	assert_int_equal(v.error, -EINVAL);
	cms_signing_free(s);
	keyring_done(&ring);
	tear_down(&f);
}

static void changed_file(void **state _unused_)
{
	struct fixture f;

	set_up(&f);
	f.file.p[10] ^= 1;
	expect(&f, VERIFY_CHANGED, -EKEYREJECTED);
	tear_down(&f);
}

static void flipped_signature(void **state _unused_)
{
	struct fixture f;

	set_up(&f);
	f.file.p[f.file.n - 50] ^= 1;
	expect(&f, VERIFY_BAD_SIGNATURE, -EKEYREJECTED);
	tear_down(&f);
}

static void damaged_trailer(void **state _unused_)
{
	struct fixture f;

	set_up(&f);
	f.file.p[f.file.n - 32] = 0x7f; /* the length's highest octet */
	expect(&f, VERIFY_DAMAGED, -EBADMSG);
	tear_down(&f);
}

static void other_scheme(void **state _unused_)
{
	struct fixture f;

	set_up(&f);
	f.file.p[f.file.n - 38] = 1; /* id_type */
	expect(&f, VERIFY_UNSUPPORTED, -ENOPKG);
	tear_down(&f);
}

static void the_outer_of_two_signatures_counts(void **state _unused_)
{
	_cleanup_buf_ struct buf inner = BUF_INIT;
	struct verify_result v;
	struct fixture f;

	set_up(&f);
	assert_int_equal(buf_add(&inner, f.file.p, f.file.n), 0);
	buf_clear(&f.file);
	sign_into(f.foreign, buf_span(&inner), &f.file);
	expect(&f, VERIFY_UNKNOWN_SIGNER, -ENOKEY);
	assert_int_equal(verify_bytes(buf_span(&f.file), &f.ring, 612, &v), 0);
	assert_true(v.stacked);
	tear_down(&f);
}

static void hashes_of_newer_kernels(void **state _unused_)
{
	struct fixture f;
	struct cms_signing *s;
	struct verify_result v;

	set_up(&f);
	s = make_signing(&f.pair, "sha3-256", 0);
	buf_clear(&f.file);
	sign_into(s, buf_span(&f.payload), &f.file);
	expect(&f, VERIFY_GOOD, 0);
	assert_int_equal(verify_bytes(buf_span(&f.file), &f.ring, 601, &v), 0);
	assert_int_equal(v.state, VERIFY_UNSUPPORTED);
	cms_signing_free(s);
	tear_down(&f);
}

static void policy_turns_soft_failures_into_errnos(void **state _unused_)
{
	static const int soft[] = { -ENODATA, -ENOPKG, -ENOKEY }, hard[] = { -EKEYREJECTED, -EBADMSG, -EINVAL };

	assert_int_equal(verify_load_errno(0, true, true), 0);
	for (size_t i = 0; i < ELEMENTSOF(soft); i++) {
		assert_int_equal(verify_load_errno(soft[i], false, false), 0);
		assert_int_equal(verify_load_errno(soft[i], true, false), EKEYREJECTED);
		assert_int_equal(verify_load_errno(soft[i], false, true), EPERM);
		assert_int_equal(verify_load_errno(soft[i], true, true), EKEYREJECTED);
	}
	for (size_t i = 0; i < ELEMENTSOF(hard); i++)
		for (int policy = 0; policy < 4; policy++)
			assert_int_equal(verify_load_errno(hard[i], policy & 1, policy & 2), -hard[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(unsigned_file),
		cmocka_unit_test(unknown_signer),
		cmocka_unit_test(a_signer_is_found_by_its_serial_number),
		cmocka_unit_test(no_identifier_is_nobodys),
		cmocka_unit_test(changed_file),
		cmocka_unit_test(flipped_signature),
		cmocka_unit_test(damaged_trailer),
		cmocka_unit_test(other_scheme),
		cmocka_unit_test(the_outer_of_two_signatures_counts),
		cmocka_unit_test(hashes_of_newer_kernels),
		cmocka_unit_test(policy_turns_soft_failures_into_errnos),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
