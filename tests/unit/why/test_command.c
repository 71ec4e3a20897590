// SPDX-License-Identifier: MIT
#include "unit.h"

#include "verb/why/parts.h"

static void commands_that_keep_a_module_out(void **state)
{
	static const char *const nothing[] = { "/bin/false",
					       "  \t/usr/bin/true   # CIS 1.1.1.3",
					       ":",
					       "exit 1",
					       "exit",
					       "/dev/null",
					       "exec /bin/false",
					       "/bin/true >/dev/null 2>&1",
					       "/bin/true > /dev/null",
					       "true; exit 1",
					       "false || true",
					       "/usr/bin/false foo bar",
					       "/bin/echo false",
					       "echo \"not allowed here\" >&2; exit 1",
					       "printf 'no\\n' >/dev/stderr",
					       "/usr/bin/logger -t kmod 'not [allowed]' # by policy",
					       "sh -c 'exit 1'",
					       "/bin/sh -c \"echo no; exit 1\" # by policy",
					       "/usr/lib/refuse foo" };
	char *dir = unit_mkdtemp();
	const struct root root = { .prefix = dir };

	(void)state;
	unit_puts(dir, "usr/lib/refuse", "#!/bin/bash\n# refuses\n\n  echo 'not allowed'\nexit 1\nmodprobe -i x\n");
	for (size_t i = 0; i < ELEMENTSOF(nothing); i++)
		if (!why_command_does_nothing(&root, nothing[i]))
			fail_msg("%s", nothing[i]);
	unit_rmdir(dir);
}

static void commands_that_may_do_something(void **state)
{
	static const char *const something[] = { "",
						 "# nothing",
						 "echo $(load)",
						 "echo 1 >/sys/bus/x",
						 "echo x; load",
						 "sh -c 'load'",
						 "sh -c 'exit 1' && load",
						 "sh -c 'exit 1",
						 "sh -x -c 'exit 1'",
						 "/usr/lib/load",
						 "/usr/lib/binary",
						 "/usr/lib/other",
						 "/usr/lib/empty",
						 "usr/lib/load",
						 "/usr/lib/gone",
						 "true && modprobe -i foo",
						 "/sbin/modprobe --ignore-install foo",
						 "false || insmod foo.ko",
						 "exit `load`",
						 "true $(load)",
						 "falsely",
						 "/opt/false/run",
						 "false#; load",
						 "/usr/lib/pipe",
						 "/opt/false",
						 "{ false; }",
						 "false\nload",
						 "true > /tmp/x",
						 ": >/sys/bus/unbind",
						 "true < /dev/zero",
						 "true >> /etc/modules" };
	char *dir = unit_mkdtemp();
	const struct root root = { .prefix = dir };

	(void)state;
	unit_puts(dir, "usr/lib/load", "#!/bin/sh\necho x\nmodprobe -i foo\nexit 1\n");
	unit_puts(dir, "usr/lib/binary", "\177ELF");
	unit_puts(dir, "usr/lib/other", "#!/usr/bin/python3\nexit\n");
	unit_puts(dir, "usr/lib/empty", "#!/bin/sh\n");
	unit_puts(dir, "usr/lib/pipe", "#!/bin/sh\nexit 1 | true\nload\n");
	for (size_t i = 0; i < ELEMENTSOF(something); i++)
		if (why_command_does_nothing(&root, something[i]))
			fail_msg("%s", something[i]);
	unit_rmdir(dir);
}

static void commands_that_load_the_module_again(void **state)
{
	static const struct {
		const char *command;
		bool again;
	} rows[] = {
		{ "modprobe foo-bar", true },
		{ "/sbin/modprobe -v foo_bar a=1", true },
		{ "echo x; test -e /x && modprobe foo_bar $CMDLINE_OPTS", true },
		{ "modprobe -i foo_bar", false },
		{ "modprobe -qi foo_bar", false },
		{ "modprobe foo_bar --ignore-install", false },
		{ "modprobe other; echo foo_bar", false },
		{ "echo modprobe # modprobe foo_bar", false },
		{ "modprobe -i foo_bar; modprobe foo_bar", true },
		{ "if test -e /x; then A=1 exec modprobe -qb foo_bar; fi", true },
		{ "modprobe -r foo_bar", false },
		{ "modprobe -n foo_bar", false },
		{ "modprobe --show-depends foo_bar", false },
		{ "modprobe --ignore-inst foo_bar", false },
		{ "echo modprobe foo_bar", false },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++)
		if (why_command_loads_again(rows[i].command, "foo_bar") != rows[i].again)
			fail_msg("%s", rows[i].command);
}

static void commands_that_do_not_exist(void **state)
{
	static const struct {
		const char *command, *missing; /* NULL: none */
	} rows[] = {
		{ "/bin/flase", "/bin/flase" },
		{ "  /bin/flase foo  # remark", "/bin/flase" },
		{ "flase", "flase" },
		{ "/sbin/there && /bin/not", "/bin/not" },
		{ "/bin/not; /sbin/there", NULL },
		{ "/sbin/there; /bin/not;", "/bin/not" },
		{ "there $CMDLINE_OPTS", NULL },
		{ "/sbin/there --ignore-install foo $CMDLINE_OPTS", NULL },
		{ "/bin/not $CMDLINE_OPTS", "/bin/not" },
		{ "/bin/not || there", NULL },
		{ "/bin/not | there", NULL },
		{ "sh -c '/bin/not'", NULL },
		{ "$DIR/not", NULL },
		{ "./not", NULL },
		{ "A=1 /bin/not", NULL },
		{ "if /bin/not", NULL },
		{ "echo loaded", NULL },
		{ "# nothing", NULL },
		{ "", NULL },
	};
	char *dir = unit_mkdtemp(), missing[64];
	const struct root root = { .prefix = dir };

	(void)state;
	unit_puts(dir, "sbin/there", "");
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		bool is_missing = why_command_is_missing(&root, rows[i].command, missing, sizeof(missing));

		if (is_missing != !!rows[i].missing)
			fail_msg("%s", rows[i].command);
		if (is_missing)
			assert_string_equal(missing, rows[i].missing);
	}
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_that_keep_a_module_out),
		cmocka_unit_test(commands_that_may_do_something),
		cmocka_unit_test(commands_that_load_the_module_again),
		cmocka_unit_test(commands_that_do_not_exist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
