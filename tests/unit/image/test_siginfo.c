// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "base/buf.h"
#include "read/image/siginfo.h"

#define OID_SIGNED_DATA "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
#define OID_DATA "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
#define OID_SHA256 "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define OID_RSA "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
#define OID_CN "\x06\x03\x55\x04\x03"
#define OID_O "\x06\x03\x55\x04\x0a"
#define S(literal) span_of(literal, sizeof(literal) - 1)

/* An element: tag, DER length, then the parts joined. */
static struct span der(struct buf *arena, uint8_t tag, const struct span *parts, size_t n)
{
	size_t len = 0, start = arena->n;

	for (size_t i = 0; i < n; i++)
		len += parts[i].n;
	buf_addc(arena, (char)tag);
	if (len >= 0x80)
		buf_addc(arena, (char)0x82), buf_addc(arena, (char)(len >> 8));
	buf_addc(arena, (char)len);
	for (size_t i = 0; i < n; i++)
		buf_add(arena, parts[i].p, parts[i].n);
	assert_int_equal(buf_error(arena), 0);
	return span_of(arena->p + start, arena->n - start);
}

#define DER(arena, tag, ...) \
	der(arena, tag, (struct span[]){ __VA_ARGS__ }, sizeof((struct span[]){ __VA_ARGS__ }) / sizeof(struct span))

/* The element with an indefinite length instead; its own length takes two bytes or four. */
static struct span indefinite(struct buf *arena, struct span element)
{
	size_t head = (uint8_t)element.p[1] < 0x80 ? 2 : 4, start = arena->n;

	buf_addc(arena, (char)element.p[0]);
	buf_addc(arena, (char)0x80);
	buf_add(arena, element.p + head, element.n - head);
	buf_add(arena, "\0\0", 2);
	assert_int_equal(buf_error(arena), 0);
	return span_of(arena->p + start, arena->n - start);
}

struct recipe {
	struct span id;   /* signer identifier, encoded */
	struct span hash; /* digest OID element */
	struct span attributes, content, certificates;
	unsigned signers;
	bool indefinite_frame, indefinite_signer;
};

static struct span message(struct buf *a, const struct recipe *r)
{
	struct span signer = DER(a, 0x30, S("\x02\x01\x01"), r->id, DER(a, 0x30, r->hash, S("\x05\x00")), r->attributes,
				 DER(a, 0x30, S(OID_RSA), S("\x05\x00")), S("\x04\x03sig"));
	struct span first = r->indefinite_signer ? indefinite(a, signer) : signer;
	struct span signers = DER(a, 0x31, first, r->signers > 1 ? signer : S(""));
	struct span data = DER(a, 0x30, S("\x02\x01\x01"), DER(a, 0x31, DER(a, 0x30, r->hash)),
			       DER(a, 0x30, S(OID_DATA), r->content), r->certificates, signers);
	struct span content = DER(a, 0xa0, r->indefinite_frame ? indefinite(a, data) : data);
	struct span whole = DER(a, 0x30, S(OID_SIGNED_DATA), r->indefinite_frame ? indefinite(a, content) : content);

	return r->indefinite_frame ? indefinite(a, whole) : whole;
}

static struct span issuer_id(struct buf *a, struct span names, struct span serial)
{
	return DER(a, 0x30, DER(a, 0x30, names), serial);
}

static struct span name_entry(struct buf *a, struct span oid, struct span value)
{
	return DER(a, 0x31, DER(a, 0x30, oid, value));
}

static struct siginfo read_message(struct span bytes)
{
	struct trailer t = {
		.state = TRAILER_OK, .id_type = TRAILER_PKCS7, .signature = bytes, .sig_len = (uint32_t)bytes.n
	};
	struct siginfo s;

	siginfo_read(&t, &s);
	return s;
}

/* the arena is never moved: the spans of its elements stay good */
static struct buf new_arena(void)
{
	struct buf b = BUF_INIT;

	assert_int_equal(buf_reserve(&b, 1 << 20), 0);
	return b;
}

static void reads_signer_serial_hash_and_signature(void **state)
{
	_cleanup_buf_ struct buf a = new_arena();
	struct span names[] = { name_entry(&a, S(OID_O), S("\x0c\x03Org")),
				name_entry(&a, S(OID_CN), S("\x0c\x06My key")) };
	struct recipe r = { .hash = S(OID_SHA256), .signers = 1 };
	struct siginfo s;

	(void)state;
	r.id = DER(&a, 0x30, der(&a, 0x30, names, 2), S("\x02\x03\x00\xff\x01"));
	s = read_message(message(&a, &r));
	assert_true(s.parsed);
	assert_string_equal(s.id_type, "PKCS#7");
	assert_string_equal(s.signer, "My key");
	assert_true(span_eq(s.key_id, S("\xff\x01")));
	assert_string_equal(s.hash, "sha256");
	assert_string_equal(s.signature_algorithm, "rsaEncryption");
	assert_true(span_eq(s.signature, S("sig")));
	assert_int_equal(s.issuer.p[0], 0x30);
	assert_int_equal(s.n_signers, 1);
	assert_false(s.by_skid || s.has_signed_attributes || s.has_content || s.has_certificates);
}

