// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "read/kernel/settings.h"

static void values_without_their_newline(void **state _unused_)
{
	char *dir = unit_mkdtemp();
	struct root root = { .prefix = dir };
	struct settings s;

	assert_int_equal(settings_read(&root, "m", &s), 0);
	assert_int_equal(s.n, 0);
	unit_puts(dir, "sys/module/m/parameters/two_words", "a b\n");
	unit_puts(dir, "sys/module/m/parameters/empty", "\n");
	unit_puts(dir, "sys/module/m/parameters/lines", "1\n2\n");
	unit_puts(dir, "sys/module/m/parameters/directory/x", "");
	assert_int_equal(settings_read(&root, "m", &s), 0);
	assert_int_equal(s.n, 3); /* the directory is none */
	assert_string_equal(s.items[0].name, "empty");
	assert_string_equal(settings_find(&s, "two-words")->value, "a b");
	assert_string_equal(settings_find(&s, "empty")->value, "");
	assert_string_equal(settings_find(&s, "lines")->value, "1\n2");
	assert_null(settings_find(&s, "nosuch"));
	settings_done(&s);
	unit_rmdir(dir);
}

/* A page of sysfs has up to 64 KiB. */
static void long_values_are_read_whole(void **state)
{
	const struct root root = { .prefix = *state };
	_cleanup_settings_ struct settings s = { 0 };
	char value[20001];

	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	unit_puts(*state, "sys/module/m/parameters/long", value);
	assert_int_equal(settings_read(&root, "m", &s), 0);
	assert_string_equal(settings_find(&s, "long")->value, value);
}

static void modes_tell_what_is_writable(void **state)
{
	const struct root root = { .prefix = *state };
	_cleanup_settings_ struct settings s = { 0 };
	char path[1024];

	unit_puts(*state, "sys/module/m/parameters/fixed", "1\n");
	unit_puts(*state, "sys/module/m/parameters/level", "1\n");
	snprintf(path, sizeof(path), "%s/sys/module/m/parameters/fixed", (const char *)*state);
	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(settings_read(&root, "m", &s), 0);
	assert_false(setting_is_writable(settings_find(&s, "fixed")));
	assert_true(setting_is_writable(settings_find(&s, "level")));
}

/* Also where a directory stands for "/": nothing of a longer old value is left. */
static void writing_replaces_the_whole_value(void **state)
{
	const struct root root = { .prefix = *state };
	_cleanup_settings_ struct settings s = { 0 };

	unit_puts(*state, "sys/module/m/parameters/level", "12345\n");
	assert_int_equal(setting_write(&root, "m", "level", "7"), 0);
	assert_int_equal(settings_read(&root, "m", &s), 0);
	assert_string_equal(settings_find(&s, "level")->value, "7");
	assert_int_equal(setting_write(&root, "m", "none", "7"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_without_their_newline),
		unit_test_in_dir(long_values_are_read_whole),
		unit_test_in_dir(modes_tell_what_is_writable),
		unit_test_in_dir(writing_replaces_the_whole_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
