// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "base/buf.h"
#include "read/kernel/lockstate.h"

static struct lockstate read_dir(const char *dir)
{
	struct root root = { .prefix = dir };
	struct lockstate s;

	assert_int_equal(lockstate_read(&root, &s), 0);
	return s;
}

static void lockdown_is_the_bracketed_word(void **state _unused_)
{
	assert_int_equal(lockdown_parse("[none] integrity confidentiality\n"), LOCKDOWN_NONE);
	assert_int_equal(lockdown_parse("none [integrity] confidentiality\n"), LOCKDOWN_INTEGRITY);
	assert_int_equal(lockdown_parse("none integrity [confidentiality]"), LOCKDOWN_CONFIDENTIALITY);
	assert_int_equal(lockdown_parse("none integrity confidentiality"), LOCKDOWN_UNKNOWN);
	assert_int_equal(lockdown_parse("[other]"), LOCKDOWN_UNKNOWN);
	assert_int_equal(lockdown_parse("[none"), LOCKDOWN_UNKNOWN);
	assert_int_equal(lockdown_parse(""), LOCKDOWN_UNKNOWN);
}

static void nothing_readable_is_unknown_and_says_why(void **state)
{
	const char *dir = *state;
	_cleanup_lockstate_ struct lockstate s = read_dir(dir);

	assert_int_equal(s.lockdown, LOCKDOWN_UNKNOWN);
	assert_int_equal(s.lockdown_source.error, -ENOENT);
	assert_string_equal(s.lockdown_source.path, "/sys/kernel/security/lockdown");
	assert_int_equal(s.sig_enforce, LOCK_UNKNOWN);
	assert_int_equal(s.sig_enforce_source.error, -ENOENT);
	assert_int_equal(s.modules_disabled, LOCK_UNKNOWN);
	assert_int_equal(s.cap_sys_module, LOCK_UNKNOWN);
	assert_int_equal(s.in_user_namespace, LOCK_UNKNOWN);
	assert_int_equal(s.blacklist.n, 0);
}

