// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>
#include <limits.h>

#include "base/root.h"

static void only_absolute_paths_move(void **state)
{
	const struct root root = { "/r" };
	char buf[PATH_MAX], longest[PATH_MAX];

	(void)state;
	assert_string_equal(root_path(&root, "/etc/x", buf), "/r/etc/x");
	assert_string_equal(root_path(&root, "./x", buf), "./x");
	memset(longest, 'a', sizeof(longest) - 1);
	longest[0] = '/';
	longest[sizeof(longest) - 1] = '\0';
	assert_null(root_path(&root, longest, buf));
	assert_int_equal(errno, ENAMETOOLONG);
	assert_int_equal(root_open(&root, longest, 0), -ENAMETOOLONG);
}

static void mkdirs_makes_parents(void **state)
{
	char *dir = unit_mkdtemp();
	const struct root root = { dir };

	(void)state;
	assert_int_equal(root_mkdirs(&root, "/a/b/c"), 0);
	assert_int_equal(root_mkdirs(&root, "/a/b/c"), 0);
	assert_true(root_exists(&root, "/a/b/c"));
	unit_puts(dir, "file", "");
	assert_int_equal(root_mkdirs(&root, "/file"), -ENOTDIR);
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_absolute_paths_move),
		cmocka_unit_test(mkdirs_makes_parents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
