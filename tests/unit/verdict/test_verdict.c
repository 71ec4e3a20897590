// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "machines.h"
#include "decide/verdict/verdict.h"

static struct trust_verdict judge(const struct trust_machine *m, enum trust_signature s)
{
	struct trust_module mod = { .signature = s, .is_elf = true, .signer = "Key", .ring = TRUST_RING_BUILTIN };
	struct trust_verdict v;

	trust_judge(m, &mod, &v);
	return v;
}

/* The table of errnos that were provoked on 6.12: plain, module.sig_enforce=1, lockdown=integrity. */
static void the_kernels_errnos(void **state)
{
	static const struct {
		enum trust_signature signature;
		int plain, enforced, locked;
		const char *taint;
	} rows[] = {
		{ TRUST_SIG_GOOD, 0, 0, 0, "" },
		{ TRUST_SIG_MATCHED, 0, 0, 0, "" },
		{ TRUST_SIG_NONE, 0, EKEYREJECTED, EPERM, "E" },
		{ TRUST_SIG_FORCED, 0, EKEYREJECTED, EPERM, "E" },
		{ TRUST_SIG_SCHEME, 0, EKEYREJECTED, EPERM, "E" },
		{ TRUST_SIG_ALGORITHM, 0, EKEYREJECTED, EPERM, "E" },
		{ TRUST_SIG_UNKNOWN_KEY, 0, EKEYREJECTED, EPERM, "E" },
		{ TRUST_SIG_CHANGED, EKEYREJECTED, EKEYREJECTED, EKEYREJECTED, "" },
		{ TRUST_SIG_ATTRIBUTES, EKEYREJECTED, EKEYREJECTED, EKEYREJECTED, "" },
		{ TRUST_SIG_REVOKED, EKEYREJECTED, EKEYREJECTED, EKEYREJECTED, "" },
		{ TRUST_SIG_DAMAGED, EBADMSG, EBADMSG, EBADMSG, "" },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct trust_machine m = machine_debian(false);
		struct trust_verdict v = judge(&m, rows[i].signature);

		assert_int_equal(v.error, rows[i].plain);
		assert_string_equal(v.taint, rows[i].taint);
		m.sig_enforce.value = TRUST_YES;
		assert_int_equal(judge(&m, rows[i].signature).error, rows[i].enforced);
		/* sig_enforce is tested before lockdown */
		m.lockdown = LOCKDOWN_INTEGRITY;
		assert_int_equal(judge(&m, rows[i].signature).error, rows[i].enforced);
		m.sig_enforce.value = TRUST_NO;
		assert_int_equal(judge(&m, rows[i].signature).error, rows[i].locked);
	}
}

static void outcomes_and_codes(void **state)
{
	struct trust_machine m = machine_debian(false);
	struct trust_verdict v = judge(&m, TRUST_SIG_NONE);

	(void)state;
	assert_int_equal(v.outcome, TRUST_TAINTS);
	assert_string_equal(v.code, "trust.unsigned");
	assert_int_equal(v.tainted, 8192);
	v = judge(&m, TRUST_SIG_GOOD);
	assert_int_equal(v.outcome, TRUST_LOADS);
	assert_int_equal(v.tainted, 0);
	m = machine_debian(true);
	v = judge(&m, TRUST_SIG_NONE);
	assert_int_equal(v.outcome, TRUST_REFUSED);
	assert_string_equal(v.code, "trust.unsigned-enforced");
	assert_string_equal(v.taint, "");
}

static void letters_in_the_kernels_order(void **state)
{
	struct trust_machine m = machine_debian(false);
	struct trust_module mod = { .signature = TRUST_SIG_NONE,
				    .is_elf = true,
				    .out_of_tree = true,
				    .proprietary = true,
				    .staging = true,
				    .livepatch = true };
	struct trust_verdict v;

	(void)state;
	trust_judge(&m, &mod, &v);
	assert_string_equal(v.taint, "PCOEK");
	assert_int_equal(v.tainted, 1 | 1 << 10 | 4096 | 8192 | 1 << 15);
	mod = (struct trust_module){ .signature = TRUST_SIG_FORCED, .is_elf = true, .forced = true };
	trust_judge(&m, &mod, &v);
	assert_string_equal(v.taint, "FE");
	assert_int_equal(v.tainted, 8194);
}

