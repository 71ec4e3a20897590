// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>
#include <sys/sysmacros.h>

#include "read/kernel/mounts.h"

static struct mounts parse(const char *text)
{
	char *copy = strdup(text);
	struct mounts m = { 0 };

	assert_int_equal(mounts_parse(copy, 7, &m), 0);
	free(copy);
	return m;
}

static void fields_behind_the_optional_ones(void **state _unused_)
{
	_cleanup_mounts_ struct mounts m = parse(
		"36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 propagate_from:2 - ext3 /dev/root rw,errors=continue\n");

	assert_int_equal(m.n, 1);
	assert_int_equal(m.items[0].device, makedev(98, 0));
	assert_string_equal(m.items[0].target, "/mnt2");
	assert_string_equal(m.items[0].type, "ext3");
	assert_string_equal(m.items[0].source, "/dev/root");
	assert_int_equal(m.items[0].pid, 7);
}

static void escapes_are_undone(void **state _unused_)
{
	_cleanup_mounts_ struct mounts m = parse("1 2 8:1 / /a\\040b\\134c\\ rw - ext4 /dev/x\\011y rw\n");

	assert_string_equal(m.items[0].target, "/a b\\c\\");
	assert_string_equal(m.items[0].source, "/dev/x\ty");
}

static void one_entry_for_each_super_block(void **state _unused_)
{
	_cleanup_mounts_ struct mounts m = parse("1 2 8:1 / /a rw - ext4 /dev/x rw\n"
						 "3 2 8:1 /sub /b rw - ext4 /dev/x rw\n"
						 "4 2 8:2 / /c rw - ext4 /dev/y rw");

	assert_int_equal(m.n, 2);
	assert_string_equal(m.items[0].target, "/a");
	assert_string_equal(m.items[1].target, "/c");
}

static void damaged_lines_are_skipped(void **state _unused_)
{
	_cleanup_mounts_ struct mounts m =
		parse("\n1 2 8:1 / /a rw ext4 /dev/x rw\n1 2 x:y / /a rw - ext4 /dev/x rw\n"
		      "1 2 8:1 - ext4 /dev/x rw\n1 2 8:1x / /a rw - ext4 s\n5 6 0:7 / /d rw - tmpfs\n");

	assert_int_equal(m.n, 1);
	assert_string_equal(m.items[0].target, "/d");
	assert_string_equal(m.items[0].source, "");
}

static void mounts_of_other_namespaces(void **state _unused_)
{
	char *dir = unit_mkdtemp();
	struct root root = { .prefix = dir };
	struct mounts m;

	assert_int_equal(mounts_read(&root, &m), -ENOENT);
	unit_puts(dir, "proc/self/mountinfo", "1 2 8:1 / / rw - ext4 /dev/x rw\n");
	unit_link(dir, "proc/self/ns/mnt", "mnt:[1]");
	unit_puts(dir, "proc/10/mountinfo", "1 2 8:9 / /not-read rw - ext4 /dev/z rw\n");
	unit_link(dir, "proc/10/ns/mnt", "mnt:[1]");
	unit_puts(dir, "proc/11/mountinfo", "1 2 8:1 / / rw - ext4 /dev/x rw\n4 2 8:2 / /c rw - ext4 /dev/y rw\n");
	unit_link(dir, "proc/11/ns/mnt", "mnt:[2]");
	assert_int_equal(mounts_read(&root, &m), 0);
	assert_int_equal(m.n, 2);
	assert_int_equal(m.items[0].pid, 0);
	assert_string_equal(m.items[1].target, "/c");
	assert_int_equal(m.items[1].pid, 11);
	mounts_done(&m);
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_behind_the_optional_ones), cmocka_unit_test(escapes_are_undone),
		cmocka_unit_test(one_entry_for_each_super_block),  cmocka_unit_test(damaged_lines_are_skipped),
		cmocka_unit_test(mounts_of_other_namespaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
