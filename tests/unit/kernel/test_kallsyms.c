// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "read/kernel/kallsyms.h"

static void names_of_kernel_and_modules_are_known(void **state)
{
	_cleanup_kallsyms_ struct kallsyms k = { 0 };
	char *dir = unit_mkdtemp();
	struct root root = { .prefix = dir };

	(void)state;
	unit_puts(dir, "proc/kallsyms",
		  "ffffffff81000000 T _text\n0000000000000000 t hidden\nodd\n\nffffffffc0000000 T of_module\t[m]");
	assert_int_equal(kallsyms_read(&root, &k), 0);
	assert_true(kallsyms_has(&k, "_text"));
	assert_true(kallsyms_has(&k, "hidden"));
	assert_true(kallsyms_has(&k, "of_module"));
	assert_false(kallsyms_has(&k, "m"));
	assert_false(kallsyms_has(&k, "odd"));
	unit_rmdir(dir);
}

/* Nothing may be concluded from a table that was not shown. */
static void no_table_is_no_answer(void **state)
{
	struct kallsyms k;
	char *dir = unit_mkdtemp();
	struct root root = { .prefix = dir };

	(void)state;
	assert_int_equal(kallsyms_read(&root, &k), -ENOENT);
	unit_puts(dir, "proc/kallsyms", "");
	assert_int_equal(kallsyms_read(&root, &k), -ENODATA);
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_kernel_and_modules_are_known),
		cmocka_unit_test(no_table_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
