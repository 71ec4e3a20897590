// SPDX-License-Identifier: MIT
#include "base/signals.h"

#include <errno.h>
#include <stddef.h>
#include <sys/signalfd.h>

#include "base/cleanup.h"

static const int ending_signals[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGPIPE, SIGTERM,
				      SIGXFSZ, SIGXCPU, SIGUSR1, SIGUSR2, SIGALRM };

static void fill(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < ELEMENTSOF(ending_signals); i++)
		sigaddset(set, ending_signals[i]);
}

void signals_hold(struct signals *s)
{
	sigset_t ending;

	fill(&ending);
	pthread_sigmask(SIG_BLOCK, &ending, &s->before);
}

void signals_release(const struct signals *s)
{
	pthread_sigmask(SIG_SETMASK, &s->before, NULL);
}

void signals_let_through(void)
{
	sigset_t ending;

	fill(&ending);
	pthread_sigmask(SIG_UNBLOCK, &ending, NULL);
}

/* Ignored signals (nohup) are also pending while they are held, but will not end the process. */
bool signals_waiting(void)
{
	struct sigaction action;
	sigset_t waiting;

	if (sigpending(&waiting) < 0)
		return false;
	for (size_t i = 0; i < ELEMENTSOF(ending_signals); i++)
		if (sigismember(&waiting, ending_signals[i]) == 1 && sigaction(ending_signals[i], NULL, &action) == 0 &&
		    action.sa_handler != SIG_IGN)
			return true;
	return false;
}

int signals_open(void)
{
	sigset_t ending;
	int fd;

	fill(&ending);
	fd = signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}
