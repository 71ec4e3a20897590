// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>
#include <sys/syscall.h>

#include "base/fileio.h"
#include "verb/mok/request.h"
#include "read/efi/siglist.h"

#define SHIM "605dab50-e046-4300-abb6-3dd810dd8b23"
#define VARS "/sys/firmware/efi/efivars/"

static const struct efi_guid shim = EFI_GUID_SHIM;

/* Firmware that says yes and keeps something else. */
static enum { KEEPS, KEEPS_NOTHING, KEEPS_UNTIL_REBOOT } firmware;

ssize_t write(int fd, const void *p, size_t n)
{
	const uint8_t volatile_attributes[4] = { EFI_BOOT_ACCESS | EFI_RUNTIME_ACCESS };

	if (firmware == KEEPS)
		return syscall(SYS_write, fd, p, n);
	if (firmware == KEEPS_UNTIL_REBOOT) {
		assert_int_equal(pwrite(fd, p, n, 0), n);
		assert_int_equal(pwrite(fd, volatile_attributes, sizeof(volatile_attributes), 0), 4);
	}
	return (ssize_t)n;
}

struct fixture {
	char *dir;
	struct root root;
	struct buf messages;
	struct diag diag;
	uint8_t record[MOKPW_RECORD];
	struct buf keys;
};

static void collect(void *data, const struct diag_msg *msg)
{
	buf_addf(data, "%s\n", msg->code);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = unit_mkdtemp();
	f->root.prefix = f->dir;
	f->diag = (struct diag){ collect, &f->messages, LOG_WARNING };
	memset(f->record, 0x5a, sizeof(f->record));
	assert_int_equal(root_mkdirs(&f->root, VARS), 0);
	assert_int_equal(siglist_append(&f->keys, SIGLIST_X509, &shim, span_of_str("cert")), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	unit_rmdir(f->dir);
	buf_done(&f->messages);
	buf_done(&f->keys);
	free(f);
	return 0;
}

static bool there(struct fixture *f, const char *name)
{
	return efi_var_exists(&f->root, name, &shim);
}

/* Makes writing this variable fail: a directory stands in its place. */
static void block(struct fixture *f, const char *name)
{
	char path[4096];

	assert_int_equal(efi_var_path(name, &shim, path, sizeof(path)), 0);
	assert_int_equal(root_mkdirs(&f->root, path), 0);
}

static void a_request_is_list_and_record(void **state)
{
	struct fixture *f = *state;
	_cleanup_efi_var_ struct efi_var list = { 0 };
	_cleanup_efi_var_ struct efi_var auth = { 0 };

	assert_int_equal(mok_request(&f->root, &f->diag, MOK_KEYS, MOK_ENROLL, buf_span(&f->keys), f->record), 0);
	assert_int_equal(efi_var_read(&f->root, "MokNew", &shim, &list), 0);
	assert_int_equal(efi_var_read(&f->root, "MokAuth", &shim, &auth), 0);
	assert_int_equal(list.attributes, EFI_NV_BS_RT);
	assert_true(span_eq(buf_span(&list.data), buf_span(&f->keys)));
	assert_true(span_eq(buf_span(&auth.data), span_of(f->record, sizeof(f->record))));
}

static void what_the_firmware_did_not_keep_is_no_request(void **state)
{
	struct fixture *f = *state;
	int r;

	for (firmware = KEEPS_NOTHING; firmware <= KEEPS_UNTIL_REBOOT; firmware++) {
		buf_clear(&f->messages);
		r = mok_set(&f->root, &f->diag, "MokNew", buf_span(&f->keys));
		assert_int_equal(r, -EIO);
		assert_string_equal(buf_str(&f->messages), "efi.not-kept\n");
	}
	firmware = KEEPS;
	assert_int_equal(mok_set(&f->root, &f->diag, "MokNew", buf_span(&f->keys)), 0);
}

static void each_request_has_its_variables(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mok_request(&f->root, NULL, MOK_KEYS, MOK_DELETE, buf_span(&f->keys), f->record), 0);
	assert_true(there(f, "MokDel") && there(f, "MokDelAuth"));
	assert_int_equal(mok_request(&f->root, NULL, MOK_BLOCKED, MOK_ENROLL, buf_span(&f->keys), f->record), 0);
	assert_true(there(f, "MokXNew") && there(f, "MokXAuth"));
	assert_int_equal(mok_request(&f->root, NULL, MOK_BLOCKED, MOK_DELETE, buf_span(&f->keys), f->record), 0);
	assert_true(there(f, "MokXDel") && there(f, "MokXDelAuth"));
}

