// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "read/image/codec.h"
#include "read/kernel/kconfig.h"

static void only_y_counts(void **state)
{
	struct kconfig c;

	(void)state;
	kconfig_parse(
		span_of_str("CONFIG_MODULE_SIG_FORMAT=y\nCONFIG_MODULE_SIG=y\n# CONFIG_MODULE_SIG_FORCE is not set\n"
			    "CONFIG_INTEGRITY_MACHINE_KEYRING=m\nCONFIG_IMA_ARCH_POLICY=y"),
		&c);
	assert_int_equal(c.values[KCONFIG_MODULE_SIG], KCONFIG_YES);
	assert_int_equal(c.values[KCONFIG_MODULE_SIG_FORCE], KCONFIG_NO);
	assert_int_equal(c.values[KCONFIG_INTEGRITY_MACHINE_KEYRING], KCONFIG_NO);
	assert_int_equal(c.values[KCONFIG_IMA_ARCH_POLICY], KCONFIG_YES);
	assert_int_equal(c.values[KCONFIG_SYSTEM_REVOCATION_LIST], KCONFIG_NO);
	assert_false(c.without_modules);
	assert_int_equal(c.crypto[KCONFIG_ECDSA], KCONFIG_NOT_BUILT);
	kconfig_parse(span_of_str("CONFIG_CRYPTO_ECDSA=m\nCONFIG_CRYPTO_SHA512=y\n# CONFIG_CRYPTO_SHA3 is not set\n"
				  "CONFIG_MODULE_SIG=y\n# CONFIG_MODULE_SIG is not set\n"),
		      &c);
	assert_int_equal(c.crypto[KCONFIG_ECDSA], KCONFIG_BUILT_MODULE);
	assert_int_equal(c.crypto[KCONFIG_SHA512], KCONFIG_BUILT_IN);
	assert_int_equal(c.crypto[KCONFIG_SHA3], KCONFIG_NOT_BUILT);
	assert_int_equal(c.values[KCONFIG_MODULE_SIG], KCONFIG_NO);
	kconfig_parse(span_of_str("# CONFIG_MODULES is not set\n"), &c);
	assert_true(c.without_modules);
}

static void the_first_place_counts(void **state)
{
	char *dir = unit_mkdtemp();
	struct root root = { .prefix = dir };
	struct kconfig_entry e;
	struct kconfig c;

	(void)state;
	unit_puts(dir, "boot/config-6.12", "CONFIG_MODULE_SIG=y\n");
	kconfig_read(&root, "6.12", &c);
	assert_int_equal(c.error, 0);
	assert_string_equal(c.path, "/boot/config-6.12");
	unit_puts(dir, "lib/modules/6.12/config", "CONFIG_ZETA=y\n");
	kconfig_read(&root, "6.12", &c);
	assert_string_equal(c.path, "/lib/modules/6.12/config");
	assert_int_equal(c.values[KCONFIG_MODULE_SIG], KCONFIG_NO);
	kconfig_read(&root, "6.13", &c);
	assert_int_equal(c.error, -ENOENT);
	assert_string_equal(c.path, "");
	assert_int_equal(c.values[KCONFIG_MODULE_SIG], KCONFIG_UNKNOWN);
	unit_puts(dir, "boot/config-6.14", "#\n");
	kconfig_read_installed(&root, "6.14", &c);
	assert_int_equal(c.error, -ENODATA);
	assert_string_equal(c.path, "");
	assert_int_equal(c.values[KCONFIG_MODULE_SIG], KCONFIG_UNKNOWN);
	assert_int_equal(kconfig_find(&root, "6.14", "CONFIG_MODULE_SIG", &e), -ENODATA);
	unit_puts(dir, "lib/modules/6.14/build/.config", "CONFIG_MODULE_SIG=y\n");
	kconfig_read_installed(&root, "6.14", &c);
	assert_string_equal(c.path, "/lib/modules/6.14/build/.config");
	unit_rmdir(dir);
}

static void what_the_kernel_carries_counts_before_files(void **state)
{
	static const char text[] = "CONFIG_MODULE_SIG=y\nCONFIG_ZETA=m\n";
	_cleanup_buf_ struct buf packed = BUF_INIT;
	char *dir = unit_mkdtemp();
	struct root root = { .prefix = dir };
	struct kconfig_entry e;
	struct kconfig c;

	(void)state;
	unit_puts(dir, "boot/config-6.12", "CONFIG_ZETA=y\n");
	assert_int_equal(codec_gz.pack(span_of_str(text), "t", NULL, &packed), 0);
	unit_write(dir, "proc/config.gz", packed.p, packed.n);
	kconfig_read(&root, "6.12", &c);
	assert_int_equal(c.error, 0);
	assert_string_equal(c.path, "/proc/config.gz");
	assert_int_equal(c.values[KCONFIG_MODULE_SIG], KCONFIG_YES);
	assert_int_equal(kconfig_find(&root, "6.12", "CONFIG_ZETA", &e), 1);
	assert_string_equal(e.value, "m");
	kconfig_read_installed(&root, "6.12", &c);
	assert_string_equal(c.path, "/boot/config-6.12");
	/* cut: what is missing is not off */
	unit_write(dir, "proc/config.gz", packed.p, packed.n - 9);
	kconfig_read(&root, "6.12", &c);
	assert_string_equal(c.path, "/boot/config-6.12");
	kconfig_read(&root, "6.13", &c);
	assert_int_equal(c.error, -EINVAL);
	assert_int_equal(c.values[KCONFIG_MODULE_SIG], KCONFIG_UNKNOWN);
	unit_rmdir(dir);
}

static void any_option_is_found_with_its_line(void **state)
{
	char *dir = unit_mkdtemp();
	struct root root = { .prefix = dir };
	struct kconfig_entry e;

	(void)state;
	assert_int_equal(kconfig_find(&root, "6.12", "CONFIG_A", &e), -ENOENT);
	unit_puts(dir, "boot/config-6.12",
		  "CONFIG_AB=y\nCONFIG_A=m\n# CONFIG_C is not set\n# CONFIG_D is not set, yet\nCONFIG_T=\"x\"\n"
		  "CONFIG_TWO=y\nCONFIG_TWO=m");
	assert_int_equal(kconfig_find(&root, "6.12", "CONFIG_A", &e), 1);
	assert_string_equal(e.value, "m");
	assert_string_equal(e.path, "/boot/config-6.12");
	assert_int_equal(e.line, 2);
	assert_int_equal(kconfig_find(&root, "6.12", "CONFIG_C", &e), 1);
	assert_string_equal(e.value, "n");
	assert_int_equal(e.line, 3);
	assert_int_equal(kconfig_find(&root, "6.12", "CONFIG_T", &e), 1);
	assert_string_equal(e.value, "\"x\"");
	assert_int_equal(kconfig_find(&root, "6.12", "CONFIG_D", &e), 0);
	assert_int_equal(kconfig_find(&root, "6.12", "CONFIG_TWO", &e), 1); /* the last line counts */
	assert_string_equal(e.value, "m");
	assert_int_equal(e.line, 7);
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_y_counts),
		cmocka_unit_test(any_option_is_found_with_its_line),
		cmocka_unit_test(the_first_place_counts),
		cmocka_unit_test(what_the_kernel_carries_counts_before_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
