// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <poll.h>
#include <sys/wait.h>

#include "base/signals.h"

static void held_signals_wait_and_are_seen(void **state _unused_)
{
	struct signals held;
	struct pollfd p;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		signals_hold(&held);
		p = (struct pollfd){ .fd = signals_open(), .events = POLLIN };
		if (signals_waiting() || poll(&p, 1, 0) != 0)
			_exit(1);
		raise(SIGTERM);
		if (!signals_waiting() || poll(&p, 1, 0) != 1)
			_exit(2);
		signals_release(&held);
		_exit(3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void ignored_signals_end_nothing(void **state _unused_)
{
	struct signals held;

	signal(SIGHUP, SIG_IGN);
	signals_hold(&held);
	raise(SIGHUP);
	assert_false(signals_waiting());
	signals_release(&held);
	signal(SIGHUP, SIG_DFL);
}

static void holds_may_be_nested(void **state _unused_)
{
	struct signals outer, inner;
	sigset_t now;

	signals_hold(&outer);
	signals_hold(&inner);
	signals_release(&inner);
	pthread_sigmask(SIG_BLOCK, NULL, &now);
	assert_int_equal(sigismember(&now, SIGINT), 1);
	signals_let_through();
	pthread_sigmask(SIG_BLOCK, NULL, &now);
	assert_int_equal(sigismember(&now, SIGINT), 0);
	signals_release(&outer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(held_signals_wait_and_are_seen),
		cmocka_unit_test(ignored_signals_end_nothing),
		cmocka_unit_test(holds_may_be_nested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