static void no_list_without_its_record(void **state)
{
	struct fixture *f = *state;

	block(f, "MokDelAuth");
	assert_true(mok_request(&f->root, &f->diag, MOK_KEYS, MOK_DELETE, buf_span(&f->keys), f->record) < 0);
	assert_false(there(f, "MokDel"));
	assert_non_null(strstr(buf_str(&f->messages), "efi."));
}

/* A second import that fails leaves the first one as it was. */
static void an_older_request_is_put_back(void **state)
{
	struct fixture *f = *state;
	_cleanup_buf_ struct buf before = BUF_INIT, after = BUF_INIT, more = BUF_INIT;
	const char *auth = VARS "MokAuth-" SHIM;
	char path[4096], buffer[4096];

	assert_int_equal(mok_request(&f->root, NULL, MOK_KEYS, MOK_ENROLL, buf_span(&f->keys), f->record), 0);
	assert_int_equal(file_read(&f->root, VARS "MokNew-" SHIM, 4096, &before), 0);
	snprintf(path, sizeof(path), "%s", root_path(&f->root, auth, buffer));
	/* Writing it fails with ELOOP or ENOENT: a dangling link into a directory that is not there. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/nonexistent/directory/file", path), 0);
	siglist_append(&more, SIGLIST_X509, &shim, span_of_str("another"));
	assert_true(mok_request(&f->root, &f->diag, MOK_KEYS, MOK_ENROLL, buf_span(&more), f->record) < 0);
	assert_int_equal(file_read(&f->root, VARS "MokNew-" SHIM, 4096, &after), 0);
	assert_true(span_eq(buf_span(&before), buf_span(&after)));
	assert_non_null(strstr(buf_str(&f->messages), "efi.write\n"));
}

static void a_record_alone_asks_for_erasing(void **state)
{
	struct fixture *f = *state;

	assert_false(mok_reset_pending(&f->root, MOK_KEYS));
	assert_int_equal(mok_request(&f->root, NULL, MOK_KEYS, MOK_ENROLL, span_of(NULL, 0), f->record), 0);
	assert_true(mok_reset_pending(&f->root, MOK_KEYS));
	assert_false(there(f, "MokNew"));
	assert_int_equal(mok_revoke(&f->root, NULL, MOK_KEYS, MOK_ENROLL), 1);
	assert_false(mok_reset_pending(&f->root, MOK_KEYS));
}

static void revoking_takes_both(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mok_request(&f->root, NULL, MOK_KEYS, MOK_ENROLL, buf_span(&f->keys), f->record), 0);
	assert_int_equal(mok_revoke(&f->root, NULL, MOK_KEYS, MOK_ENROLL), 1);
	assert_false(there(f, "MokNew") || there(f, "MokAuth"));
	assert_int_equal(mok_revoke(&f->root, NULL, MOK_KEYS, MOK_ENROLL), 0);
}

/* A list that cannot be deleted must not stay without its record, which would be dropped at the next boot. */
static void revoking_that_fails_keeps_both(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mok_request(&f->root, NULL, MOK_KEYS, MOK_ENROLL, span_of(NULL, 0), f->record), 0);
	block(f, "MokNew");
	assert_true(mok_revoke(&f->root, &f->diag, MOK_KEYS, MOK_ENROLL) < 0);
	assert_true(there(f, "MokAuth"));
	assert_non_null(strstr(buf_str(&f->messages), "efi.delete\n"));
}

static void pending_lists_are_checked(void **state)
{
	struct fixture *f = *state;
	_cleanup_buf_ struct buf b = BUF_INIT;

	assert_int_equal(mok_pending(&f->root, MOK_KEYS, MOK_ENROLL, &b), 0);
	assert_int_equal(b.n, 0);
	unit_write(f->dir, VARS "MokNew-" SHIM, "\7\0\0\0garbage", 11);
	assert_int_equal(mok_pending(&f->root, MOK_KEYS, MOK_ENROLL, &b), -EBADMSG);
}

