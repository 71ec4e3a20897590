// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "read/efi/siglist.h"

static const struct efi_guid shim = EFI_GUID_SHIM;
static const struct efi_guid microsoft = EFI_GUID_MICROSOFT;

static const uint8_t hash_a[32] = { 0xaa }, hash_b[32] = { 0xbb }, hash_c[32] = { 0xcc };

#define HASH(h) span_of(h, sizeof(h))

static void append_hash(struct buf *b, const uint8_t *h)
{
	assert_int_equal(siglist_append(b, SIGLIST_SHA256, &shim, span_of(h, 32)), 0);
}

/* A list of a type nobody knows, with a header of 3 bytes and one entry of 4. */
static void append_unknown(struct buf *b)
{
	static const uint8_t list[] = { 9, 9, 9, 9, 9, 9, 9,  9,  9,  9,  9,  9,   9,   9,   9,   9,   28 + 3 + 20,
					0, 0, 0, 3, 0, 0, 0,  20, 0,  0,  0,  'h', 'd', 'r', 1,   2,   3,
					4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,  16,  'd', 'a', 't', 'a' };

	assert_int_equal(buf_add(b, list, sizeof(list)), 0);
}

static void guid_text(void **state)
{
	char text[EFI_GUID_TEXT];

	(void)state;
	efi_guid_text(&shim, text);
	assert_string_equal(text, "605dab50-e046-4300-abb6-3dd810dd8b23");
	assert_memory_equal(shim.b, "\x50\xab\x5d\x60\x46\xe0\x00\x43\xab\xb6\x3d\xd8\x10\xdd\x8b\x23", 16);
}

static void lists_are_read_one_after_the_other(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct siglist_iter it;
	struct siglist_entry e;

	(void)state;
	assert_int_equal(siglist_append(&b, SIGLIST_X509, &microsoft, span_of_str("certificate")), 0);
	append_hash(&b, hash_a);
	siglist_iter_init(&it, buf_span(&b));
	assert_int_equal(siglist_next(&it, &e), 1);
	assert_int_equal(e.type, SIGLIST_X509);
	assert_int_equal(e.list, 0);
	assert_int_equal(e.offset, 28);
	assert_true(efi_guid_eq(&e.owner, &microsoft));
	assert_true(span_eq(e.data, span_of_str("certificate")));
	assert_int_equal(siglist_next(&it, &e), 1);
	assert_int_equal(e.type, SIGLIST_SHA256);
	assert_int_equal(e.list, 1);
	assert_memory_equal(e.data.p, hash_a, 32);
	assert_int_equal(siglist_next(&it, &e), 0);
	assert_int_equal(siglist_next(&it, &e), 0);
}

static void unknown_types_are_shown(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct siglist_iter it;
	struct siglist_entry e;

	(void)state;
	append_unknown(&b);
	siglist_iter_init(&it, buf_span(&b));
	assert_int_equal(siglist_next(&it, &e), 1);
	assert_int_equal(e.type, SIGLIST_UNKNOWN);
	assert_true(span_eq(e.header, span_of_str("hdr")));
	assert_true(span_eq(e.data, span_of_str("data")));
	assert_string_equal(siglist_type_name(e.type), "unknown");
}

/* Each byte string of the table is refused, as the kernel does. */
static void damaged_lists_are_refused(void **state)
{
	static const struct {
		uint32_t list, header, entry;
	} bad[] = {
		{ 29 + 48, 0, 48 },  /* longer than what is there */
		{ 27, 0, 48 },       /* shorter than its own header */
		{ 28 + 48, 0, 15 },  /* entries without an owner */
		{ 28 + 48, 0, 47 },  /* not a whole number of entries */
		{ 28 + 48, 49, 48 }, /* the header leaves no room */
		{ 28 + 48, 0, 0 },   { 0xffffffff, 0, 48 },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		_cleanup_buf_ struct buf b = BUF_INIT;

		append_hash(&b, hash_a);
		store_le32(b.p + 16, bad[i].list);
		store_le32(b.p + 20, bad[i].header);
		store_le32(b.p + 24, bad[i].entry);
		assert_int_equal(siglist_count(buf_span(&b)), -EBADMSG);
	}
	assert_int_equal(siglist_count(span_of("short", 5)), -EBADMSG);
	assert_int_equal(siglist_count(span_of(NULL, 0)), 0);
}

static void every_type_has_its_guid_back(void **state)
{
	(void)state;
	for (enum siglist_type t = SIGLIST_UNKNOWN + 1; t < SIGLIST_TYPES; t++)
		assert_int_equal(siglist_type_of(siglist_type_guid(t)), t);
	assert_null(siglist_type_guid(SIGLIST_UNKNOWN));
}