static void what_comes_before_and_after_the_signature(void **state)
{
	struct trust_machine m = machine_debian(true);
	struct trust_module mod = { .signature = TRUST_SIG_NONE };
	struct trust_verdict v;

	(void)state;
	trust_judge(&m, &mod, &v);
	assert_int_equal(v.error, EKEYREJECTED); /* no ELF, but that is looked at later */
	mod.signature = TRUST_SIG_GOOD;
	trust_judge(&m, &mod, &v);
	assert_int_equal(v.error, ENOEXEC);
	mod.is_elf = mod.blacklisted = true;
	trust_judge(&m, &mod, &v);
	assert_int_equal(v.error, EPERM);
	assert_string_equal(v.code, "trust.blacklisted");
	mod.is_empty = true;
	trust_judge(&m, &mod, &v);
	assert_int_equal(v.error, EINVAL);
	m.modules_disabled.value = TRUST_YES;
	trust_judge(&m, &mod, &v);
	assert_int_equal(v.error, EPERM);
	assert_string_equal(v.code, "trust.modules-disabled");
	/* What this process may do is not a matter of the file. */
	m.modules_disabled.value = TRUST_NO;
	m.may_load.value = TRUST_NO;
	trust_judge(&m, &mod, &v);
	assert_int_equal(v.error, EINVAL);
	m.without_modules.value = TRUST_YES;
	trust_judge(&m, &mod, &v);
	assert_int_equal(v.error, ENOSYS);
	assert_string_equal(v.code, "trust.no-support");
}

/* A kernel that checks signatures takes them off, and no other: what the object reaches into counts then. */
static void the_end_of_an_object_goes_with_its_signature(void **state)
{
	struct trust_machine m = machine_debian(false);
	struct trust_module mod = { .signature = TRUST_SIG_UNKNOWN_KEY, .is_elf = true, .is_cut = true };
	_cleanup_buf_ struct buf cause = BUF_INIT;
	struct trust_verdict v;

	(void)state;
	trust_judge(&m, &mod, &v);
	assert_int_equal(v.error, ENOEXEC);
	trust_cause(&m, &mod, &v, &cause);
	assert_non_null(strstr(buf_str(&cause), "without its signature"));
	m.sig_checked.value = TRUST_NO;
	trust_judge(&m, &mod, &v);
	assert_int_equal(v.outcome, TRUST_LOADS);
	m.sig_checked.value = TRUST_UNKNOWN;
	trust_judge(&m, &mod, &v);
	assert_int_equal(v.outcome, TRUST_UNDECIDED);
	assert_int_equal(v.unread, 1u << TRUST_UNREAD_CHECKED);
	m.sig_checked.value = m.sig_enforce.value = TRUST_YES;
	trust_judge(&m, &mod, &v);
	assert_int_equal(v.error, EKEYREJECTED);
}

static void kernels_without_signatures_do_not_look(void **state)
{
	struct trust_machine m = machine_debian(false);

	(void)state;
	m.sig_checked.value = TRUST_NO;
	assert_int_equal(judge(&m, TRUST_SIG_NONE).outcome, TRUST_LOADS);
	assert_int_equal(judge(&m, TRUST_SIG_DAMAGED).outcome, TRUST_LOADS);
}

static void older_kernels_answer_otherwise(void **state)
{
	struct trust_machine m = machine_debian(false);

	(void)state;
	m.sig_enforce.value = TRUST_YES;
	m.version = 503;
	assert_int_equal(judge(&m, TRUST_SIG_UNKNOWN_KEY).error, ENOKEY);
	assert_int_equal(judge(&m, TRUST_SIG_ALGORITHM).error, ENOPKG);
}

static const char *text(void (*f)(const struct trust_machine *, const struct trust_module *,
				  const struct trust_verdict *, struct buf *),
			const struct trust_machine *m, const struct trust_module *mod, struct buf *into)
{
	struct trust_verdict v;

	buf_clear(into);
	trust_judge(m, mod, &v);
	f(m, mod, &v, into);
	return buf_str(into);
}

static void causes_and_fixes_fit_the_machine(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct trust_machine m = machine_debian(true);
	struct trust_module mod = { .signature = TRUST_SIG_UNKNOWN_KEY, .is_elf = true, .signer = "DKMS key" };

	(void)state;
	assert_non_null(strstr(text(trust_cause, &m, &mod, &b),
			       "signed by \"DKMS key\", whose key is in none of the key rings"));
	assert_non_null(strstr(text(trust_fix, &m, &mod, &b), "kmodctl mok import"));
	mod.pending = true;
	assert_non_null(strstr(text(trust_fix, &m, &mod, &b), "reboot and confirm"));
	mod.pending = false;
	mod.ring = TRUST_RING_PLATFORM;
	trust_machine_set_flavour(&m, TRUST_UPSTREAM, "");
	assert_non_null(
		strstr(text(trust_cause, &m, &mod, &b), "in .platform: the upstream kernel does not consult it"));
	assert_non_null(strstr(text(trust_fix, &m, &mod, &b), "kmodctl mok import"));
	mod.ring = TRUST_RING_NONE;
	m.efi.value = TRUST_NO;
	assert_null(strstr(text(trust_fix, &m, &mod, &b), "mok import"));
	mod.signature = TRUST_SIG_GOOD;
	assert_string_equal(text(trust_fix, &m, &mod, &b), "");
}

