// SPDX-License-Identifier: MIT
/* Where a certificate stands before it is requested, and whether its issuer is known. */
#include "../unit.h"

#include "act/sign/key.h"
#include "read/efi/siglist.h"
#include "lib/fake_rings.h"
#include "act/sign/cert.h"
#include "verb/mok/standing.h"

struct bench {
	char *dir;
	struct sys sys;
	struct keyring_access rings;
	struct buf messages;            /* codes */
	struct key_pair pair, namesake; /* two keys of one name */
};

static void collect(void *data, const struct diag_msg *msg)
{
	struct bench *b = data;

	buf_addf(&b->messages, "%s ", msg->code);
}

static int setup(void **state)
{
	const struct key_request request = { .type = "p256", .common_name = "Owner", .days = 10 };
	struct bench *b = calloc(1, sizeof(*b));

	b->dir = unit_mkdtemp();
	b->sys =
		(struct sys){ .root = { .prefix = b->dir }, .keyring = &b->rings, .diag = { collect, b, LOG_WARNING } };
	b->rings = fake_rings(&b->sys.root);
	assert_int_equal(root_mkdirs(&b->sys.root, EFI_VARS_DIR), 0);
	assert_int_equal(key_generate(&request, NULL, &b->pair), 0);
	assert_int_equal(key_generate(&request, NULL, &b->namesake), 0);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	unit_rmdir(b->dir);
	key_pair_done(&b->pair);
	key_pair_done(&b->namesake);
	buf_done(&b->messages);
	free(b);
	return 0;
}

static const struct efi_guid shim_guid = EFI_GUID_SHIM, security_guid = EFI_GUID_SECURITY;

static void put(const struct bench *b, const char *name, const struct efi_guid *guid, const struct cert *cert)
{
	_cleanup_buf_ struct buf list = BUF_INIT;

	assert_int_equal(siglist_append(&list, SIGLIST_X509, guid, cert_der(cert)), 0);
	assert_int_equal(efi_var_write(&b->sys.root, name, guid, EFI_NV_BS_RT, buf_span(&list), 0600), 0);
}

static void assert_standing(struct bench *b, enum mok_list list, enum mok_standing want)
{
	const struct mok_search s = { .sys = &b->sys, .list = list };
	enum mok_standing standing;

	assert_int_equal(mok_find(&s, b->pair.cert, &standing), 0);
	assert_int_equal(standing, want);
}

/* Each place goes before those that the table has above it. */
static void the_first_place_counts(void **state)
{
	static const struct {
		const char *name;
		const struct efi_guid *guid;
		enum mok_standing standing;
	} table[] = {
		{ "MokListXRT", &shim_guid, MOK_IN_BLOCKED }, { "dbx", &security_guid, MOK_IN_DBX },
		{ "MokNew", &shim_guid, MOK_IN_REQUEST },     { "MokListRT", &shim_guid, MOK_IN_LIST },
		{ "db", &security_guid, MOK_IN_DB },
	};
	struct bench *b = *state;

	assert_standing(b, MOK_KEYS, MOK_ABSENT);
	for (size_t i = 0; i < ELEMENTSOF(table); i++) {
		put(b, table[i].name, table[i].guid, b->pair.cert);
		assert_standing(b, MOK_KEYS, table[i].standing);
	}
}

static void the_list_of_what_is_blocked_has_places_of_its_own(void **state)
{
	struct bench *b = *state;

	put(b, "db", &security_guid, b->pair.cert);
	put(b, "MokListRT", &shim_guid, b->pair.cert);
	assert_standing(b, MOK_BLOCKED, MOK_ABSENT);
	put(b, "MokXNew", &shim_guid, b->pair.cert);
	assert_standing(b, MOK_BLOCKED, MOK_IN_REQUEST);
	put(b, "MokListXRT", &shim_guid, b->pair.cert);
	assert_standing(b, MOK_BLOCKED, MOK_IN_LIST);
}

static void a_key_that_the_kernel_was_built_with(void **state)
{
	struct bench *b = *state;
	const struct mok_search ignoring = { .sys = &b->sys, .list = MOK_KEYS, .ignore_keyring = true };
	_cleanup_buf_ struct buf keys = BUF_INIT;
	enum mok_standing standing;
	const struct span id = cert_skid(b->pair.cert);

	buf_adds(&keys, "00000001 I------     1 perm 1f0b0000     0     0 keyring   .builtin_trusted_keys: 1\n"
			"00000002 I------     1 perm 1f010000     0     0 asymmetri Owner: ");
	for (size_t i = 0; i < id.n; i++)
		buf_addf(&keys, "%02x", id.p[i]);
	buf_adds(&keys, ": X509.ecdsa-nist-p256 00000000 []\n");
	unit_puts(b->dir, "proc/keys", buf_str(&keys));
	unit_puts(b->dir, "fake/rings", "00000001 00000002\n");
	assert_standing(b, MOK_KEYS, MOK_IN_KERNEL);
	assert_int_equal(mok_find(&ignoring, b->pair.cert, &standing), 0);
	assert_int_equal(standing, MOK_ABSENT);
	assert_standing(b, MOK_BLOCKED, MOK_ABSENT);
}

static void a_damaged_list_is_reported_and_counts_as_empty(void **state)
{
	struct bench *b = *state;

	assert_int_equal(efi_var_write(&b->sys.root, "db", &security_guid, EFI_NV_BS_RT, span_of_str("no list"), 0600),
			 0);
	assert_standing(b, MOK_KEYS, MOK_ABSENT);
	assert_string_equal(buf_str(&b->messages), "mok.damaged-list ");
}

static void assert_ca(struct bench *b, enum mok_ca want)
{
	const struct mok_search s = { .sys = &b->sys, .list = MOK_KEYS };
	enum mok_ca ca;

	assert_int_equal(mok_find_ca(&s, b->pair.cert, &ca), 0);
	assert_int_equal(ca, want);
}

/* Issuers are found by their name; the certificate itself, which has the name too, is none. */
static void the_issuer_is_another_certificate(void **state)
{
	struct bench *b = *state;

	put(b, "db", &security_guid, b->pair.cert);
	assert_ca(b, MOK_CA_NONE);
	put(b, "MokListXRT", &shim_guid, b->namesake.cert);
	assert_ca(b, MOK_CA_BLOCKED);
	put(b, "MokListRT", &shim_guid, b->namesake.cert);
	assert_ca(b, MOK_CA_ENROLLED);
}

static void every_place_has_its_words(void **state _unused_)
{
	for (enum mok_standing s = MOK_ABSENT; s <= MOK_IN_BLOCKED; s++)
		for (enum mok_standing other = MOK_ABSENT; other < s; other++)
			assert_string_not_equal(mok_standing_text(s, MOK_KEYS), mok_standing_text(other, MOK_KEYS));
	assert_string_equal(mok_standing_text(MOK_IN_LIST, MOK_KEYS), "already enrolled");
	assert_string_equal(mok_standing_text(MOK_IN_LIST, MOK_BLOCKED), "already in MokListX");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_first_place_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(the_list_of_what_is_blocked_has_places_of_its_own, setup, teardown),
		cmocka_unit_test_setup_teardown(a_key_that_the_kernel_was_built_with, setup, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_list_is_reported_and_counts_as_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(the_issuer_is_another_certificate, setup, teardown),
		cmocka_unit_test(every_place_has_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
