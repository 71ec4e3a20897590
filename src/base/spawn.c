// SPDX-License-Identifier: MIT
#include "base/spawn.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/signals.h"

/* As system(3) does: the waiting parent is not killed by terminal signals that are meant for the child. */
struct held_signals {
	struct sigaction interrupt, quit;
	sigset_t mask;
};

static void hold_for_child(struct held_signals *h)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t chld;

	sigemptyset(&ignore.sa_mask);
	sigaction(SIGINT, &ignore, &h->interrupt);
	sigaction(SIGQUIT, &ignore, &h->quit);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, &h->mask);
}

static void hold_no_more(const struct held_signals *h)
{
	sigaction(SIGINT, &h->interrupt, NULL);
	sigaction(SIGQUIT, &h->quit, NULL);
	sigprocmask(SIG_SETMASK, &h->mask, NULL);
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return status;
}

int spawn_shell(const char *command, const char *const *env)
{
	struct held_signals held;
	pid_t pid;
	int r;

	hold_for_child(&held);
	pid = fork();
	if (pid == 0) {
		hold_no_more(&held);
		signals_let_through();
		for (; env && *env; env++)
			putenv((char *)(uintptr_t)*env);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	r = pid < 0 ? -errno : wait_for(pid);
	hold_no_more(&held);
	return r;
}

int spawn_argv(const char *const *argv, int in_fd, int out_fd)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		signals_let_through();
		if ((in_fd >= 0 && dup2(in_fd, STDIN_FILENO) < 0) || (out_fd >= 0 && dup2(out_fd, STDOUT_FILENO) < 0))
			_exit(127);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	return wait_for(pid);
}