static enum trust_remedy remedy(const struct trust_machine *m, const struct trust_module *mod)
{
	struct trust_verdict v;

	trust_judge(m, mod, &v);
	return trust_remedy(m, mod, &v);
}

/* Of a key that is enrolled, and in .platform. */
static void trusting_the_list_is_advised_only_where_it_helps(void **state)
{
	struct trust_machine m = machine_debian(true);
	struct trust_module mod = {
		.signature = TRUST_SIG_UNKNOWN_KEY, .is_elf = true, .enrolled = true, .ring = TRUST_RING_PLATFORM
	};

	(void)state;
	trust_machine_set_flavour(&m, TRUST_UPSTREAM, "");
	m.mok_trusted.value = TRUST_NO;
	assert_int_equal(remedy(&m, &mod), TRUST_REMEDY_TRUST_MOK);
	m.config[KCONFIG_INTEGRITY_CA_MACHINE_KEYRING] = KCONFIG_YES;
	assert_int_equal(remedy(&m, &mod), TRUST_REMEDY_CA_KEY);
	mod.use = TRUST_USE_OF_CA;
	assert_int_equal(remedy(&m, &mod), TRUST_REMEDY_TRUST_MOK);
	m.mok_trusted.value = TRUST_YES;
	assert_int_equal(remedy(&m, &mod), TRUST_REMEDY_KERNEL_KEY);
	m.mok_trusted.value = TRUST_NO;
	m.config[KCONFIG_INTEGRITY_MACHINE_KEYRING] = KCONFIG_NO;
	assert_int_equal(remedy(&m, &mod), TRUST_REMEDY_KERNEL_KEY);
}

/* Three reboots for nothing otherwise: the key must be in the MOK list, that not trusted, and .machine must take it. */
static void trusting_the_list_is_offered_where_it_helps(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct trust_machine m = machine_debian(true);
	struct trust_module mod = { .signature = TRUST_SIG_UNKNOWN_KEY, .is_elf = true, .ring = TRUST_RING_PLATFORM };

	(void)state;
	trust_machine_set_flavour(&m, TRUST_UPSTREAM, "");
	mod.enrolled = true;
	m.mok_trusted.value = TRUST_NO;
	assert_non_null(strstr(text(trust_fix, &m, &mod, &b), "kmodctl mok trust"));
	m.config[KCONFIG_INTEGRITY_MACHINE_KEYRING] = KCONFIG_NO;
	assert_null(strstr(text(trust_fix, &m, &mod, &b), "mok trust"));
	assert_non_null(strstr(buf_str(&b), "a key that the kernel was built with"));
	m.config[KCONFIG_INTEGRITY_MACHINE_KEYRING] = KCONFIG_YES;
	m.config[KCONFIG_INTEGRITY_CA_MACHINE_KEYRING] = KCONFIG_YES;
	assert_null(strstr(text(trust_fix, &m, &mod, &b), "mok trust"));
	assert_non_null(strstr(buf_str(&b), "CA:TRUE and keyCertSign"));
	m.config[KCONFIG_INTEGRITY_CA_MACHINE_KEYRING] = KCONFIG_NO;
	m.mok_trusted.value = TRUST_YES;
	assert_null(strstr(text(trust_fix, &m, &mod, &b), "mok trust"));
	/* In db only. */
	mod.enrolled = false;
	assert_non_null(strstr(text(trust_fix, &m, &mod, &b), "mok import"));
	m.shim.value = TRUST_NO;
	assert_null(strstr(text(trust_fix, &m, &mod, &b), "mok "));
}

