// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "system/release.h"

static int say_release(void *data, struct utsname *ret)
{
	*ret = (struct utsname){ 0 };
	snprintf(ret->release, sizeof(ret->release), "%s", (const char *)data);
	return 0;
}

static const struct kernel_calls calls = { .uname = say_release };

static void versions_are_two_numbers(void **state _unused_)
{
	static const struct {
		const char *release;
		unsigned version;
	} cases[] = {
		{ "6.12.1-arch1", 612 }, { "6.12", 612 }, { "6.9-rc3", 609 }, { "5.0.0", 500 }, { "10.2", 1002 },
	};
	static const char *const bad[] = { "", "6", "6.", "6.x", ".12", "-6.12", " 6.12", "x6.12", "6 .12" };
	unsigned v = 7;

	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		assert_int_equal(release_version(cases[i].release, &v), 0);
		assert_int_equal(v, cases[i].version);
	}
	v = 7;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		assert_int_equal(release_version(bad[i], &v), -EINVAL);
	assert_int_equal(v, 7);
}

/* It was 0 for one reader, 610 for another, and that of 7.0 for a third. */
static void a_minor_of_three_digits_stays_below_the_next_major(void **state _unused_)
{
	unsigned v;

	assert_int_equal(release_version("6.100", &v), 0);
	assert_int_equal(v, 699);
	assert_int_equal(release_version("6.99999999999999999999", &v), 0);
	assert_int_equal(v, 699);
}

static void names_of_releases_stay_inside_their_directory(void **state _unused_)
{
	static const char *const good[] = { "6.12.1-arch1", "6.12", "5.14.0-1.el9+x86_64", "6.1~rc1" };
	static const char *const bad[] = { "",      ".",     "..",         "6.1/../../etc", "/6.1",
					   "6.1\n", "6.1 x", "6.1\x1b[1m", "6.1\xc2\xa0" };
	char longest[RELEASE_MAX + 1] = "";

	for (size_t i = 0; i < ELEMENTSOF(good); i++)
		assert_true(release_is_name(good[i]));
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		assert_false(release_is_name(bad[i]));
	memset(longest, '6', RELEASE_MAX - 1);
	assert_true(release_is_name(longest));
	longest[RELEASE_MAX - 1] = '6';
	assert_false(release_is_name(longest));
}

static void directory_of_a_release(void **state _unused_)
{
	const struct kernel kernel = { .calls = &calls, .data = (char[]){ "6.1.0" } };
	_cleanup_free_ char *running = NULL, *named = NULL, *below = NULL;

	assert_int_equal(release_dir(&kernel, NULL, NULL, &running), 0);
	assert_string_equal(running, "/lib/modules/6.1.0");
	assert_int_equal(release_dir(&kernel, "", "5.0", &named), 0);
	assert_string_equal(named, "/lib/modules/5.0");
	assert_int_equal(release_dir(&kernel, "/base", "5.0", &below), 0);
	assert_string_equal(below, "/base/lib/modules/5.0");
}

static void installed_releases_have_indexes(void **state)
{
	const struct root root = { .prefix = *state };
	_cleanup_strv_ struct strv found = { 0 };

	assert_int_equal(releases_installed(&root, &found), 0);
	assert_int_equal(found.n, 0);
	unit_puts(*state, "lib/modules/6.2/modules.dep.bin", "");
	unit_puts(*state, "lib/modules/6.1/modules.dep.bin", "");
	unit_puts(*state, "lib/modules/removed/modules.order", "");
	unit_puts(*state, "lib/modules/.hidden/modules.dep.bin", "");
	assert_int_equal(releases_installed(&root, &found), 0);
	assert_int_equal(found.n, 2);
	assert_string_equal(found.items[0], "6.1");
	assert_string_equal(found.items[1], "6.2");
}

static void catalog_of_a_release(void **state)
{
	const struct kernel kernel = { .calls = &calls, .data = (char[]){ "6.1.0" } };
	const struct sys sys = { .root = { .prefix = *state }, .kernel = &kernel };
	_cleanup_(catalog_close_p) struct catalog *catalog = NULL;

	assert_int_equal(system_open_catalog(&sys, NULL, NULL, NULL, &catalog), 0);
	assert_string_equal(catalog_dir(catalog), "/lib/modules/6.1.0");
	assert_null(catalog_reader(catalog, CATALOG_DEP));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_two_numbers),
		cmocka_unit_test(a_minor_of_three_digits_stays_below_the_next_major),
		cmocka_unit_test(names_of_releases_stay_inside_their_directory),
		cmocka_unit_test(directory_of_a_release),
		unit_test_in_dir(installed_releases_have_indexes),
		unit_test_in_dir(catalog_of_a_release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