static struct siginfo with_name(struct buf *a, struct span oid, struct span value)
{
	struct recipe r = { .hash = S(OID_SHA256), .signers = 1 };

	r.id = issuer_id(a, name_entry(a, oid, value), S("\x02\x01\x05"));
	return read_message(message(a, &r));
}

static void names_become_utf8(void **state)
{
	_cleanup_buf_ struct buf a = new_arena();

	(void)state;
	assert_string_equal(with_name(&a, S(OID_CN), S("\x0c\x02\xc3\xa9")).signer, "é");
	assert_string_equal(with_name(&a, S(OID_CN),
				      S("\x13\x03"
					"abc"))
				    .signer,
			    "abc");
	assert_string_equal(with_name(&a, S(OID_CN), S("\x14\x01\xe9")).signer, "é");
	assert_string_equal(with_name(&a, S(OID_CN), S("\x1e\x04\x00\xe9\x20\xac")).signer, "é€");
	assert_string_equal(with_name(&a, S(OID_CN), S("\x1c\x04\x00\x01\xf6\x00")).signer, "😀");
	assert_string_equal(with_name(&a, S(OID_CN), S("\x1e\x03\x00\x41\x00")).signer, "A");
}

static void without_common_name_the_last_entry_counts(void **state)
{
	_cleanup_buf_ struct buf a = new_arena();

	(void)state;
	assert_string_equal(with_name(&a, S(OID_O), S("\x0c\x03Org")).signer, "Org");
}

#define OID_EMAIL "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"

static void assert_ring_name(struct span first, struct span second, const char *expected)
{
	_cleanup_buf_ struct buf name = BUF_INIT, found = BUF_INIT;

	buf_add(&name, first.p, first.n);
	buf_add(&name, second.p, second.n);
	assert_int_equal(siginfo_ring_name(buf_span(&name), &found), 0);
	assert_string_equal(buf_str(&found), expected);
}

static void rings_put_the_organization_before_the_name(void **state)
{
	_cleanup_buf_ struct buf a = new_arena();
	struct span org = name_entry(&a, S(OID_O),
				     S("\x0c\x05"
				       "Rocky")),
		    cn = name_entry(&a, S(OID_CN), S("\x0c\x03key"));
	struct span long_org = name_entry(&a, S(OID_O), S("\x0c\x0dRed Hat, Inc."));
	struct span long_cn = name_entry(&a, S(OID_CN), S("\x0c\x0bRed Hat key"));

	(void)state;
	assert_ring_name(org, cn, "Rocky: key");
	assert_ring_name(cn, org, "Rocky: key");
	assert_ring_name(long_org, long_cn, "Red Hat key");
	assert_ring_name(cn, S(""), "key");
	assert_ring_name(org, S(""), "Rocky");
	assert_ring_name(name_entry(&a, S(OID_EMAIL), S("\x16\x02me")), S(""), "me");
	assert_ring_name(S("\x31\x7f"), S(""), "");
}

static void long_names_are_cut_between_characters(void **state)
{
	_cleanup_buf_ struct buf a = new_arena();
	char value[4 + 700] = "\x0c\x82\x02\xbc";
	struct siginfo s;

	(void)state;
	for (size_t i = 4; i < sizeof(value); i += 2)
		memcpy(value + i, "\xc3\xa9", 2);
	s = with_name(&a, S(OID_CN), span_of(value, sizeof(value)));
	assert_int_equal(strlen(s.signer), 510);
}

static void subject_key_identifier_names_the_signer_too(void **state)
{
	_cleanup_buf_ struct buf a = new_arena();
	struct recipe r = { .hash = S(OID_SHA256), .signers = 1, .id = S("\x80\x03\x01\x02\x03") };
	struct siginfo s = read_message(message(&a, &r));

	(void)state;
	assert_true(s.parsed && s.by_skid);
	assert_true(span_eq(s.key_id, S("\1\2\3")));
	assert_string_equal(s.signer, "");
}

static void tells_unusual_contents(void **state)
{
	_cleanup_buf_ struct buf a = new_arena();
	struct recipe r = {
		.hash = S("\x06\x01\x2a"),
		.signers = 2,
		.id = S("\x80\x01\x01"),
		.attributes = S("\xa0\x02\x30\x00"),
		.content = S("\xa0\x03\x04\x01x"),
		.certificates = S("\xa0\x02\x30\x00"),
	};
	struct siginfo s = read_message(message(&a, &r));

	(void)state;
	assert_true(s.parsed);
	assert_int_equal(s.n_signers, 2);
	assert_true(s.has_signed_attributes && s.has_content && s.has_certificates);
	assert_string_equal(s.hash, "unknown");
	assert_true(span_eq(s.hash_oid, S("\x2a")));
}