/* The cause follows from the state. */
static void enrolled_and_yet_on_no_ring(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct trust_machine m = machine_debian(false);
	struct trust_module mod = { .signature = TRUST_SIG_UNKNOWN_KEY, .is_elf = true, .enrolled = true };

	(void)state;
	m.sig_enforce.value = TRUST_YES;
	assert_non_null(strstr(text(trust_cause, &m, &mod, &b), "under Secure Boot only"));
	m.secure_boot.value = TRUST_UNKNOWN;
	assert_non_null(strstr(text(trust_cause, &m, &mod, &b), "whether that is on is unknown"));
	m.secure_boot.value = TRUST_YES;
	assert_non_null(strstr(text(trust_cause, &m, &mod, &b), "the kernel's log"));
	m.config[KCONFIG_IMA_SECURE_AND_OR_TRUSTED_BOOT] = KCONFIG_NO;
	assert_non_null(strstr(text(trust_cause, &m, &mod, &b), "never reads the MOK list"));
	assert_null(strstr(text(trust_fix, &m, &mod, &b), "mok trust"));
	mod.unfit = "no ECDSA";
	assert_non_null(strstr(text(trust_cause, &m, &mod, &b), "puts it on no ring: no ECDSA"));
	assert_non_null(strstr(text(trust_fix, &m, &mod, &b), "key generate"));
}

static void what_was_not_read_is_named(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct trust_machine m = machine_debian(false);
	struct trust_module mod = { .signature = TRUST_SIG_NONE, .is_elf = true, .proprietary = true };
	struct trust_verdict v;

	(void)state;
	m.lockdown = LOCKDOWN_UNKNOWN;
	m.lockdown_source = (struct trust_fact){ TRUST_YES, "/sys/kernel/security/lockdown", -ENOENT };
	trust_judge(&m, &mod, &v);
	assert_int_equal(v.outcome, TRUST_UNDECIDED);
	assert_int_equal(v.unread, 1u << TRUST_UNREAD_LOCKDOWN);
	assert_string_equal(v.code, "trust.unknown");
	trust_verdict_text(&m, &mod, &v, &b);
	assert_string_equal(buf_str(&b), "unknown: /sys/kernel/security/lockdown: No such file or directory");
	assert_string_equal(text(trust_cause, &m, &mod, &b),
			    "the module is not signed; depending on lockdown: loads, taints the kernel: PE - or "
			    "refused: EPERM");
	assert_non_null(strstr(text(trust_fix, &m, &mod, &b), "mount -t securityfs"));
	/* Enforcement comes first, and answers the same either way. */
	m.sig_enforce.value = TRUST_YES;
	trust_judge(&m, &mod, &v);
	assert_int_equal(v.error, EKEYREJECTED);
	m.sig_enforce = (struct trust_fact){ TRUST_UNKNOWN, "/sys/module/module/parameters/sig_enforce", -EACCES };
	trust_judge(&m, &mod, &v);
	assert_int_equal(v.n_possible, 3);
	assert_non_null(strstr(text(trust_cause, &m, &mod, &b), "depending on module.sig_enforce and lockdown: "));
	assert_non_null(strstr(text(trust_fix, &m, &mod, &b), "root (sudo); mount -t securityfs"));
	/* A letter that depends on it. */
	m.sig_enforce.value = TRUST_NO;
	m.lockdown = LOCKDOWN_NONE;
	m.sig_checked.value = TRUST_UNKNOWN;
	trust_judge(&m, &mod, &v);
	assert_int_equal(v.outcome, TRUST_TAINTS);
	assert_string_equal(v.taint, "P");
	assert_string_equal(v.perhaps, "E");
}

static void a_key_in_a_ring_that_may_not_be_asked(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct trust_machine m = machine_debian(true);
	struct trust_module mod = { .is_elf = true, .ring = TRUST_RING_PLATFORM };
	struct trust_verdict v;

	(void)state;
	trust_place_key(&m, 1u << TRUST_RING_PLATFORM, TRUST_SIG_GOOD, &mod);
	assert_int_equal(mod.signature, TRUST_SIG_GOOD);
	assert_int_equal(mod.maybe, 0);
	trust_machine_set_flavour(&m, TRUST_OTHER, "/proc/version");
	trust_place_key(&m, 1u << TRUST_RING_PLATFORM, TRUST_SIG_GOOD, &mod);
	trust_judge(&m, &mod, &v);
	assert_int_equal(v.outcome, TRUST_UNDECIDED);
	assert_non_null(strstr(text(trust_fix, &m, &mod, &b), "platform=asked"));
	trust_machine_set_flavour(&m, TRUST_UPSTREAM, "/proc/version");
	mod.maybe = 0;
	trust_place_key(&m, 1u << TRUST_RING_PLATFORM, TRUST_SIG_GOOD, &mod);
	assert_int_equal(mod.signature, TRUST_SIG_UNKNOWN_KEY);
}

