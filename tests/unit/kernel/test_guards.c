// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "read/kernel/guards.h"

#define POLICY "sys/kernel/security/ima/policy"

static struct guard_state read_one(const char *dir, enum guard g)
{
	struct root root = { .prefix = dir };
	struct guards all;

	guards_read(&root, "6.1.0", &all);
	return all.items[g];
}

static enum lock_answer is_active(const char *dir, enum guard g)
{
	return read_one(dir, g).active;
}

static void what_cannot_be_read_is_unknown(void **state)
{
	for (enum guard g = 0; g < GUARDS; g++) {
		struct guard_state s = read_one(*state, g);

		assert_int_equal(s.active, LOCK_UNKNOWN);
		assert_false(s.present);
		assert_int_equal(s.error, -ENOENT);
	}
}

/* The list of security modules, which names no IMA before 6.9; its directory does. */
static void what_is_not_listed_is_not_active(void **state)
{
	const char *dir = *state;

	unit_puts(dir, "sys/kernel/security/lsm", "capability,landlock,notselinux,ipe2,bpf");
	for (enum guard g = 0; g < GUARDS; g++)
		assert_int_equal(is_active(dir, g), LOCK_NO);
}

static void a_listed_one_that_shows_nothing_is_unknown(void **state)
{
	const char *dir = *state;

	unit_puts(dir, "sys/kernel/security/lsm", "capability,selinux,ipe,loadpin\n");
	unit_puts(dir, "sys/kernel/security/ima/violations", "0\n");
	for (enum guard g = 0; g < GUARDS; g++)
		assert_int_equal(is_active(dir, g), LOCK_UNKNOWN);
	assert_true(read_one(dir, GUARD_LOADPIN).present);
	assert_int_equal(read_one(dir, GUARD_SELINUX).error, -ENOENT);
}

static void what_is_not_built_is_not_active(void **state)
{
	const char *dir = *state;

	unit_puts(dir, "boot/config-6.1.0",
		  "CONFIG_MODULES=y\n# CONFIG_SECURITY_SELINUX is not set\nCONFIG_SECURITY_IPE=y\n");
	assert_int_equal(is_active(dir, GUARD_SELINUX), LOCK_NO);
	assert_int_equal(is_active(dir, GUARD_IMA), LOCK_NO);
	assert_int_equal(is_active(dir, GUARD_LOADPIN), LOCK_NO);
	assert_int_equal(is_active(dir, GUARD_IPE), LOCK_UNKNOWN);
}

/* A file of that name may be of another build. */
static void what_runs_counts_more_than_a_configuration(void **state)
{
	const char *dir = *state;

	unit_puts(dir, "boot/config-6.1.0", "CONFIG_MODULES=y\n");
	unit_puts(dir, POLICY, "appraise func=MODULE_CHECK\n");
	unit_puts(dir, "sys/fs/selinux/enforce", "1");
	unit_puts(dir, "sys/kernel/security/ipe/enforce", "1");
	unit_puts(dir, "sys/kernel/security/ipe/policies/p/active", "1");
	unit_puts(dir, "sys/kernel/security/ipe/policies/p/policy", "DEFAULT action=DENY\n");
	unit_puts(dir, "proc/sys/kernel/loadpin/enforce", "1");
	for (enum guard g = 0; g < GUARDS; g++)
		assert_int_equal(is_active(dir, g), LOCK_YES);
}

static void switches(void **state)
{
	const char *dir = *state;

	unit_puts(dir, "sys/fs/selinux/enforce", "1");
	unit_puts(dir, "proc/sys/kernel/loadpin/enforce", "1\n");
	assert_int_equal(is_active(dir, GUARD_SELINUX), LOCK_YES);
	assert_int_equal(is_active(dir, GUARD_LOADPIN), LOCK_YES);
	unit_puts(dir, "sys/fs/selinux/enforce", "0");
	unit_puts(dir, "proc/sys/kernel/loadpin/enforce", "0\n");
	assert_int_equal(is_active(dir, GUARD_SELINUX), LOCK_NO);
	assert_int_equal(is_active(dir, GUARD_LOADPIN), LOCK_NO);
	unit_puts(dir, "sys/fs/selinux/enforce", "perhaps");
	assert_int_equal(is_active(dir, GUARD_SELINUX), LOCK_UNKNOWN);
	/* Before 4.20 it had another name. */
	unit_puts(dir, "proc/sys/kernel/loadpin/enabled", "1\n");
	assert_int_equal(is_active(dir, GUARD_LOADPIN), LOCK_YES);
}

/* The file system is registered where SELinux is enabled, mounted or not. */
static void selinux_without_its_file_system(void **state)
{
	const char *dir = *state;

	unit_puts(dir, "proc/filesystems", "nodev\tsysfs\nnodev\tproc\n");
	assert_int_equal(is_active(dir, GUARD_SELINUX), LOCK_NO);
	unit_puts(dir, "proc/filesystems", "nodev\tsysfs\nnodev\tselinuxfs\n");
	assert_int_equal(is_active(dir, GUARD_SELINUX), LOCK_UNKNOWN);
}

