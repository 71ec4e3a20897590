// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>

#include "face/common/progress.h"

struct terminal {
	int master;
	FILE *out;
};

static int set_up(void **state)
{
	struct terminal *t = calloc(1, sizeof(*t));
	struct termios raw = { 0 };
	int slave;

	assert_non_null(t);
	cfmakeraw(&raw);
	assert_int_equal(openpty(&t->master, &slave, NULL, &raw, NULL), 0);
	assert_int_equal(fcntl(t->master, F_SETFL, O_NONBLOCK), 0);
	t->out = fdopen(slave, "w");
	assert_non_null(t->out);
	assert_int_equal(unsetenv("DPKG_MAINTSCRIPT_PACKAGE"), 0);
	*state = t;
	return 0;
}

static int tear_down(void **state)
{
	struct terminal *t = *state;

	fclose(t->out);
	close(t->master);
	free(t);
	return 0;
}

static void assert_shown(const struct terminal *t, const char *want)
{
	char seen[256];
	ssize_t n = read(t->master, seen, sizeof(seen) - 1);

	seen[n > 0 ? n : 0] = '\0';
	assert_string_equal(seen, want);
}

static void silent_at_first(void **state)
{
	struct terminal *t = *state;
	struct progress p;

	progress_init(&p, t->out, "depmod", "modules");
	p.start.tv_sec += 1;
	progress_show(&p, 1, 10);
	progress_done(&p);
	assert_shown(t, "");
}

static void shown_after_half_a_second_and_wiped(void **state)
{
	struct terminal *t = *state;
	struct progress p;

	progress_init(&p, t->out, "depmod", "modules");
	p.start.tv_sec -= 2;
	progress_show(&p, 3, 10);
	assert_shown(t, "\rdepmod: [######              ]  30%, 3 of 10 modules, 5 s left\033[K");
	p.last.tv_sec += 1;
	progress_show(&p, 4, 10);
	assert_shown(t, "");
	p.last.tv_sec -= 2;
	progress_show(&p, 6, 10);
	assert_shown(t, "\rdepmod: [############        ]  60%, 6 of 10 modules, 2 s left\033[K");
	progress_show(&p, 10, 10);
	assert_shown(t, "\r\033[K");
	progress_done(&p);
	assert_shown(t, "");
}

static void never_on_a_dumb_terminal(void **state)
{
	struct terminal *t = *state;
	struct progress p;

	setenv("TERM", "dumb", 1);
	progress_init(&p, t->out, "depmod", "modules");
	setenv("TERM", "xterm", 1);
	p.start.tv_sec -= 1;
	progress_show(&p, 3, 10);
	progress_done(&p);
	assert_shown(t, "");
}

static void never_in_scripts_of_packages(void **state)
{
	struct terminal *t = *state;
	struct progress p;

	setenv("DPKG_MAINTSCRIPT_PACKAGE", "linux-image-1.2.3", 1);
	progress_init(&p, t->out, "depmod", "modules");
	p.start.tv_sec -= 1;
	progress_show(&p, 3, 10);
	progress_done(&p);
	assert_shown(t, "");
}

static void never_into_a_file(void **state _unused_)
{
	_cleanup_fclose_ FILE *f = tmpfile();
	struct progress p;

	assert_non_null(f);
	progress_init(&p, f, "depmod", "modules");
	p.start.tv_sec -= 1;
	progress_show(&p, 3, 10);
	progress_done(&p);
	assert_int_equal(ftell(f), 0);
}

/* In another process, which the signal ends. */
static void a_signal_wipes_it_and_ends_the_process(void **state)
{
	struct terminal *t = *state;
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		struct progress p;

		progress_init(&p, t->out, "depmod", "modules");
		p.start.tv_sec -= 1;
		progress_show(&p, 3, 10);
		raise(SIGINT);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	assert_shown(t, "\rdepmod: [######              ]  30%, 3 of 10 modules, 3 s left\033[K\r\033[K");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(silent_at_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(shown_after_half_a_second_and_wiped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(never_on_a_dumb_terminal, set_up, tear_down),
		cmocka_unit_test_setup_teardown(never_in_scripts_of_packages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_signal_wipes_it_and_ends_the_process, set_up, tear_down),
		cmocka_unit_test(never_into_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
