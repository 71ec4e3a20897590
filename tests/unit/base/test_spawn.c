// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <sys/wait.h>

#include "base/signals.h"
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
	assert_int_equal(WEXITSTATUS(spawn_argv(argv, -1, -1)), 4);
	assert_int_equal(WEXITSTATUS(spawn_argv(none, -1, -1)), 127);
}

/* A command started while signals are held back must still end at Ctrl-C. */
static void commands_get_the_signals_that_are_held(void **state _unused_)
{
	const char *command = "kill -TERM $$; exit 5", *argv[] = { "sh", "-c", command, NULL };
	struct signals held;
	int shell, direct;

	signals_hold(&held);
	shell = spawn_shell(command, NULL);
	direct = spawn_argv(argv, -1, -1);
	signals_release(&held);
	assert_true(WIFSIGNALED(shell));
	assert_int_equal(WTERMSIG(shell), SIGTERM);
	assert_true(WIFSIGNALED(direct));
	assert_int_equal(WTERMSIG(direct), SIGTERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_and_environment),
		cmocka_unit_test(signal_is_seen),
		cmocka_unit_test(argv_without_shell),
		cmocka_unit_test(commands_get_the_signals_that_are_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
