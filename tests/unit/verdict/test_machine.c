// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "base/buf.h"
#include "machines.h"

static void collect(void *data, const struct diag_msg *msg)
{
	buf_addf(data, "%s", msg->text);
}

static void mok_keys_need_secure_boot(void **state)
{
	struct trust_machine m = machine_debian(true);

	(void)state;
	assert_int_equal(trust_ring_for(&m, TRUST_FROM_MOK, false), TRUST_RING_MACHINE);
	m = machine_debian(false);
	assert_int_equal(trust_ring_for(&m, TRUST_FROM_MOK, false), TRUST_RING_NONE);
	assert_int_equal(trust_ring_for(&m, TRUST_FROM_DB, false), TRUST_RING_PLATFORM);
}

/* Firmware in Secure Boot, but shim told not to check: the kernel takes that for off; db keys stay. */
static void validation_off_in_shim(void **state)
{
	struct trust_machine m = machine_debian(true);

	(void)state;
	m.shim_validation.value = TRUST_NO;
	assert_int_equal(trust_kernel_secure_boot(&m), TRUST_NO);
	assert_int_equal(trust_ring_for(&m, TRUST_FROM_MOK, false), TRUST_RING_NONE);
	assert_int_equal(trust_ring_for(&m, TRUST_FROM_DB, false), TRUST_RING_PLATFORM);
}

static void untrusted_mok_goes_to_platform_except_on_debian(void **state)
{
	struct trust_machine m = machine_debian(true);

	(void)state;
	m.mok_trusted.value = TRUST_NO;
	assert_int_equal(trust_ring_for(&m, TRUST_FROM_MOK, false), TRUST_RING_MACHINE);
	trust_machine_set_flavour(&m, TRUST_FEDORA, "");
	assert_int_equal(trust_ring_for(&m, TRUST_FROM_MOK, false), TRUST_RING_PLATFORM);
}

static void ca_only_machine_ring(void **state)
{
	struct trust_machine m = machine_debian(true);

	(void)state;
	m.config[KCONFIG_INTEGRITY_CA_MACHINE_KEYRING] = KCONFIG_YES;
	assert_int_equal(trust_ring_for(&m, TRUST_FROM_MOK, false), TRUST_RING_PLATFORM);
	/* `openssl req -x509` makes CA certificates without keyUsage. */
	assert_int_equal(trust_ring_for(&m, TRUST_FROM_MOK, TRUST_USE_CA), TRUST_RING_PLATFORM);
	assert_int_equal(trust_ring_for(&m, TRUST_FROM_MOK, TRUST_USE_OF_CA), TRUST_RING_MACHINE);
	assert_int_equal(trust_ring_for(&m, TRUST_FROM_MOK, TRUST_USE_OF_CA | TRUST_USE_SIGNATURE), TRUST_RING_MACHINE);
	m.config[KCONFIG_INTEGRITY_CA_MACHINE_KEYRING_MAX] = KCONFIG_YES;
	assert_int_equal(trust_ring_for(&m, TRUST_FROM_MOK, TRUST_USE_OF_CA), TRUST_RING_MACHINE);
	assert_int_equal(trust_ring_for(&m, TRUST_FROM_MOK, TRUST_USE_OF_CA | TRUST_USE_SIGNATURE),
			 TRUST_RING_PLATFORM);
}

/* arch_ima_get_secureboot() is a stub there. */
static void kernels_that_never_find_secure_boot_on(void **state)
{
	static const enum kconfig_option options[] = { KCONFIG_IMA, KCONFIG_IMA_SECURE_AND_OR_TRUSTED_BOOT };

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(options); i++) {
		struct trust_machine m = machine_debian(true);

		m.config[options[i]] = KCONFIG_NO;
		assert_int_equal(trust_kernel_reads_mok(&m), TRUST_NO);
		assert_int_equal(trust_rings_for(&m, TRUST_FROM_MOK, 0), 1u << TRUST_RING_NONE);
		assert_int_equal(trust_rings_for(&m, TRUST_FROM_DB, 0), 1u << TRUST_RING_PLATFORM);
		m.config[options[i]] = KCONFIG_UNKNOWN;
		assert_int_equal(trust_rings_for(&m, TRUST_FROM_MOK, 0),
				 1u << TRUST_RING_NONE | 1u << TRUST_RING_MACHINE);
	}
}

