// SPDX-License-Identifier: MIT
/* Which package a file came with, by the lists of package managers. */
#include "../unit.h"

#include "verb/info/owner.h"

#define FILE_OF "/lib/modules/6.1/kernel/a.ko"

static void assert_owner(const char *dir, enum owner_answer answer, const char *package)
{
	const struct root root = { .prefix = dir };
	_cleanup_arena_ struct arena strings = ARENA_INIT;
	enum owner_answer got;
	const char *name;

	assert_int_equal(owner_find(&root, FILE_OF, &strings, &got, &name), 0);
	assert_int_equal(got, answer);
	if (package)
		assert_string_equal(name, package);
	else
		assert_null(name);
}

static void without_lists_nothing_is_known(void **state)
{
	assert_owner(*state, OWNER_UNKNOWN, NULL);
}

static void only_a_whole_line_counts(void **state)
{
	unit_puts(*state, "var/lib/dpkg/info/a.list", "/x" FILE_OF "\n" FILE_OF ".xz\n");
	unit_puts(*state, "var/lib/dpkg/info/a.md5sums", FILE_OF "\n");
	assert_owner(*state, OWNER_NONE, NULL);
	unit_puts(*state, "var/lib/dpkg/info/b:amd64.list", "/.\n" FILE_OF);
	assert_owner(*state, OWNER_PACKAGE, "b:amd64");
}

static void lib_may_be_usr_lib(void **state)
{
	unit_puts(*state, "var/lib/dpkg/info/image.list", "/usr" FILE_OF "\n");
	assert_owner(*state, OWNER_PACKAGE, "image");
}

static void pacman_lists_paths_without_the_first_slash(void **state)
{
	unit_puts(*state, "var/lib/pacman/local/linux-6.1-1/files", "%FILES%\nusr" FILE_OF "\n");
	unit_puts(*state, "var/lib/pacman/local/ALPM_DB_VERSION", "9\n");
	assert_owner(*state, OWNER_PACKAGE, "linux-6.1-1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_test_in_dir(without_lists_nothing_is_known),
		unit_test_in_dir(only_a_whole_line_counts),
		unit_test_in_dir(lib_may_be_usr_lib),
		unit_test_in_dir(pacman_lists_paths_without_the_first_slash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