static void blocked_keys_and_blocked_files(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct trust_machine m = machine_debian(true);
	struct trust_module mod = { .signature = TRUST_SIG_GOOD,
				    .is_elf = true,
				    .signer = "DKMS key",
				    .ring = TRUST_RING_MACHINE,
				    .blocked_in = "MokListXRT" };

	(void)state;
	assert_non_null(strstr(text(trust_cause, &m, &mod, &b),
			       "in .machine; MokListXRT blocks the key, but this kernel does not"));
	/* It would not be enrolled. */
	mod.signature = TRUST_SIG_UNKNOWN_KEY;
	mod.ring = TRUST_RING_NONE;
	assert_null(strstr(text(trust_fix, &m, &mod, &b), "mok import"));
	assert_non_null(strstr(text(trust_fix, &m, &mod, &b), "another key"));
	mod.signature = TRUST_SIG_REVOKED;
	assert_non_null(strstr(text(trust_cause, &m, &mod, &b), "is revoked: it is in MokListXRT"));
	assert_non_null(strstr(text(trust_fix, &m, &mod, &b), "another key"));
	mod.blocked_in = NULL;
	assert_non_null(strstr(text(trust_cause, &m, &mod, &b), "the digest of this very file is in .blacklist"));
}

/* modprobe knows the errno and has seen the file: the verdict must not contradict either. */
static void the_errno_is_explained(void **state)
{
	struct trust_machine m = machine_debian(true);
	struct trust_module seen = { .signature = TRUST_SIG_NONE, .is_elf = true };
	struct trust_verdict v;

	(void)state;
	assert_true(trust_explain(&m, EKEYREJECTED, &seen, &v));
	assert_string_equal(v.code, "trust.unsigned-enforced");
	/* A key of the signer's name is on a ring: the content must be wrong. */
	seen.signature = TRUST_SIG_MATCHED;
	assert_true(trust_explain(&m, EKEYREJECTED, &seen, &v));
	assert_string_equal(v.code, "trust.changed");
	m = machine_debian(false);
	seen.signature = TRUST_SIG_UNKNOWN_KEY;
	assert_true(trust_explain(&m, EBADMSG, &seen, &v));
	assert_int_equal(v.error, EBADMSG);
	assert_string_equal(v.code, "trust.damaged");
	m.lockdown = LOCKDOWN_INTEGRITY;
	seen.signature = TRUST_SIG_NONE;
	assert_true(trust_explain(&m, EPERM, &seen, &v));
	assert_string_equal(v.code, "trust.unsigned-lockdown");
}

static void errnos_of_other_rooms_are_left_alone(void **state)
{
	struct trust_machine m = machine_debian(false);
	struct trust_module seen = { .signature = TRUST_SIG_GOOD, .is_elf = true };
	struct trust_verdict v;

	(void)state;
	assert_false(trust_explain(&m, ENOENT, &seen, &v));
	assert_false(trust_explain(&m, EPERM, &seen, &v));
}

static void every_state_has_its_names(void **state)
{
	(void)state;
	for (enum trust_signature s = 0; s < TRUST_SIGS; s++)
		assert_true(strlen(trust_signature_name(s)) > 3);
	assert_string_equal(trust_outcome_name(TRUST_REFUSED), "refused");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernels_errnos),
		cmocka_unit_test(outcomes_and_codes),
		cmocka_unit_test(letters_in_the_kernels_order),
		cmocka_unit_test(what_comes_before_and_after_the_signature),
		cmocka_unit_test(the_end_of_an_object_goes_with_its_signature),
		cmocka_unit_test(kernels_without_signatures_do_not_look),
		cmocka_unit_test(older_kernels_answer_otherwise),
		cmocka_unit_test(causes_and_fixes_fit_the_machine),
		cmocka_unit_test(trusting_the_list_is_advised_only_where_it_helps),
		cmocka_unit_test(trusting_the_list_is_offered_where_it_helps),
		cmocka_unit_test(enrolled_and_yet_on_no_ring),
		cmocka_unit_test(what_was_not_read_is_named),
		cmocka_unit_test(a_key_in_a_ring_that_may_not_be_asked),
		cmocka_unit_test(blocked_keys_and_blocked_files),
		cmocka_unit_test(the_errno_is_explained),
		cmocka_unit_test(errnos_of_other_rooms_are_left_alone),
		cmocka_unit_test(every_state_has_its_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