static void switches(void **state)
{
	static const struct {
		enum mok_switch which;
		bool on;
		const char *name;
		uint8_t state;
	} rows[] = {
		{ MOK_VALIDATION, false, "MokSB", 0 },       { MOK_VALIDATION, true, "MokSB", 1 },
		{ MOK_USE_DB, false, "MokDB", 0 },           { MOK_USE_DB, true, "MokDB", 1 },
		{ MOK_TRUST, true, "MokListTrustedNew", 0 }, { MOK_TRUST, false, "MokListTrustedNew", 1 },
	};
	struct fixture *f = *state;
	bool on;

	assert_int_equal(mok_switch_pending(&f->root, MOK_TRUST, &on), 0);
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_efi_var_ struct efi_var v = { 0 };

		assert_int_equal(mok_switch(&f->root, &f->diag, rows[i].which, rows[i].on, "labpass12"), 0);
		assert_int_equal(efi_var_read(&f->root, rows[i].name, &shim, &v), 0);
		assert_int_equal(v.data.n, MOKPW_SWITCH);
		assert_int_equal(v.data.p[0], rows[i].state);
		assert_int_equal(mok_switch_pending(&f->root, rows[i].which, &on), 1);
		assert_int_equal(on, rows[i].on);
	}
	assert_int_equal(mok_switch(&f->root, &f->diag, MOK_TRUST, true, "short"), -ERANGE);
}

static void settings(void **state)
{
	struct fixture *f = *state;
	_cleanup_efi_var_ struct efi_var timeout = { 0 };
	_cleanup_efi_var_ struct efi_var password = { 0 };

	assert_int_equal(mok_timeout_read(&f->root), MOK_TIMEOUT_DEFAULT);
	assert_int_equal(mok_timeout(&f->root, &f->diag, -1), 0);
	assert_int_equal(mok_timeout_read(&f->root), -1);
	assert_int_equal(efi_var_read(&f->root, "MokTimeout", &shim, &timeout), 0);
	assert_memory_equal(timeout.data.p, "\xff\xff\xff\xff", 4);
	assert_int_equal(mok_set(&f->root, &f->diag, "SHIM_VERBOSE", span_of("\1", 1)), 0);
	assert_true(there(f, "SHIM_VERBOSE"));
	assert_int_equal(mok_set(&f->root, &f->diag, "SHIM_VERBOSE", span_of(NULL, 0)), 0);
	assert_false(there(f, "SHIM_VERBOSE"));
	assert_int_equal(mok_password(&f->root, &f->diag, NULL), 0);
	assert_int_equal(efi_var_read(&f->root, "MokPW", &shim, &password), 0);
	assert_int_equal(password.data.n, MOKPW_RECORD);
	assert_int_equal(password.data.p[0], 0);
}

/* A variable that takes every write and keeps nothing. */
static void firmware_that_keeps_nothing_is_noticed(void **state)
{
	struct fixture *f = *state;

	unit_link(f->dir, VARS "MokTimeout-" SHIM, "/dev/null");
	assert_int_equal(mok_timeout(&f->root, &f->diag, 10), -EIO);
	assert_string_equal(buf_str(&f->messages), "efi.not-kept\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_request_is_list_and_record, setup, teardown),
		cmocka_unit_test_setup_teardown(what_the_firmware_did_not_keep_is_no_request, setup, teardown),
		cmocka_unit_test_setup_teardown(each_request_has_its_variables, setup, teardown),
		cmocka_unit_test_setup_teardown(no_list_without_its_record, setup, teardown),
		cmocka_unit_test_setup_teardown(an_older_request_is_put_back, setup, teardown),
		cmocka_unit_test_setup_teardown(a_record_alone_asks_for_erasing, setup, teardown),
		cmocka_unit_test_setup_teardown(revoking_takes_both, setup, teardown),
		cmocka_unit_test_setup_teardown(revoking_that_fails_keeps_both, setup, teardown),
		cmocka_unit_test_setup_teardown(pending_lists_are_checked, setup, teardown),
		cmocka_unit_test_setup_teardown(switches, setup, teardown),
		cmocka_unit_test_setup_teardown(settings, setup, teardown),
		cmocka_unit_test_setup_teardown(firmware_that_keeps_nothing_is_noticed, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