static void rules_of_ima(void **state)
{
	static const struct {
		const char *policy;
		enum lock_answer want;
	} cases[] = {
		{ "", LOCK_NO },
		{ "measure func=MODULE_CHECK\n", LOCK_NO },
		{ "appraise func=MODULE_CHECK appraise_type=imasig\n", LOCK_YES },
		{ "measure func=FILE_CHECK\nappraise fowner=0\n", LOCK_YES },
		{ "appraise func=KEXEC_KERNEL_CHECK appraise_type=imasig\n", LOCK_NO },
		{ "dont_appraise func=MODULE_CHECK\nappraise fowner=0\n", LOCK_NO },
		{ "dont_appraise fsmagic=0x9fa0\nappraise fowner=0", LOCK_YES },
		{ "appraise func=MODULE_CHECK_NOT\n", LOCK_NO },
		{ "\n\n", LOCK_NO },
	};

	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		unit_puts(*state, POLICY, cases[i].policy);
		assert_int_equal(is_active(*state, GUARD_IMA), cases[i].want);
	}
}

/* Such rules are not enforced, except under Secure Boot. */
static void ima_that_only_logs(void **state)
{
	const char *dir = *state;

	unit_puts(dir, POLICY, "appraise func=MODULE_CHECK\n");
	unit_puts(dir, "proc/cmdline", "root=/dev/vda ima_appraise=log quiet\n");
	assert_int_equal(is_active(dir, GUARD_IMA), LOCK_UNKNOWN);
	assert_non_null(strstr(read_one(dir, GUARD_IMA).text, "ima_appraise=log"));
	unit_puts(dir, "proc/cmdline", "ima_appraise=log ima_appraise=enforce -- ima_appraise=off\n");
	assert_int_equal(is_active(dir, GUARD_IMA), LOCK_YES);
}

static void ima_built_to_require_signatures(void **state)
{
	unit_puts(*state, "boot/config-6.1.0", "CONFIG_IMA_APPRAISE=y\nCONFIG_IMA_APPRAISE_REQUIRE_MODULE_SIGS=y\n");
	assert_int_equal(is_active(*state, GUARD_IMA), LOCK_YES);
	assert_string_equal(read_one(*state, GUARD_IMA).source, "/boot/config-6.1.0");
}

static void policies_of_ipe(void **state)
{
	const char *dir = *state;

	unit_puts(dir, "sys/kernel/security/lsm", "capability,ipe");
	unit_puts(dir, "sys/kernel/security/ipe/enforce", "1");
	unit_puts(dir, "sys/kernel/security/ipe/policies/.keep", "");
	assert_int_equal(is_active(dir, GUARD_IPE), LOCK_NO);
	unit_puts(dir, "sys/kernel/security/ipe/policies/p/active", "1");
	assert_int_equal(is_active(dir, GUARD_IPE), LOCK_UNKNOWN); /* what it says is not readable */
	unit_puts(dir, "sys/kernel/security/ipe/policies/p/policy",
		  "policy_name=p policy_version=0.0.0\nDEFAULT action=ALLOW\nop=EXECUTE action=DENY\n");
	assert_int_equal(is_active(dir, GUARD_IPE), LOCK_NO);
	unit_puts(dir, "sys/kernel/security/ipe/policies/p/policy", "policy_name=p\nDEFAULT action=DENY\n");
	assert_int_equal(is_active(dir, GUARD_IPE), LOCK_YES);
	unit_puts(dir, "sys/kernel/security/ipe/policies/p/active", "0");
	assert_int_equal(is_active(dir, GUARD_IPE), LOCK_NO);
	unit_puts(dir, "sys/kernel/security/ipe/policies/p/active", "1");
	unit_puts(dir, "sys/kernel/security/ipe/enforce", "0");
	assert_int_equal(is_active(dir, GUARD_IPE), LOCK_NO);
}

/* The first one was logged by Linux 6.12; the forms of the others were not measured. */
static void refusals_in_the_log(void **state _unused_)
{
	assert_true(guard_logged(GUARD_IMA, "audit: type=1800 audit(1795905849.167:2): pid=154 uid=0 op=appraise_data"
					    " cause=IMA-signature-required comm=\"insmod\" name=\"/m.ko\" res=0"));
	assert_true(guard_logged(GUARD_SELINUX, "audit: type=1400 audit(1.2:3): avc:  denied  { module_load } for "
						" pid=1 comm=\"insmod\" path=\"/m.ko\""));
	assert_true(guard_logged(GUARD_IPE, "audit: type=1420 audit(1.2:3): ipe_op=KMODULE ipe_hook=KERNEL_READ"
					    " enforcing=1 rule=\"DEFAULT action=DENY\""));
	assert_true(
		guard_logged(GUARD_LOADPIN, "LoadPin: kernel-module denied obj=\"/m.ko\" pid=1 cmdline=\"insmod\""));
	assert_false(guard_logged(GUARD_LOADPIN, "LoadPin: kernel-module pinning-ignored obj=\"/m.ko\""));
	assert_false(guard_logged(GUARD_SELINUX, "avc:  denied  { read } for  pid=1"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		unit_test_in_dir(what_cannot_be_read_is_unknown),
		unit_test_in_dir(what_is_not_listed_is_not_active),
		unit_test_in_dir(a_listed_one_that_shows_nothing_is_unknown),
		unit_test_in_dir(what_is_not_built_is_not_active),
		unit_test_in_dir(what_runs_counts_more_than_a_configuration),
		unit_test_in_dir(switches),
		unit_test_in_dir(selinux_without_its_file_system),
		unit_test_in_dir(rules_of_ima),
		unit_test_in_dir(ima_that_only_logs),
		unit_test_in_dir(ima_built_to_require_signatures),
		unit_test_in_dir(policies_of_ipe),
		cmocka_unit_test(refusals_in_the_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
