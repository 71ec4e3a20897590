// SPDX-License-Identifier: MIT
#include "pair.h"

#include "base/num.h"
#include "act/sign/auth.h"
#include "read/image/der.h"

/*
 * EFI_VARIABLE_AUTHENTICATION_2 and the payload, taken apart again and its signature checked over what firmware
 * hashes.
 */
static void the_blob_is_what_firmware_checks(void **state _unused_)
{
	static const uint8_t expected_time[16] = { 0xea, 0x07, 1, 2, 3, 4, 5 };
	_cleanup_(key_pair_done) struct key_pair kek = make_pair("rsa2048", "kek");
	struct auth_request q = { .variable = "db",
				  .vendor = { 0xcb, 0xb2, 0x19, 0xd7 },
				  .time = 1767323045,
				  .payload = span_of_str("signature list") };
	_cleanup_buf_ struct buf blob = BUF_INIT, covered = BUF_INIT, message = BUF_INIT;
	_cleanup_cms_ struct cms c = { 0 };
	struct span bare;
	const char *why;
	uint32_t length;

	assert_int_equal(auth_append_blob(&q, kek.key, kek.cert, NULL, &blob), 0);
	assert_memory_equal(blob.p, expected_time, sizeof(expected_time));
	length = load_le32(blob.p + 16);
	assert_int_equal(load_le16(blob.p + 20), 0x0200);
	assert_int_equal(load_le16(blob.p + 22), 0x0ef1);
	assert_true(span_ends(buf_span(&blob), "signature list", 14));
	assert_int_equal(16 + length + 14, blob.n);
	bare = span_of(blob.p + 40, length - 24);

	/* Put the frame around SignedData back that firmware does without. */
	{
		_cleanup_buf_ struct buf inner = BUF_INIT;

		der_put(&inner, DER_OID, span_of("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 9));
		der_put(&inner, DER_CONTEXT_0, bare);
		der_put(&message, DER_SEQUENCE, buf_span(&inner));
	}
	assert_int_equal(cms_parse(buf_span(&message), &c, &why), 0);
	assert_true(span_eq(c.certificates, cert_der(kek.cert)));
	buf_add(&covered, "d\0b\0", 4);
	buf_add(&covered, q.vendor, sizeof(q.vendor));
	buf_add(&covered, "\x67\0\0\0", 4);
	buf_add(&covered, expected_time, sizeof(expected_time));
	buf_adds(&covered, "signature list");
	assert_int_equal(cms_check(&c.signers[0], kek.cert, buf_span(&covered)), CMS_CHECK_GOOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_blob_is_what_firmware_checks) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
