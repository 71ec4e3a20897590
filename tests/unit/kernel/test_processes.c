// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "read/kernel/processes.h"

static void only_numbers_are_processes(void **state _unused_)
{
	char *dir = unit_mkdtemp();
	struct root root = { .prefix = dir };
	struct processes p = { 0 };
	pid_t pid, sum = 0;

	assert_int_equal(processes_open(&root, &p), -ENOENT);
	unit_puts(dir, "proc/12/comm", "one\n");
	unit_puts(dir, "proc/30/comm", "two\n");
	unit_puts(dir, "proc/self/comm", "me\n");
	unit_puts(dir, "proc/4294967295/comm", "too large\n");
	unit_puts(dir, "proc/7x/comm", "");
	assert_int_equal(processes_open(&root, &p), 0);
	while (processes_next(&p, &pid) > 0)
		sum += pid;
	assert_int_equal(sum, 42);
	processes_close(&p);
	unit_rmdir(dir);
}

static void a_process_that_has_gone_has_no_name(void **state _unused_)
{
	char *dir = unit_mkdtemp(), name[PROCESS_NAME_MAX];
	struct root root = { .prefix = dir };

	unit_puts(dir, "proc/12/comm", "a daemon\n");
	process_name(&root, 12, name);
	assert_string_equal(name, "a daemon");
	process_name(&root, 13, name);
	assert_string_equal(name, "?");
	unit_rmdir(dir);
}

static void one_process_of_each_other_namespace(void **state _unused_)
{
	char *dir = unit_mkdtemp();
	struct root root = { .prefix = dir };
	_cleanup_pids_ struct pids found = { 0 };

	unit_link(dir, "proc/self/ns/net", "net:[1]");
	unit_link(dir, "proc/1/ns/net", "net:[1]");
	unit_link(dir, "proc/5/ns/net", "net:[2]");
	unit_link(dir, "proc/6/ns/net", "net:[2]");
	unit_puts(dir, "proc/7/comm", "no namespace\n");
	assert_int_equal(processes_of_namespaces(&root, "net", &found), 0);
	assert_int_equal(found.n, 1);
	assert_true(found.items[0] == 5 || found.items[0] == 6);
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_numbers_are_processes),
		cmocka_unit_test(a_process_that_has_gone_has_no_name),
		cmocka_unit_test(one_process_of_each_other_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
