// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#include "base/root.h"

static void only_absolute_paths_move(void **state)
{
	const struct root root = { .prefix = "/r" };
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
	const struct root root = { .prefix = dir };

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
	const struct root root = { .prefix = *state };

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
	const struct root root = { .prefix = *state };

	unit_puts(*state, "x", "");
	assert_int_equal(root_unlink(&root, "/x"), 0);
	assert_int_equal(root_unlink(&root, "/x"), -ENOENT);
}

/* Install commands must not get at the files that are open. */
static void commands_do_not_inherit_descriptors(void **state)
{
	const struct root root = { .prefix = *state };
	_cleanup_close_ int made = root_create(&root, "/x", O_WRONLY, 0600), opened = root_open(&root, "/x", O_RDONLY);
	_cleanup_closedir_ DIR *listed = NULL;

	assert_true(made >= 0 && opened >= 0);
	assert_int_equal(root_opendir(&root, "/", &listed), 0);
	assert_int_equal(fcntl(made, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(opened, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(dirfd(listed), F_GETFD), FD_CLOEXEC);
}

/* The tree of another user at /t, a directory of the host at /host. */
static void put_tree(const char *dir)
{
	char path[4096], target[4200];

	unit_puts(dir, "host/x", "host");
	unit_puts(dir, "t/usr/lib/x", "tree");
	snprintf(path, sizeof(path), "%s/t/lib", dir);
	assert_int_equal(symlink("usr/lib", path), 0);
	snprintf(path, sizeof(path), "%s/t/out", dir);
	snprintf(target, sizeof(target), "%s/host", dir);
	assert_int_equal(symlink(target, path), 0);
	snprintf(path, sizeof(path), "%s/t/up", dir);
	assert_int_equal(symlink("../host", path), 0);
}

static void nothing_below_an_anchor_leads_out(void **state)
{
	_cleanup_strv_ struct strv names = { 0 };
	struct root root = { .prefix = *state };
	static const char *const out[] = { "/t/out/x", "/t/up/x", "/t/lib/../../../host/x", "//t/./up/x", "/./t/up/x" };
	DIR *d;

	put_tree(*state);
	assert_true(root_exists(&root, "/t/up/x"));
	assert_int_equal(root_anchor_add(&root, "/t/"), 0);
	for (size_t i = 0; i < ELEMENTSOF(out); i++) {
		assert_false(root_exists(&root, out[i]));
		assert_int_equal(root_open(&root, out[i], 0), -ENOENT);
		assert_int_equal(root_create(&root, out[i], 0, 0644), -ENOENT);
		assert_int_equal(root_unlink(&root, out[i]), -ENOENT);
	}
	assert_int_equal(root_opendir(&root, "/t/up", &d), -ENOENT);
	assert_int_equal(root_list(&root, "/t/out", &names), -ENOENT);
	assert_int_equal(root_mkdirs(&root, "/t/up/new"), -ENOENT);
	assert_true(root_exists(&root, "/host/x"));
	root_anchors_close(&root);
}

static void links_inside_an_anchor_work(void **state)
{
	_cleanup_strv_ struct strv names = { 0 };
	struct root root = { .prefix = *state };

	put_tree(*state);
	assert_int_equal(root_anchor_add(&root, "/t"), 0);
	assert_true(root_is_regular(&root, "/t/lib/x"));
	assert_int_equal(root_mkdirs(&root, "/t/lib/a/./b"), 0);
	assert_int_equal(root_mkdirs(&root, "/t/lib/x/c"), -ENOTDIR);
	assert_int_equal(root_unlink(&root, "/t/lib/x"), 0);
	assert_int_equal(root_list(&root, "/t/usr/lib", &names), 0);
	assert_int_equal(names.n, 1);
	assert_string_equal(names.items[0], "a");
	root_anchors_close(&root);
}

static void an_exchanged_anchor_stays_the_directory_that_was_opened(void **state)
{
	struct root root = { .prefix = *state };
	char from[4096], to[4096];

	put_tree(*state);
	assert_int_equal(root_anchor_add(&root, "/t"), 0);
	snprintf(from, sizeof(from), "%s/t", (char *)*state);
	snprintf(to, sizeof(to), "%s/moved", (char *)*state);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(symlink("host", from), 0);
	assert_false(root_exists(&root, "/t/x"));
	assert_true(root_exists(&root, "/t/lib/x"));
	root_anchors_close(&root);
}

static void the_nearest_anchor_counts_and_a_path_that_leaves_it_has_none(void **state)
{
	struct root root = { .prefix = *state };

	put_tree(*state);
	unit_puts(*state, "t/usr/lib/a/y", "tree");
	assert_int_equal(root_anchor_add(&root, "/t"), 0);
	assert_int_equal(root_anchor_add(&root, "/t/lib"), 0);
	assert_int_equal(root_anchor_add(&root, "/"), 0);
	assert_int_equal(root_anchor_add(&root, ""), 0);
	assert_false(root_exists(&root, "/t/lib/../x"));
	assert_true(root_exists(&root, "/t/lib//x"));
	assert_true(root_exists(&root, "/t/lib/./a/../../x"));
	assert_true(root_exists(&root, "/t/../host/x"));
	assert_false(root_is_anchored(&root, "/tt/x"));
	assert_false(root_is_anchored(&root, "/host"));
	root_anchors_close(&root);
	assert_false(root_is_anchored(&root, "/t/lib"));
}

static void an_anchor_that_is_not_there_is_made_with_its_directories(void **state)
{
	struct root root = { .prefix = *state };

	assert_int_equal(root_anchor_add(&root, "/new/tree"), 0);
	assert_int_equal(root_open(&root, "/new/tree/a", 0), -ENOENT);
	assert_int_equal(root_mkdirs(&root, "/new/tree/a/b"), 0);
	assert_true(root_exists(&root, "/new/tree/a/b"));
	root_anchors_close(&root);
	assert_true(root_exists(&root, "/new/tree/a/b"));
}

static void a_directory_stands_for_the_root_of_another_machine(void **state)
{
	struct root root = { .prefix = *state };

	put_tree(*state);
	unit_link(*state, "t/absolute", "/lib/x");
	unit_link(*state, "t/out", "/host/x");
	unit_link(*state, "t/up2", "../../host/x");
	assert_int_equal(root_enter(&root, "/none"), -ENOENT);
	root_anchors_close(&root);
	assert_int_equal(root_enter(&root, "/t"), 0);
	assert_true(root_exists(&root, "/lib/x"));
	assert_true(root_exists(&root, "/absolute"));
	assert_false(root_exists(&root, "/out"));
	assert_false(root_exists(&root, "/up2"));
	assert_false(root_exists(&root, "/t/lib/x"));
	root_anchors_close(&root);
}

static void relative_paths_lie_below_an_anchor_too(void **state)
{
	struct root root = ROOT_REAL;
	char *before = get_current_dir_name();

	put_tree(*state);
	assert_int_equal(chdir(*state), 0);
	assert_int_equal(root_anchor_add(&root, "t"), 0);
	assert_false(root_exists(&root, "t/up/x"));
	assert_true(root_exists(&root, "t/lib/x"));
	assert_true(root_exists(&root, "host/x"));
	root_anchors_close(&root);
	assert_int_equal(chdir(before), 0);
	free(before);
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
		unit_test_in_dir(nothing_below_an_anchor_leads_out),
		unit_test_in_dir(links_inside_an_anchor_work),
		unit_test_in_dir(an_exchanged_anchor_stays_the_directory_that_was_opened),
		unit_test_in_dir(the_nearest_anchor_counts_and_a_path_that_leaves_it_has_none),
		unit_test_in_dir(an_anchor_that_is_not_there_is_made_with_its_directories),
		unit_test_in_dir(a_directory_stands_for_the_root_of_another_machine),
		unit_test_in_dir(relative_paths_lie_below_an_anchor_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
