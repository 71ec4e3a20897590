// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <sys/wait.h>

#include "base/spawn.h"

static void status_and_environment(void **state)
{
	const char *env[] = { "KMODCTL_TEST=yes", NULL };
	int status = spawn_shell("test \"$KMODCTL_TEST\" = yes && exit 3", env);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_null(getenv("KMODCTL_TEST"));
}

static void signal_is_seen(void **state)
{
	int status = spawn_shell("kill -9 $$", NULL);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), 9);
}

static void argv_without_shell(void **state)
{
	const char *argv[] = { "sh", "-c", "exit 4", NULL }, *none[] = { "/nonexistent/x", NULL };

	(void)state;
	assert_int_equal(WEXITSTATUS(spawn_argv(argv, -1)), 4);
	assert_int_equal(WEXITSTATUS(spawn_argv(none, -1)), 127);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_and_environment),
		cmocka_unit_test(signal_is_seen),
		cmocka_unit_test(argv_without_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
