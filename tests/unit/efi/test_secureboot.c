// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "read/efi/secureboot.h"

#define VARS "sys/firmware/efi/efivars/"
#define GLOBAL "-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define SHIM "-605dab50-e046-4300-abb6-3dd810dd8b23"

struct machine {
	char *dir;
	struct secureboot is;
};

static struct machine machine(void)
{
	return (struct machine){ .dir = unit_mkdtemp() };
}

static void byte(struct machine *m, const char *variable, uint8_t attributes, uint8_t value)
{
	const char bytes[] = { (char)attributes, 0, 0, 0, (char)value };

	unit_write(m->dir, variable, bytes, sizeof(bytes));
}

static void look(struct machine *m)
{
	const struct root root = { .prefix = m->dir };

	secureboot_read(&root, &m->is);
}

static void a_machine_without_uefi_has_it_off(void **state _unused_)
{
	struct machine m = machine();

	unit_puts(m.dir, "sys/firmware/acpi/x", "");
	look(&m);
	assert_int_equal(m.is.efi.value, SECUREBOOT_NO);
	assert_int_equal(m.is.secure_boot.value, SECUREBOOT_NO);
	assert_string_equal(m.is.secure_boot.source, "no UEFI");
	unit_rmdir(m.dir);
}

/* Containers mask /sys/firmware, and a chroot may have no /sys: that is no evidence of a BIOS. */
static void firmware_that_is_not_shown_is_unknown(void **state _unused_)
{
	static const char *const places[] = { "/", "/sys", "/sys/firmware" };

	for (size_t i = 0; i < ELEMENTSOF(places); i++) {
		struct machine m = machine();
		const struct root root = { .prefix = m.dir };

		assert_int_equal(root_mkdirs(&root, places[i]), 0);
		look(&m);
		assert_int_equal(m.is.efi.value, SECUREBOOT_UNKNOWN);
		assert_int_equal(m.is.secure_boot.value, SECUREBOOT_UNKNOWN);
		assert_int_equal(m.is.mok_trusted.value, SECUREBOOT_UNKNOWN);
		assert_string_equal(m.is.secure_boot.source, "/sys/firmware");
		unit_rmdir(m.dir);
	}
}

static void firmware_of_other_kinds(void **state _unused_)
{
	struct machine m = machine();

	unit_puts(m.dir, "sys/firmware/ipl/secure", "1\n");
	look(&m);
	assert_int_equal(m.is.efi.value, SECUREBOOT_NO);
	assert_int_equal(m.is.secure_boot.value, SECUREBOOT_YES);
	unit_puts(m.dir, "sys/firmware/ipl/secure", "0\n");
	look(&m);
	assert_int_equal(m.is.secure_boot.value, SECUREBOOT_NO);
	unit_puts(m.dir, "sys/firmware/opal/x", "");
	look(&m);
	assert_int_equal(m.is.secure_boot.value, SECUREBOOT_UNKNOWN);
	unit_rmdir(m.dir);
}

static void without_efivarfs_it_is_unknown(void **state _unused_)
{
	struct machine m = machine();

	unit_puts(m.dir, "sys/firmware/efi/x", "");
	look(&m);
	assert_int_equal(m.is.efi.value, SECUREBOOT_YES);
	assert_int_equal(m.is.secure_boot.value, SECUREBOOT_UNKNOWN);
	assert_int_equal(m.is.secure_boot.error, -ENOENT);
	unit_rmdir(m.dir);
}

static void setup_mode_switches_it_off(void **state _unused_)
{
	struct machine m = machine();

	byte(&m, VARS "SecureBoot" GLOBAL, 6, 1);
	byte(&m, VARS "SetupMode" GLOBAL, 6, 0);
	look(&m);
	assert_int_equal(m.is.secure_boot.value, SECUREBOOT_YES);
	byte(&m, VARS "SetupMode" GLOBAL, 6, 1);
	look(&m);
	assert_int_equal(m.is.secure_boot.value, SECUREBOOT_NO);
	assert_non_null(strstr(m.is.secure_boot.source, "SetupMode"));
	unit_rmdir(m.dir);
}

static void without_setup_mode_it_is_unknown(void **state _unused_)
{
	struct machine m = machine();

	byte(&m, VARS "SecureBoot" GLOBAL, 6, 1);
	look(&m);
	assert_int_equal(m.is.secure_boot.value, SECUREBOOT_UNKNOWN);
	assert_int_equal(m.is.secure_boot.error, -ENOENT);
	unit_rmdir(m.dir);
}

static void a_damaged_variable_is_unknown(void **state _unused_)
{
	struct machine m = machine();

	unit_write(m.dir, VARS "SecureBoot" GLOBAL, "\6\0", 2);
	look(&m);
	assert_int_equal(m.is.secure_boot.value, SECUREBOOT_UNKNOWN);
	assert_int_equal(m.is.secure_boot.error, -EBADMSG);
	unit_rmdir(m.dir);
}

/* A variable that is kept over a reboot (attribute 1) may have been written by the running system. */
static void shims_word_counts_only_if_it_does_not_last(void **state _unused_)
{
	struct machine m = machine();

	byte(&m, VARS "SecureBoot" GLOBAL, 6, 1);
	look(&m);
	assert_int_equal(m.is.shim_validation.value, SECUREBOOT_YES);
	byte(&m, VARS "MokSBStateRT" SHIM, 7, 1);
	look(&m);
	assert_int_equal(m.is.shim_validation.value, SECUREBOOT_YES);
	byte(&m, VARS "MokSBStateRT" SHIM, 6, 1);
	look(&m);
	assert_int_equal(m.is.shim_validation.value, SECUREBOOT_NO);
	unit_rmdir(m.dir);
}

static void the_mok_list_is_trusted_by_shims_table_only(void **state _unused_)
{
	struct machine m = machine();

	byte(&m, VARS "MokListTrustedRT" SHIM, 6, 1);
	look(&m);
	assert_int_equal(m.is.mok_trusted.value, SECUREBOOT_NO);
	unit_puts(m.dir, "sys/firmware/efi/mok-variables/MokListTrustedRT", "\1");
	look(&m);
	assert_int_equal(m.is.mok_trusted.value, SECUREBOOT_YES);
	unit_rmdir(m.dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_machine_without_uefi_has_it_off),
		cmocka_unit_test(without_efivarfs_it_is_unknown),
		cmocka_unit_test(firmware_that_is_not_shown_is_unknown),
		cmocka_unit_test(firmware_of_other_kinds),
		cmocka_unit_test(setup_mode_switches_it_off),
		cmocka_unit_test(without_setup_mode_it_is_unknown),
		cmocka_unit_test(a_damaged_variable_is_unknown),
		cmocka_unit_test(shims_word_counts_only_if_it_does_not_last),
		cmocka_unit_test(the_mok_list_is_trusted_by_shims_table_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
