// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "read/conf/sysctl.h"

#define KEY "kernel.modules_disabled"

static void a_line_that_sets_it_is_found(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
	} table[] = {
		{ "", 0 },
		{ "kernel.modules_disabled=1", 1 },
		{ "\n\t kernel.modules_disabled \t=1\n", 2 },
		{ "-kernel/modules_disabled = 1\n", 1 },
		{ "kernel.modules_disabled=0\nkernel.modules_disabled=1\nkernel.other=1\n", 2 },
		{ "# kernel.modules_disabled=1\n;kernel.modules_disabled=1\n", 0 },
		{ "kernel.modules_disabled\nkernel.modules_disabled2=1\nxkernel.modules_disabled=1\nkernel.modules",
		  0 },
		{ "kernel-modules_disabled=1\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(table); i++)
		assert_int_equal(sysctl_find_line(span_of_str(table[i].text), KEY), table[i].line);
}

static void the_last_file_counts(void **state)
{
	struct sysctl_entry e;
	char *dir = unit_mkdtemp();
	const struct root root = { .prefix = dir };

	(void)state;
	assert_int_equal(sysctl_find(&root, KEY, &e), 0);
	unit_puts(dir, "usr/lib/sysctl.d/90-b.conf", "\n" KEY "=1\n");
	unit_puts(dir, "etc/sysctl.d/10-a.conf", KEY "=1\n");
	assert_int_equal(sysctl_find(&root, KEY, &e), 1);
	assert_string_equal(e.file, "/usr/lib/sysctl.d/90-b.conf");
	assert_int_equal(e.line, 2);
	free(e.file);
	unit_puts(dir, "etc/sysctl.d/90-b.conf", "# masks the other one\n");
	assert_int_equal(sysctl_find(&root, KEY, &e), 1);
	assert_string_equal(e.file, "/etc/sysctl.d/10-a.conf");
	free(e.file);
	unit_puts(dir, "etc/sysctl.conf", KEY "=1\n");
	assert_int_equal(sysctl_find(&root, KEY, &e), 1);
	assert_string_equal(e.file, "/etc/sysctl.conf");
	free(e.file);
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_that_sets_it_is_found),
		cmocka_unit_test(the_last_file_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
