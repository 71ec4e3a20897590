// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "verb/mok/journal.h"
#include "verb/mok/witness.h"
#include "act/sign/key.h"
#include "act/sign/cert.h"
#include "verb/mok/batch.h"
#include "system/sys.h"

#define BOOT_ID "11111111-2222-3333-4444-555555555555"

struct fixture {
	char *dir;
	struct sys sys;
	struct key_pair pair;
	uint8_t record[MOKPW_RECORD];
};

static int setup(void **state)
{
	const struct key_request request = { .type = "p256", .common_name = "Owner", .days = 10 };
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = unit_mkdtemp();
	f->sys = (struct sys){ .root = { .prefix = f->dir }, .diag = { .max_level = LOG_EMERG } };
	assert_int_equal(root_mkdirs(&f->sys.root, EFI_VARS_DIR), 0);
	unit_write(f->dir, "/proc/sys/kernel/random/boot_id", BOOT_ID "\n", strlen(BOOT_ID) + 1);
	assert_int_equal(key_generate(&request, NULL, &f->pair), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	unit_rmdir(f->dir);
	key_pair_done(&f->pair);
	free(f);
	return 0;
}

/* Asks for the key; returns what committing it returns. */
static int ask(struct fixture *f, enum mok_action action, bool witness, enum mok_done *ret)
{
	_cleanup_mok_batch_ struct mok_batch b = { .sys = &f->sys, .action = action, .witness = witness };

	assert_int_equal(mok_batch_add(&b, SIGLIST_X509, cert_der(f->pair.cert), ret), 0);
	return mok_batch_commit(&b, f->record);
}

static void a_request_is_noted_and_witnessed(void **state)
{
	struct fixture *f = *state;
	_cleanup_journal_ struct journal j = { 0 };
	enum mok_done done;

	assert_int_equal(ask(f, MOK_ENROLL, true, &done), 0);
	assert_int_equal(done, MOK_ADDED);
	assert_true(witness_is_there(&f->sys.root));
	assert_int_equal(journal_read(&f->sys.root, &j), 0);
	assert_int_equal(j.n, 1);
	assert_int_equal(j.items[0].state, JOURNAL_WITNESSED);
	assert_string_equal(j.items[0].boot_id, BOOT_ID);
	assert_string_equal(j.items[0].name, "Owner");
}

/* As mokutil, which touches no other variables. */
static void without_a_witness_it_is_noted_all_the_same(void **state)
{
	struct fixture *f = *state;
	_cleanup_journal_ struct journal j = { 0 };
	enum mok_done done;

	assert_int_equal(ask(f, MOK_ENROLL, false, &done), 0);
	assert_false(witness_is_there(&f->sys.root));
	assert_int_equal(journal_read(&f->sys.root, &j), 0);
	assert_int_equal(j.n, 1);
	assert_int_equal(j.items[0].state, JOURNAL_ASKED);
}

static void a_request_that_fails_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	_cleanup_journal_ struct journal j = { 0 };
	const struct efi_guid shim = EFI_GUID_SHIM;
	char path[4096];
	enum mok_done done;

	assert_int_equal(efi_var_path("MokAuth", &shim, path, sizeof(path)), 0);
	assert_int_equal(root_mkdirs(&f->sys.root, path),
			 0); /* no variable can be written in the place of a directory */
	assert_true(ask(f, MOK_ENROLL, true, &done) < 0);
	assert_false(witness_is_there(&f->sys.root));
	assert_false(efi_var_exists(&f->sys.root, "MokNew", &shim));
	assert_int_equal(journal_read(&f->sys.root, &j), 0);
	assert_int_equal(j.n, 0);
}

static void the_opposite_takes_a_request_back(void **state)
{
	struct fixture *f = *state;
	_cleanup_journal_ struct journal j = { 0 };
	const struct efi_guid shim = EFI_GUID_SHIM;
	enum mok_done done;

	assert_int_equal(ask(f, MOK_ENROLL, true, &done), 0);
	assert_int_equal(ask(f, MOK_DELETE, true, &done), 0);
	assert_int_equal(done, MOK_REVERSED);
	assert_false(efi_var_exists(&f->sys.root, "MokNew", &shim) || efi_var_exists(&f->sys.root, "MokAuth", &shim));
	assert_int_equal(journal_read(&f->sys.root, &j), 0);
	assert_int_equal(j.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_request_is_noted_and_witnessed, setup, teardown),
		cmocka_unit_test_setup_teardown(without_a_witness_it_is_noted_all_the_same, setup, teardown),
		cmocka_unit_test_setup_teardown(a_request_that_fails_leaves_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(the_opposite_takes_a_request_back, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
