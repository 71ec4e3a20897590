// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <sys/ioctl.h>

#include "read/efi/siglist.h"
#include "read/efi/vars.h"

#define SHIM "605dab50-e046-4300-abb6-3dd810dd8b23"

static const struct efi_guid shim = EFI_GUID_SHIM;

/* A file system with flags, as efivarfs has them; -1: without. */
static long flags = -1;
static unsigned cleared, set;

int ioctl(int fd _unused_, unsigned long request, ...)
{
	unsigned *argument;
	va_list list;

	va_start(list, request);
	argument = va_arg(list, unsigned *);
	va_end(list);
	if (flags < 0) {
		errno = ENOTTY;
		return -1;
	}
	if (request == FS_IOC_GETFLAGS) {
		*argument = (unsigned)flags;
		return 0;
	}
	assert_int_equal(request, FS_IOC_SETFLAGS);
	flags = *argument;
	cleared += !(flags & FS_IMMUTABLE_FL);
	set += !!(flags & FS_IMMUTABLE_FL);
	return 0;
}

struct fixture {
	char *dir;
	struct root root;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = unit_mkdtemp();
	f->root.prefix = f->dir;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	unit_rmdir(f->dir);
	free(f);
	return 0;
}

static void firmware(struct fixture *f, const char *name, const char *bytes, size_t n)
{
	char path[512];

	snprintf(path, sizeof(path), "sys/firmware/efi/efivars/%s-" SHIM, name);
	unit_write(f->dir, path, bytes, n);
}

static void presence(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(efi_presence(&f->root), EFI_HIDDEN);
	assert_int_equal(root_mkdirs(&f->root, "/sys/firmware"), 0);
	assert_int_equal(efi_presence(&f->root), EFI_HIDDEN);
	assert_int_equal(root_mkdirs(&f->root, "/sys/firmware/acpi"), 0);
	assert_int_equal(efi_presence(&f->root), EFI_NO_FIRMWARE);
	assert_int_equal(root_mkdirs(&f->root, "/sys/firmware/efi"), 0);
	assert_int_equal(efi_presence(&f->root), EFI_NOT_MOUNTED);
	assert_int_equal(root_mkdirs(&f->root, "/sys/firmware/efi/efivars"), 0);
	assert_int_equal(efi_presence(&f->root), EFI_NOT_MOUNTED);
	firmware(f, "X", "\0\0\0\0", 4);
	assert_int_equal(efi_presence(&f->root), EFI_PRESENT);
}

static void attributes_and_data_are_parted(void **state)
{
	struct fixture *f = *state;
	_cleanup_efi_var_ struct efi_var v = { 0 };

	firmware(f, "Some", "\x07\0\0\0data", 8);
	assert_int_equal(efi_var_read(&f->root, "Some", &shim, &v), 0);
	assert_int_equal(v.attributes, EFI_NV_BS_RT);
	assert_true(span_eq(buf_span(&v.data), span_of_str("data")));
}

static void short_and_missing_variables(void **state)
{
	struct fixture *f = *state;
	struct efi_var v;
	uint8_t b;

	firmware(f, "Short", "\x07\0\0", 3);
	firmware(f, "Two", "\x07\0\0\0\1\2", 6);
	assert_int_equal(efi_var_read(&f->root, "Short", &shim, &v), -EBADMSG);
	assert_int_equal(efi_var_read(&f->root, "None", &shim, &v), -ENOENT);
	assert_int_equal(efi_var_read_u8(&f->root, "Two", &shim, &b), -EBADMSG);
}

