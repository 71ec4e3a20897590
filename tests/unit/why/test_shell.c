// SPDX-License-Identifier: MIT
/* What is said of a line of commands, held against what the machine's own /bin/sh makes of it. */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "verb/why/shell.h"

/* In an empty directory; the status, and whether it is still empty. */
static int run_shell(const char *dir, const char *command, bool *ret_idle)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		if (chdir(dir) == 0 && dup2(null, 0) == 0 && dup2(null, 1) == 1 && dup2(null, 2) == 2)
			execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(99);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	*ret_idle = rmdir(dir) == 0 && mkdir(dir, 0700) == 0;
	return WEXITSTATUS(status);
}

static void spellings_mean_what_the_shell_makes_of_them(void **state)
{
	static const struct {
		const char *command;
		int status;
	} rows[] = {
		{ "/bin/false", 1 },
		{ "'/bin/false'", 1 },
		{ "\"/bin/false\"", 1 },
		{ "/bin/fal\\se", 1 },
		{ "/bin/'fal'\"se\"", 1 },
		{ "'false'", 1 },
		{ "f'a'lse", 1 },
		{ "\\false", 1 },
		{ "\"true\" 'x y' # z", 0 },
		{ "exec /bin/false", 1 },
		{ "exec '/bin/false'", 1 },
		{ "command false", 1 },
		{ "sh -c false", 1 },
		{ "sh -c 'exit 3'", 3 },
		{ "/bin/sh -c \"exec '/bin/false'\"", 1 },
		{ "sh -c \"sh -c 'exit 4'\"", 4 },
		{ "sh -c /bin/true", 0 },
		{ "exit 1", 1 },
		{ "exit '2'", 2 },
		{ ":", 0 },
		{ ": 'a;b' \"c|d\" e\\&f", 0 },
		{ "echo 'not; allowed' >&2; exit 1", 1 },
		{ "echo \"a \\\" b; c\"", 0 },
		{ "printf '%s\\n' \"it's off\"; false", 1 },
		{ "false || true", 0 },
		{ "true && false", 1 },
		{ "true | false", 1 },
		{ "false &", 0 },
		{ "true;false;", 1 },
		{ "false>/dev/null 2>&1", 1 },
		{ "false 2>/dev/null >/dev/null", 1 },
		{ ">/dev/null false", 1 },
		{ "true </dev/null", 0 },
		{ "false >'/dev/null'", 1 },
		{ "/dev/null", 126 },
		{ "echo what? [no] {x}", 0 },
	};
	char *dir = unit_mkdtemp();

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		bool idle;
		int status = run_shell(dir, rows[i].command, &idle);

		if (!shell_does_nothing(rows[i].command) || !idle || status != rows[i].status)
			fail_msg("%s: %d", rows[i].command, status);
	}
	unit_rmdir(dir);
}

static void what_no_shell_takes_is_not_known(void **state)
{
	static const char *const unfinished[] = { "true |",   "true &&", "true ||",        "true 'x",
						  "true \"x", "true \\", "sh -c 'true |'", "true )" };

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(unfinished); i++)
		if (shell_does_nothing(unfinished[i]))
			fail_msg("%s", unfinished[i]);
}

/* Whatever is said to do nothing leaves the directory empty. */
static void random_commands_do_what_is_said(void **state)
{
	static const char *const pieces[] = {
		"true", "false",  "exit 1", "echo a", ":",  " ", " ", "'",       "\"", "\\", ";",          "&", "|",
		"&&",   "||",     ">",      "2>&1",   ">m", "#", "$", "`",       "(",  ")",  "\n",         "1", "<",
		"=",    "sh -c ", "exec ",  "\\ ",    "{",  "}", "!", "touch m", "*",  "~",  ">/dev/null",
	};
	char *dir = unit_mkdtemp(), command[128];
	unsigned seed = 1, judged = 0;

	(void)state;
	for (unsigned i = 0; i < 100000 && judged < 400; i++) {
		bool idle;

		command[0] = '\0';
		for (unsigned n = 1 + i % 8; n > 0; n--) {
			seed = seed * 1103515245 + 12345;
			strcat(command, pieces[(seed >> 16) % ELEMENTSOF(pieces)]);
		}
		if (!shell_does_nothing(command) || strlen(command) < 5)
			continue;
		judged++;
		run_shell(dir, command, &idle);
		if (!idle)
			fail_msg("%s", command);
	}
	assert_true(judged > 100);
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spellings_mean_what_the_shell_makes_of_them),
		cmocka_unit_test(what_no_shell_takes_is_not_known),
		cmocka_unit_test(random_commands_do_what_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
