// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>
#include <fcntl.h>
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

static void relative_paths_become_absolute_as_the_shell_shows_them(void **state _unused_)
{
	_cleanup_free_ char *absolute = NULL, *relative = NULL, *unclean = NULL;
	char *dir = unit_mkdtemp(), link[1024], want[1100], *before = get_current_dir_name();

	snprintf(link, sizeof(link), "%s/link", dir);
	assert_int_equal(symlink(dir, link), 0);
	assert_int_equal(chdir(link), 0);
	setenv("PWD", link, 1);
	assert_int_equal(root_abspath("/x//y", &absolute), 0);
	assert_string_equal(absolute, "/x//y");
	assert_int_equal(root_abspath("a/b", &relative), 0);
	snprintf(want, sizeof(want), "%s/a/b", link);
	assert_string_equal(relative, want);
	assert_int_equal(root_abspath("./../b", &unclean), 0);
	snprintf(want, sizeof(want), "%s/./../b", link);
	assert_string_equal(unclean, want);
	assert_int_equal(chdir(before), 0);
	free(before);
	unit_rmdir(dir);
}

static void lists_names_sorted_behind_those_that_are_there(void **state)
{
	_cleanup_strv_ struct strv names = { 0 };
	const struct root root = { *state };

	unit_puts(*state, "d/b", "");
	unit_puts(*state, "d/a", "");
	unit_puts(*state, "d/.hidden", "");
	assert_int_equal(strv_add(&names, "z"), 0);
	assert_int_equal(root_list(&root, "/d", &names), 0);
	assert_int_equal(names.n, 3);
	assert_string_equal(names.items[0], "z");
	assert_string_equal(names.items[1], "a");
	assert_string_equal(names.items[2], "b");
	assert_int_equal(root_list(&root, "/none", &names), -ENOENT);
}

static void unlinks_below_the_root(void **state)
{
	const struct root root = { *state };

	unit_puts(*state, "x", "");
	assert_int_equal(root_unlink(&root, "/x"), 0);
	assert_int_equal(root_unlink(&root, "/x"), -ENOENT);
}

/* Install commands must not get at the files that are open. */
static void commands_do_not_inherit_descriptors(void **state)
{
	const struct root root = { *state };
	_cleanup_close_ int made = root_create(&root, "/x", O_WRONLY, 0600), opened = root_open(&root, "/x", O_RDONLY);
	_cleanup_closedir_ DIR *listed = NULL;

	assert_true(made >= 0 && opened >= 0);
	assert_int_equal(root_opendir(&root, "/", &listed), 0);
	assert_int_equal(fcntl(made, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(opened, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(dirfd(listed), F_GETFD), FD_CLOEXEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_absolute_paths_move),
		cmocka_unit_test(mkdirs_makes_parents),
		cmocka_unit_test(relative_paths_become_absolute_as_the_shell_shows_them),
		unit_test_in_dir(lists_names_sorted_behind_those_that_are_there),
		unit_test_in_dir(unlinks_below_the_root),
		unit_test_in_dir(commands_do_not_inherit_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
