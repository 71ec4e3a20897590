// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "act/sign/tree.h"

static void modules_below_a_directory_sorted(void **state _unused_)
{
	_cleanup_strv_ struct strv found = { 0 };
	char *dir = unit_mkdtemp(), link[4096], outside[4096];
	const struct root root = { dir };

	unit_puts(dir, "tree/b/z.ko", "");
	unit_puts(dir, "tree/b/a.ko.xz", "");
	unit_puts(dir, "tree/a.ko.zst", "");
	unit_puts(dir, "tree/modules.dep", "");
	unit_puts(dir, "tree/b/x.ko.txt", "");
	unit_puts(dir, "outside/o.ko", "");
	snprintf(outside, sizeof(outside), "%s/outside", dir);
	snprintf(link, sizeof(link), "%s/tree/build", dir);
	assert_int_equal(symlink(outside, link), 0);
	assert_int_equal(tree_collect(&root, "/tree", NULL, &found), 0);
	assert_int_equal(found.n, 3);
	assert_string_equal(found.items[0], "/tree/a.ko.zst");
	assert_string_equal(found.items[1], "/tree/b/a.ko.xz");
	assert_string_equal(found.items[2], "/tree/b/z.ko");
	unit_rmdir(dir);
}

static void a_file_stands_for_itself_whatever_its_name(void **state _unused_)
{
	_cleanup_strv_ struct strv found = { 0 };
	char *dir = unit_mkdtemp();
	const struct root root = { dir };

	unit_puts(dir, "module.bin", "");
	assert_int_equal(tree_collect(&root, "/module.bin", NULL, &found), 0);
	assert_int_equal(found.n, 1);
	assert_int_equal(tree_collect(&root, "/absent", NULL, &found), -ENOENT);
	assert_int_equal(found.n, 1);
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modules_below_a_directory_sorted),
		cmocka_unit_test(a_file_stands_for_itself_whatever_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
