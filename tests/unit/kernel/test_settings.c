// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "read/kernel/settings.h"

static void values_without_their_newline(void **state _unused_)
{
	char *dir = unit_mkdtemp();
	struct root root = { dir };
	struct settings s;

	assert_int_equal(settings_read(&root, "m", &s), 0);
	assert_int_equal(s.n, 0);
	unit_puts(dir, "sys/module/m/parameters/two_words", "a b\n");
	unit_puts(dir, "sys/module/m/parameters/empty", "\n");
	unit_puts(dir, "sys/module/m/parameters/lines", "1\n2\n");
	unit_puts(dir, "sys/module/m/parameters/directory/x", "");
	assert_int_equal(settings_read(&root, "m", &s), 0);
	assert_int_equal(s.n, 4);
	assert_string_equal(s.items[0].name, "directory");
	assert_null(s.items[0].value);
	assert_string_equal(settings_find(&s, "two-words")->value, "a b");
	assert_string_equal(settings_find(&s, "empty")->value, "");
	assert_string_equal(settings_find(&s, "lines")->value, "1\n2");
	assert_null(settings_find(&s, "nosuch"));
	settings_done(&s);
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_without_their_newline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