static void a_hash_joins_the_list_of_its_type_with_its_owner(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT, out = BUF_INIT;
	struct siglist_iter it;
	struct siglist_entry e;

	(void)state;
	assert_int_equal(siglist_append(&b, SIGLIST_X509, &microsoft, span_of_str("cert")), 0);
	append_hash(&b, hash_a);
	append_unknown(&b);
	assert_int_equal(siglist_add_hash(buf_span(&b), SIGLIST_SHA256, &shim, HASH(hash_b), &out), 0);
	assert_int_equal(siglist_count(buf_span(&out)), 4);
	assert_int_equal(out.n, b.n + 48);
	siglist_iter_init(&it, buf_span(&out));
	siglist_next(&it, &e);
	siglist_next(&it, &e);
	assert_int_equal(siglist_next(&it, &e), 1);
	assert_int_equal(e.list, 1);
	assert_true(efi_guid_eq(&e.owner, &shim));
	assert_memory_equal(e.data.p, hash_b, 32);
	assert_int_equal(siglist_next(&it, &e), 1);
	assert_true(span_eq(e.header, span_of_str("hdr")));
}

static void a_hash_without_a_list_gets_one_in_front(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT, out = BUF_INIT;
	struct siglist_iter it;
	struct siglist_entry e;

	(void)state;
	assert_int_equal(siglist_append(&b, SIGLIST_X509, &shim, span_of_str("cert")), 0);
	assert_int_equal(siglist_add_hash(buf_span(&b), SIGLIST_SHA256, &shim, HASH(hash_a), &out), 0);
	siglist_iter_init(&it, buf_span(&out));
	assert_int_equal(siglist_next(&it, &e), 1);
	assert_int_equal(e.type, SIGLIST_SHA256);
	assert_int_equal(siglist_next(&it, &e), 1);
	assert_int_equal(e.type, SIGLIST_X509);
}

static void removal_keeps_the_others_as_they_are(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT, two = BUF_INIT, out = BUF_INIT, rest = BUF_INIT;

	(void)state;
	append_unknown(&b);
	append_hash(&b, hash_a);
	assert_int_equal(siglist_add_hash(buf_span(&b), SIGLIST_SHA256, &shim, HASH(hash_b), &two), 0);
	assert_int_equal(siglist_remove(buf_span(&two), SIGLIST_SHA256, HASH(hash_b), &out), 1);
	assert_true(span_eq(buf_span(&out), buf_span(&b)));
	assert_int_equal(siglist_remove(buf_span(&out), SIGLIST_SHA256, HASH(hash_a), &rest), 1);
	assert_int_equal(rest.n, b.n - 28 - 48);
	assert_int_equal(siglist_contains(buf_span(&rest), SIGLIST_SHA256, HASH(hash_a)), 0);
	assert_int_equal(siglist_contains(buf_span(&out), SIGLIST_SHA256, HASH(hash_a)), 1);
	assert_int_equal(siglist_remove(buf_span(&out), SIGLIST_SHA256, HASH(hash_c), &rest), 0);
}

static void removal_from_damaged_lists_is_an_error(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT, out = BUF_INIT;

	(void)state;
	append_hash(&b, hash_a);
	b.n--;
	assert_int_equal(siglist_remove(buf_span(&b), SIGLIST_SHA256, HASH(hash_a), &out), -EBADMSG);
	assert_int_equal(siglist_add_hash(buf_span(&b), SIGLIST_SHA256, &shim, HASH(hash_a), &out), -EBADMSG);
	assert_int_equal(siglist_contains(buf_span(&b), SIGLIST_SHA256, HASH(hash_a)), -EBADMSG);
}

static void hash_types_by_length(void **state)
{
	enum siglist_type t;

	(void)state;
	assert_true(siglist_hash_type(48, &t));
	assert_int_equal(t, SIGLIST_SHA384);
	assert_false(siglist_hash_type(0, &t));
	assert_false(siglist_hash_type(33, &t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guid_text),
		cmocka_unit_test(lists_are_read_one_after_the_other),
		cmocka_unit_test(unknown_types_are_shown),
		cmocka_unit_test(damaged_lists_are_refused),
		cmocka_unit_test(every_type_has_its_guid_back),
		cmocka_unit_test(a_hash_joins_the_list_of_its_type_with_its_owner),
		cmocka_unit_test(a_hash_without_a_list_gets_one_in_front),
		cmocka_unit_test(removal_keeps_the_others_as_they_are),
		cmocka_unit_test(removal_from_damaged_lists_is_an_error),
		cmocka_unit_test(hash_types_by_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