static void rings_prove_what_was_not_read(void **state)
{
	struct trust_machine m = machine_debian(true);
	const char *why;

	(void)state;
	for (enum kconfig_option o = 0; o < KCONFIG_N; o++)
		m.config[o] = KCONFIG_UNKNOWN;
	m.efi.value = m.secure_boot.value = m.shim_validation.value = TRUST_UNKNOWN;
	assert_int_equal(trust_ring_asked(&m, TRUST_RING_MACHINE, &why), TRUST_UNKNOWN);
	trust_machine_saw_ring(&m, TRUST_RING_MACHINE, false);
	assert_int_equal(trust_ring_asked(&m, TRUST_RING_MACHINE, &why), TRUST_YES);
	assert_int_equal(trust_kernel_secure_boot(&m), TRUST_UNKNOWN);
	trust_machine_saw_ring(&m, TRUST_RING_MACHINE, true);
	assert_int_equal(trust_kernel_secure_boot(&m), TRUST_YES);
	assert_int_equal(m.efi.value, TRUST_YES);
}

static void platform_is_asked_by_patched_kernels_only(void **state)
{
	struct trust_machine m = machine_debian(true);
	const char *why;

	(void)state;
	assert_true(trust_ring_is_used(&m, TRUST_RING_PLATFORM, &why));
	trust_machine_set_flavour(&m, TRUST_UPSTREAM, "");
	assert_false(trust_ring_is_used(&m, TRUST_RING_PLATFORM, &why));
	assert_string_equal(why, "the upstream kernel does not consult it for modules");
	assert_true(trust_ring_is_used(&m, TRUST_RING_MACHINE, &why));
	m.config[KCONFIG_SECONDARY_TRUSTED_KEYRING] = KCONFIG_NO;
	assert_false(trust_ring_is_used(&m, TRUST_RING_MACHINE, &why));
	assert_false(trust_ring_is_used(&m, TRUST_RING_SECONDARY, &why));
	assert_true(trust_ring_is_used(&m, TRUST_RING_BUILTIN, &why));
	assert_false(trust_ring_is_used(&m, TRUST_RING_BLACKLIST, &why));
}

static void assuming_secure_boot_brings_what_the_kernel_does_then(void **state)
{
	struct trust_machine m = machine_debian(false);

	(void)state;
	assert_int_equal(trust_machine_assume(&m, "secure-boot=on", NULL), 0);
	assert_int_equal(m.lockdown, LOCKDOWN_INTEGRITY);
	assert_int_equal(m.sig_enforce.value, TRUST_YES);
	assert_string_equal(m.sig_enforce.source, "assumed");
	assert_int_equal(trust_machine_assume(&m, "secure-boot=off", NULL), 0);
	assert_int_equal(m.lockdown, LOCKDOWN_NONE);
	assert_int_equal(m.sig_enforce.value, TRUST_NO);
}

static void what_is_named_wins_in_any_order(void **state)
{
	struct trust_machine m = machine_debian(false);

	(void)state;
	assert_int_equal(trust_machine_assume(&m, "sig_enforce=0,lockdown=none,secure-boot=on", NULL), 0);
	assert_int_equal(m.secure_boot.value, TRUST_YES);
	assert_int_equal(m.sig_enforce.value, TRUST_NO);
	assert_int_equal(m.lockdown, LOCKDOWN_NONE);
	m = machine_debian(false);
	assert_int_equal(
		trust_machine_assume(
			&m, "platform=asked,flavour=upstream,modules_disabled=1,lockdown=confidentiality,may-load=no",
			NULL),
		0);
	assert_int_equal(m.flavour, TRUST_UPSTREAM);
	assert_int_equal(m.platform_asked.value, TRUST_YES);
	assert_int_equal(m.may_load.value, TRUST_NO);
	assert_int_equal(m.modules_disabled.value, TRUST_YES);
	assert_int_equal(m.lockdown, LOCKDOWN_CONFIDENTIALITY);
}