/* In the frame and in signers. */
static void indefinite_lengths_are_read_where_the_kernel_reads_them(void **state)
{
	_cleanup_buf_ struct buf a = new_arena();
	struct recipe r = { .hash = S(OID_SHA256), .signers = 1, .indefinite_frame = true };
	struct siginfo s;

	(void)state;
	r.id = issuer_id(&a, name_entry(&a, S(OID_CN), S("\x0c\x03key")), S("\x02\x01\x05"));
	s = read_message(message(&a, &r));
	assert_true(s.parsed);
	assert_string_equal(s.signer, "key");
	assert_true(span_eq(s.signature, S("sig")));
	r.indefinite_signer = true;
	assert_true(read_message(message(&a, &r)).parsed);
}

static void later_signers_are_read_by_their_number(void **state)
{
	_cleanup_buf_ struct buf a = new_arena();
	struct recipe r = { .hash = S(OID_SHA256), .signers = 2 };
	struct siginfo s;
	struct trailer t;

	(void)state;
	r.id = issuer_id(&a, name_entry(&a, S(OID_CN), S("\x0c\x03key")), S("\x02\x01\x05"));
	t = (struct trailer){ .state = TRAILER_OK, .id_type = TRAILER_PKCS7, .signature = message(&a, &r) };
	siginfo_read_signer(&t, 1, &s);
	assert_true(s.parsed);
	assert_string_equal(s.signer, "key");
	assert_int_equal(s.n_signers, 2);
	siginfo_read_signer(&t, 2, &s);
	assert_false(s.parsed);
}

static void cut_messages_are_not_parsed(void **state)
{
	_cleanup_buf_ struct buf a = new_arena();
	struct recipe r = { .hash = S(OID_SHA256), .signers = 1 };
	struct span whole;

	(void)state;
	r.id = issuer_id(&a, name_entry(&a, S(OID_CN), S("\x0c\x03key")), S("\x02\x01\x05"));
	whole = message(&a, &r);
	assert_true(read_message(whole).parsed);
	for (size_t n = 0; n < whole.n; n++) {
		struct siginfo s = read_message(span_of(whole.p, n));

		assert_false(s.parsed);
		assert_string_equal(s.hash, "unknown");
		assert_string_equal(s.signer, "");
		assert_int_equal(s.key_id.n + s.signature.n, 0);
	}
}

static void junk_behind_the_message_does_not_matter(void **state)
{
	_cleanup_buf_ struct buf a = new_arena();
	struct recipe r = { .hash = S(OID_SHA256), .signers = 1, .id = S("\x80\x01\x01") };
	struct span whole = message(&a, &r);

	(void)state;
	buf_adds(&a, "junk");
	assert_true(read_message(span_of(whole.p, whole.n + 4)).parsed);
}

static void older_kinds_are_read_from_the_trailer(void **state)
{
	struct trailer t = {
		.state = TRAILER_OK,
		.id_type = TRAILER_X509,
		.hash = 4,
		.signer = S("Build key"),
		.key_id = S("\1\2"),
		.signature = S("abc"),
	};
	struct siginfo s;

	(void)state;
	siginfo_read(&t, &s);
	assert_true(s.parsed);
	assert_string_equal(s.id_type, "X509");
	assert_string_equal(s.signer, "Build key");
	assert_string_equal(s.hash, "sha256");
	assert_true(span_eq(s.key_id, S("\1\2")));
	t.hash = 77;
	t.id_type = TRAILER_PGP;
	siginfo_read(&t, &s);
	assert_string_equal(s.id_type, "PGP");
	assert_string_equal(s.hash, "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_signer_serial_hash_and_signature),
		cmocka_unit_test(names_become_utf8),
		cmocka_unit_test(without_common_name_the_last_entry_counts),
		cmocka_unit_test(rings_put_the_organization_before_the_name),
		cmocka_unit_test(long_names_are_cut_between_characters),
		cmocka_unit_test(subject_key_identifier_names_the_signer_too),
		cmocka_unit_test(tells_unusual_contents),
		cmocka_unit_test(indefinite_lengths_are_read_where_the_kernel_reads_them),
		cmocka_unit_test(later_signers_are_read_by_their_number),
		cmocka_unit_test(cut_messages_are_not_parsed),
		cmocka_unit_test(junk_behind_the_message_does_not_matter),
		cmocka_unit_test(older_kinds_are_read_from_the_trailer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