static void written_in_one_piece_and_shortened(void **state)
{
	struct fixture *f = *state;
	_cleanup_efi_var_ struct efi_var v = { 0 };
	char path[4096];
	struct stat st;

	firmware(f, "Var", "\x07\0\0\0a longer value", 18);
	assert_int_equal(efi_var_write(&f->root, "Var", &shim, 7, span_of_str("new"), 0600), 0);
	assert_int_equal(efi_var_read(&f->root, "Var", &shim, &v), 0);
	assert_true(span_eq(buf_span(&v.data), span_of_str("new")));
	assert_int_equal(efi_var_write(&f->root, "Fresh", &shim, 7, span_of_str("new"), 0600), 0);
	assert_int_equal(efi_var_path("Fresh", &shim, path, sizeof(path)), 0);
	assert_int_equal(root_stat(&f->root, path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

/* Writing fails as on a full variable store: the file can be made but not filled. */
static void a_failed_write_leaves_no_empty_variable(void **state)
{
	const struct rlimit nothing = { 0, RLIM_INFINITY };
	struct fixture *f = *state;
	struct rlimit before;
	int fresh, existing;

	firmware(f, "Var", "\x07\0\0\0x", 5);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &nothing), 0);
	fresh = efi_var_write(&f->root, "Fresh", &shim, 7, span_of_str("new"), 0600);
	existing = efi_var_write(&f->root, "Var", &shim, 7, span_of_str("new"), 0600);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(fresh, -EFBIG);
	assert_int_equal(existing, -EFBIG);
	assert_false(efi_var_exists(&f->root, "Fresh", &shim));
	assert_true(efi_var_exists(&f->root, "Var", &shim));
}

static void immutable_again_after_a_write(void **state)
{
	struct fixture *f = *state;

	firmware(f, "Var", "\x07\0\0\0old", 7);
	flags = FS_IMMUTABLE_FL | FS_NOATIME_FL;
	cleared = set = 0;
	assert_int_equal(efi_var_write(&f->root, "Var", &shim, 7, span_of_str("new"), 0600), 0);
	assert_int_equal(cleared, 1);
	assert_int_equal(set, 1);
	assert_int_equal(flags, FS_IMMUTABLE_FL | FS_NOATIME_FL);
	flags = FS_NOATIME_FL;
	assert_int_equal(efi_var_write(&f->root, "Var", &shim, 7, span_of_str("newer"), 0600), 0);
	assert_int_equal(set, 1);
	flags = -1;
}

/* A directory stands in the variable's place: it can neither be written to nor unlinked. */
static void immutable_again_after_a_failure(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(root_mkdirs(&f->root, "/sys/firmware/efi/efivars/Var-" SHIM), 0);
	flags = FS_IMMUTABLE_FL;
	cleared = set = 0;
	assert_int_equal(efi_var_write(&f->root, "Var", &shim, 7, span_of_str("new"), 0600), -EISDIR);
	assert_int_equal(cleared, 1);
	assert_int_equal(set, 1);
	assert_true(efi_var_delete(&f->root, "Var", &shim) < 0);
	assert_int_equal(cleared, 2);
	assert_int_equal(set, 2);
	flags = -1;
}

static void deletion_of_nothing_is_fine(void **state)
{
	struct fixture *f = *state;

	firmware(f, "Var", "\x07\0\0\0x", 5);
	assert_int_equal(efi_var_delete(&f->root, "Var", &shim), 0);
	assert_false(efi_var_exists(&f->root, "Var", &shim));
	assert_int_equal(efi_var_delete(&f->root, "Var", &shim), 0);
}

static void split_lists_are_joined(void **state)
{
	struct fixture *f = *state;
	_cleanup_buf_ struct buf b = BUF_INIT;
	enum efi_list_source source;

	firmware(f, "MokListRT", "\6\0\0\0one", 7);
	firmware(f, "MokListRT1", "\6\0\0\0two", 7);
	firmware(f, "MokListRT3", "\6\0\0\0no", 6);
	assert_int_equal(efi_read_mok_list(&f->root, "MokListRT", &b, &source), 0);
	assert_int_equal(source, EFI_FROM_VARIABLES);
	assert_string_equal(buf_str(&b), "onetwo");
}

static void the_table_goes_before_the_variables(void **state)
{
	struct fixture *f = *state;
	_cleanup_buf_ struct buf b = BUF_INIT;
	enum efi_list_source source;

	firmware(f, "MokListRT", "\6\0\0\0one", 7);
	unit_puts(f->dir, "sys/firmware/efi/mok-variables/MokListRT", "whole");
	assert_int_equal(efi_read_mok_list(&f->root, "MokListRT", &b, &source), 0);
	assert_int_equal(source, EFI_FROM_TABLE);
	assert_string_equal(buf_str(&b), "whole");
	assert_int_equal(efi_read_mok_list(&f->root, "MokListXRT", &b, &source), -ENOENT);
}

static void a_damaged_table_makes_way_for_whole_variables(void **state)
{
	struct fixture *f = *state;
	const struct efi_guid owner = { { 1 } };
	_cleanup_buf_ struct buf list = BUF_INIT, var = BUF_INIT, b = BUF_INIT, c = BUF_INIT;
	enum efi_list_source source;

	assert_int_equal(siglist_append(&list, SIGLIST_X509, &owner, span_of_str("certificate")), 0);
	buf_add(&var, "\6\0\0\0", 4);
	buf_add(&var, list.p, list.n);
	firmware(f, "MokListRT", var.p, var.n);
	unit_write(f->dir, "sys/firmware/efi/mok-variables/MokListRT", list.p, list.n - 3);
	assert_int_equal(efi_read_mok_list(&f->root, "MokListRT", &b, &source), 0);
	assert_int_equal(source, EFI_FROM_VARIABLES_INSTEAD);
	assert_true(span_eq(buf_span(&b), buf_span(&list)));
	/* both are damaged */
	firmware(f, "MokListRT", var.p, var.n - 2);
	assert_int_equal(efi_read_mok_list(&f->root, "MokListRT", &c, &source), 0);
	assert_int_equal(source, EFI_FROM_TABLE);
}

static void a_variable_that_is_too_large_is_refused(void **state)
{
	struct fixture *f = *state;
	char *big = calloc(1, EFI_VAR_CAP + 5);
	struct efi_var v;

	firmware(f, "Big", big, EFI_VAR_CAP + 5);
	free(big);
	assert_int_equal(efi_var_read(&f->root, "Big", &shim, &v), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(presence, setup, teardown),
		cmocka_unit_test_setup_teardown(attributes_and_data_are_parted, setup, teardown),
		cmocka_unit_test_setup_teardown(short_and_missing_variables, setup, teardown),
		cmocka_unit_test_setup_teardown(written_in_one_piece_and_shortened, setup, teardown),
		cmocka_unit_test_setup_teardown(a_failed_write_leaves_no_empty_variable, setup, teardown),
		cmocka_unit_test_setup_teardown(immutable_again_after_a_write, setup, teardown),
		cmocka_unit_test_setup_teardown(immutable_again_after_a_failure, setup, teardown),
		cmocka_unit_test_setup_teardown(deletion_of_nothing_is_fine, setup, teardown),
		cmocka_unit_test_setup_teardown(split_lists_are_joined, setup, teardown),
		cmocka_unit_test_setup_teardown(the_table_goes_before_the_variables, setup, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_table_makes_way_for_whole_variables, setup, teardown),
		cmocka_unit_test_setup_teardown(a_variable_that_is_too_large_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