static void assuming_validation_off_undoes_secure_boot(void **state)
{
	struct trust_machine m = machine_debian(true);

	(void)state;
	assert_int_equal(trust_machine_assume(&m, "shim-validation=off,secure-boot=on", NULL), 0);
	assert_int_equal(m.secure_boot.value, TRUST_YES);
	assert_int_equal(trust_kernel_secure_boot(&m), TRUST_NO);
	assert_int_equal(m.lockdown, LOCKDOWN_NONE);
	assert_int_equal(m.sig_enforce.value, TRUST_NO);
	/* Without Secure Boot it changes nothing. */
	m = machine_debian(false);
	m.lockdown = LOCKDOWN_INTEGRITY;
	assert_int_equal(trust_machine_assume(&m, "shim-validation=on", NULL), 0);
	assert_int_equal(m.lockdown, LOCKDOWN_INTEGRITY);
}

/* Debian's kernels look at neither list; others refuse for dbx always, for shim's list under Secure Boot. */
static void forbidden_certificates_count_with_the_revocation_list(void **state)
{
	struct trust_machine m = machine_debian(true);

	(void)state;
	assert_int_equal(trust_ring_for(&m, TRUST_FROM_DBX, false), TRUST_RING_NONE);
	assert_int_equal(trust_ring_for(&m, TRUST_FROM_MOKX, false), TRUST_RING_NONE);
	m.config[KCONFIG_SYSTEM_REVOCATION_LIST] = KCONFIG_YES;
	assert_int_equal(trust_ring_for(&m, TRUST_FROM_DBX, false), TRUST_RING_BLACKLIST);
	assert_int_equal(trust_ring_for(&m, TRUST_FROM_MOKX, false), TRUST_RING_BLACKLIST);
	m.shim_validation.value = TRUST_NO;
	assert_int_equal(trust_ring_for(&m, TRUST_FROM_DBX, false), TRUST_RING_BLACKLIST);
	assert_int_equal(trust_ring_for(&m, TRUST_FROM_MOKX, false), TRUST_RING_NONE);
	m.efi.value = TRUST_NO;
	assert_int_equal(trust_ring_for(&m, TRUST_FROM_DBX, false), TRUST_RING_NONE);
}

/* Without the arch policy of IMA, Secure Boot locks down but does not set sig_enforce. */
static void secure_boot_without_ima_policy(void **state)
{
	struct trust_machine m = machine_debian(false);

	(void)state;
	m.config[KCONFIG_IMA_ARCH_POLICY] = KCONFIG_NO;
	assert_int_equal(trust_machine_assume(&m, "secure-boot=on", NULL), 0);
	assert_int_equal(m.sig_enforce.value, TRUST_NO);
	assert_int_equal(m.lockdown, LOCKDOWN_INTEGRITY);
}

static void what_cannot_be_assumed_changes_nothing(void **state)
{
	static const char *const bad[] = { "secure-boot",  "secure-boot=perhaps", "lockdown=2",      "nonsense=1",
					   "flavour=suse", "platform=perhaps",    "flavour=unknown", "" };

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		_cleanup_buf_ struct buf text = BUF_INIT;
		struct diag diag = { collect, &text, LOG_ERR };
		struct trust_machine m = machine_debian(false), before = m;
		char list[64];

		snprintf(list, sizeof(list), "sig_enforce=1,%s", bad[i]);
		assert_int_equal(trust_machine_assume(&m, list, &diag), -EINVAL);
		assert_memory_equal(&m, &before, sizeof(m));
		assert_non_null(strstr(buf_str(&text), "--assume"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mok_keys_need_secure_boot),
		cmocka_unit_test(validation_off_in_shim),
		cmocka_unit_test(untrusted_mok_goes_to_platform_except_on_debian),
		cmocka_unit_test(ca_only_machine_ring),
		cmocka_unit_test(kernels_that_never_find_secure_boot_on),
		cmocka_unit_test(rings_prove_what_was_not_read),
		cmocka_unit_test(platform_is_asked_by_patched_kernels_only),
		cmocka_unit_test(assuming_secure_boot_brings_what_the_kernel_does_then),
		cmocka_unit_test(what_is_named_wins_in_any_order),
		cmocka_unit_test(assuming_validation_off_undoes_secure_boot),
		cmocka_unit_test(forbidden_certificates_count_with_the_revocation_list),
		cmocka_unit_test(secure_boot_without_ima_policy),
		cmocka_unit_test(what_cannot_be_assumed_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