static void answers(void **state)
{
	const char *dir = *state;

	unit_puts(dir, "sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	unit_puts(dir, "sys/module/module/parameters/sig_enforce", "Y\n");
	unit_puts(dir, "proc/sys/kernel/modules_disabled", "0\n");

	_cleanup_lockstate_ struct lockstate s = read_dir(dir);

	assert_int_equal(s.lockdown, LOCKDOWN_INTEGRITY);
	assert_int_equal(s.sig_enforce, LOCK_YES);
	assert_int_equal(s.modules_disabled, LOCK_NO);
	assert_int_equal(s.modules_disabled_source.error, 0);
}

static void odd_content_is_unknown(void **state)
{
	const char *dir = *state;

	unit_puts(dir, "sys/module/module/parameters/sig_enforce", "perhaps\n");
	unit_puts(dir, "proc/sys/kernel/modules_disabled", "");
	unit_puts(dir, "proc/self/status", "Name:\tx\nCapEff:\tzz\n");

	_cleanup_lockstate_ struct lockstate s = read_dir(dir);

	assert_int_equal(s.sig_enforce, LOCK_UNKNOWN);
	assert_int_equal(s.sig_enforce_source.error, -EINVAL);
	assert_int_equal(s.modules_disabled, LOCK_UNKNOWN);
	assert_int_equal(s.cap_sys_module, LOCK_UNKNOWN);
	assert_int_equal(s.cap_source.error, -EINVAL);
}

static void capability_bit_16(void **state)
{
	const char *dir = *state;

	unit_puts(dir, "proc/self/status", "Name:\tx\nCapEff:\t000001ffffffffff\nCapBnd:\t0\n");
	_cleanup_lockstate_ struct lockstate all = read_dir(dir);
	unit_puts(dir, "proc/self/status", "Name:\tx\nCapEff:\t000001fffffeffff\n");
	_cleanup_lockstate_ struct lockstate without = read_dir(dir);

	assert_int_equal(all.cap_sys_module, LOCK_YES);
	assert_int_equal(without.cap_sys_module, LOCK_NO);
}

static void user_namespace_by_its_map(void **state)
{
	const char *dir = *state;

	unit_puts(dir, "proc/self/uid_map", "         0          0 4294967295\n");
	_cleanup_lockstate_ struct lockstate initial = read_dir(dir);
	unit_puts(dir, "proc/self/uid_map", "         0       1000          1\n");
	_cleanup_lockstate_ struct lockstate inner = read_dir(dir);

	assert_int_equal(initial.in_user_namespace, LOCK_NO);
	assert_int_equal(inner.in_user_namespace, LOCK_YES);
}

static void blacklist_of_the_command_line(void **state)
{
	const char *dir = *state;

	unit_puts(dir, "proc/cmdline",
		  "ro module_blacklist=snd_hda,floppy quiet module_blacklist=,pcspkr,i2c-dev "
		  "x=\"module_blacklist=no\" -- module_blacklist=init\n");
	_cleanup_lockstate_ struct lockstate s = read_dir(dir);

	assert_int_equal(s.blacklist.n, 2);
	assert_true(lockstate_is_blacklisted(&s, "pcspkr"));
	assert_false(lockstate_is_blacklisted(&s, "no"));
	assert_false(lockstate_is_blacklisted(&s, "init"));
	/* It is compared byte by byte, and no module is called so. */
	assert_false(lockstate_is_blacklisted(&s, "i2c_dev"));
	/* The kernel keeps the last one only. */
	assert_false(lockstate_is_blacklisted(&s, "snd_hda"));
	assert_int_equal(s.replaced.n, 2);
	assert_true(strv_has(&s.replaced, "floppy"));
}

/* As measured on 6.12: "module_blacklist: string parameter too long" from 1025 bytes on. */
static void a_long_list_is_ignored(void **state)
{
	const char *dir = *state;
	_cleanup_buf_ struct buf line = BUF_INIT;

	buf_addf(&line, "module_blacklist=%01019d,last module_blacklist=%01016d,too_long", 0, 0);
	unit_puts(dir, "proc/cmdline", buf_str(&line));
	_cleanup_lockstate_ struct lockstate s = read_dir(dir);

	assert_true(lockstate_is_blacklisted(&s, "last"));
	assert_false(lockstate_is_blacklisted(&s, "too_long"));
	assert_true(strv_has(&s.oversized, "too_long"));
	assert_int_equal(s.replaced.n, 0);
}

static void each_list_of_initcalls_counts(void **state)
{
	const char *dir = *state;

	unit_puts(dir, "proc/cmdline",
		  "initcall_blacklist=a_init,,b_init initcall-blacklist=c_init -- "
		  "initcall_blacklist=d_init\n");
	_cleanup_lockstate_ struct lockstate s = read_dir(dir);

	assert_int_equal(s.initcalls.n, 3);
	assert_string_equal(s.initcalls.items[0], "a_init");
	assert_string_equal(s.initcalls.items[2], "c_init");
}

/* The kernel strips quotes around the word or the value, and knows the name with a dash, too. */
static void quotes_around_the_deny_list_are_no_part_of_it(void **state)
{
	const struct root root = { .prefix = *state };
	struct lockstate s;

	unit_puts(*state, "proc/cmdline",
		  "ro \"module_blacklist=a,b\" module-blacklist=\"c,d\" x=\"module_blacklist=no\"\n");
	assert_int_equal(lockstate_read(&root, &s), 0);
	assert_int_equal(s.blacklist.n, 2);
	assert_true(strv_has(&s.replaced, "a"));
	assert_true(lockstate_is_blacklisted(&s, "d"));
	assert_false(lockstate_is_blacklisted(&s, "no"));
	lockstate_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lockdown_is_the_bracketed_word),
		unit_test_in_dir(nothing_readable_is_unknown_and_says_why),
		unit_test_in_dir(answers),
		unit_test_in_dir(odd_content_is_unknown),
		unit_test_in_dir(capability_bit_16),
		unit_test_in_dir(user_namespace_by_its_map),
		unit_test_in_dir(blacklist_of_the_command_line),
		unit_test_in_dir(a_long_list_is_ignored),
		unit_test_in_dir(each_list_of_initcalls_counts),
		unit_test_in_dir(quotes_around_the_deny_list_are_no_part_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
