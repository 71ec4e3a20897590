// SPDX-License-Identifier: MIT
/* Which modules are loaded at every boot: enabled, disabled, listed. */
#include <errno.h>

#include "fixture.h"

#include "verb/boot/list.h"

#define MANAGED "etc/modules-load.d/kmodctl-core.conf"
#define TEXT "# Written by kmodctl boot.\ncore\n"

/* ---- enable ---- */

static void a_module_gets_a_file_of_its_own(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(boot_enable(&f->sys, "core", false), 0);
	assert_file(f, "/" MANAGED, TEXT);
	assert_messages(f, "");
}

static void the_file_has_the_normalized_name(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(boot_enable(&f->sys, "no-such", true), 0);
	assert_file(f, "/etc/modules-load.d/kmodctl-no_such.conf", "# Written by kmodctl boot.\nno_such\n");
}

static void a_file_that_lists_it_is_left_alone(void **state)
{
	struct fixture *f = *state;

	unit_puts(f->dir, MANAGED, "# mine\ncore\n");
	assert_int_equal(boot_enable(&f->sys, "core", false), 1);
	assert_file(f, "/" MANAGED, "# mine\ncore\n");
}

static void names_that_cannot_be_a_file_are_refused(void **state)
{
	static const char *const bad[] = { "", "../x", "a b", "-v", "a.b", "a\n", "a/b" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		assert_int_equal(boot_enable(&f->sys, bad[i], false), -EINVAL);
		assert_messages(f, "boot.name ");
		assert_int_equal(boot_disable(&f->sys, bad[i]), -EINVAL);
		assert_messages(f, "boot.name ");
	}
}

static void what_will_not_be_loaded_is_reported(void **state)
{
	struct fixture *f = *state;

	unit_puts(f->dir, "etc/modprobe.d/t.conf", "blacklist core\n");
	assert_int_equal(boot_enable(&f->sys, "nosuch", true), 0);
	assert_messages(f, "boot.unknown ");
	assert_int_equal(boot_enable(&f->sys, "other", false), 0);
	assert_messages(f, "boot.not-everywhere ");
	assert_int_equal(boot_enable(&f->sys, "unix", false), 0);
	assert_messages(f, "boot.builtin ");
	assert_int_equal(boot_enable(&f->sys, "core", false), 0);
	assert_messages(f, "boot.denied ");
}

static void a_name_that_no_kernel_has_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(boot_enable(&f->sys, "nosuch", false), -ENOENT);
	assert_messages(f, "boot.unknown ");
	assert_int_equal(boot_disable(&f->sys, "nosuch"), -ENOENT);
	assert_messages(f, "boot.not-enabled ");
}

static void a_directory_that_cannot_be_made_is_reported(void **state)
{
	struct fixture *f = *state;

	unit_puts(f->dir, "etc/modules-load.d", "a file where the directory should be\n");
	assert_true(boot_enable(&f->sys, "core", false) < 0);
	assert_messages(f, "boot.write ");
}

/* ---- disable ---- */

static void disabling_removes_the_file(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(boot_enable(&f->sys, "core", false), 0);
	assert_int_equal(boot_disable(&f->sys, "core"), 0);
	assert_file(f, "/" MANAGED, NULL);
	assert_messages(f, "");
	assert_int_equal(boot_disable(&f->sys, "core"), -ENOENT);
	assert_messages(f, "boot.not-enabled ");
}

static void what_another_list_names_stays_enabled(void **state)
{
	struct fixture *f = *state;

	unit_puts(f->dir, "usr/lib/modules-load.d/theirs.conf", "core\n");
	assert_int_equal(boot_enable(&f->sys, "core", false), 0);
	assert_int_equal(boot_disable(&f->sys, "core"), -ENOENT);
	assert_file(f, "/" MANAGED, NULL);
	assert_messages(f, "boot.still-listed ");
}

static void what_the_kernel_command_line_names_stays_enabled(void **state)
{
	struct fixture *f = *state;

	unit_puts(f->dir, "proc/cmdline", "quiet modules_load=core\n");
	assert_int_equal(boot_disable(&f->sys, "core"), -ENOENT);
	assert_messages(f, "boot.still-listed ");
}

static void a_file_with_other_modules_is_not_removed(void **state)
{
	struct fixture *f = *state;

	unit_puts(f->dir, MANAGED, "core\nleaf\n");
	assert_int_equal(boot_disable(&f->sys, "core"), -EEXIST);
	assert_file(f, "/" MANAGED, "core\nleaf\n");
	assert_messages(f, "boot.shared ");
}

/* ---- the list ---- */

static const struct boot_row *find(const struct boot_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->rows[i].entry->name, name) == 0)
			return &l->rows[i];
	fail_msg("%s is not listed", name);
	return NULL;
}

static void rows_say_what_became_of_each_entry(void **state)
{
	_cleanup_boot_list_ struct boot_list l = { 0 };
	struct fixture *f = *state;

	unit_puts(f->dir, "etc/modules-load.d/a.conf", "leaf\nunix\nnosuch\na/b\nother\n");
	unit_puts(f->dir, MANAGED, TEXT);
	unit_puts(f->dir, "etc/modprobe.d/t.conf", "\nblacklist leaf\n");
	unit_puts(f->dir, "sys/module/other/initstate", "live\n");
	assert_int_equal(boot_list_read(&f->sys, &l), 0);
	assert_int_equal(l.n, 6);
	assert_string_equal(find(&l, "core")->state, "not-loaded");
	assert_true(find(&l, "core")->managed);
	assert_int_equal(find(&l, "core")->entry->line, 2);
	assert_false(find(&l, "leaf")->managed);
	assert_string_equal(find(&l, "leaf")->denied->file, "/etc/modprobe.d/t.conf");
	assert_int_equal(find(&l, "leaf")->denied->line, 2);
	assert_null(find(&l, "core")->denied);
	assert_string_equal(find(&l, "unix")->state, "builtin");
	assert_string_equal(find(&l, "nosuch")->state, "unknown");
	assert_string_equal(find(&l, "a/b")->state, "unknown");
	assert_string_equal(find(&l, "other")->state, "live");
	assert_int_equal(l.entries.error, 0);
}

static void a_list_that_cannot_be_read_leaves_the_others(void **state)
{
	_cleanup_boot_list_ struct boot_list l = { 0 };
	struct fixture *f = *state;

	fixture_huge(f, "etc/modules-load.d/huge.conf");
	unit_puts(f->dir, "etc/modules-load.d/good.conf", "core\n");
	assert_int_equal(boot_list_read(&f->sys, &l), 0);
	assert_int_equal(l.n, 1);
	assert_true(l.entries.error < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_module_gets_a_file_of_its_own),
		FIXTURE_TEST(the_file_has_the_normalized_name),
		FIXTURE_TEST(a_file_that_lists_it_is_left_alone),
		FIXTURE_TEST(names_that_cannot_be_a_file_are_refused),
		FIXTURE_TEST(what_will_not_be_loaded_is_reported),
		FIXTURE_TEST(a_name_that_no_kernel_has_is_refused),
		FIXTURE_TEST(a_directory_that_cannot_be_made_is_reported),
		FIXTURE_TEST(disabling_removes_the_file),
		FIXTURE_TEST(what_another_list_names_stays_enabled),
		FIXTURE_TEST(what_the_kernel_command_line_names_stays_enabled),
		FIXTURE_TEST(a_file_with_other_modules_is_not_removed),
		FIXTURE_TEST(rows_say_what_became_of_each_entry),
		FIXTURE_TEST(a_list_that_cannot_be_read_leaves_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
