// SPDX-License-Identifier: MIT
#include "face/common/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fileio.h"

#define WORDS_MAX 16

static bool is_privileged(void)
{
	return geteuid() == 0 || geteuid() != getuid();
}

bool pager_is_for_another_user(void)
{
	static const char *const came_along[] = { "SUDO_UID", "SUDO_USER", "DOAS_USER", "PKEXEC_UID" };

	for (size_t i = 0; i < ELEMENTSOF(came_along) && is_privileged(); i++)
		if (getenv(came_along[i]))
			return true;
	return false;
}

/* Root's own environment may name a program; one that came along through sudo, doas, pkexec or a
 * set-user-ID program may not. */
static const char *chosen_pager(void)
{
	const char *name = secure_getenv("KMODCTL_PAGER");

	if (pager_is_for_another_user())
		return NULL;
	return name ? name : secure_getenv("PAGER");
}

static bool is_none(const char *name)
{
	return strcmp(name, "") == 0 || strcmp(name, "cat") == 0;
}

/* The words of a command line without quoting; too many: none. */
static bool split(char *line, char *ret[WORDS_MAX])
{
	size_t n = 0;

	for (char *save, *word = strtok_r(line, " \t", &save); word; word = strtok_r(NULL, " \t", &save)) {
		if (n + 1 == WORDS_MAX)
			return false;
		ret[n++] = word;
	}
	ret[n] = NULL;
	return n > 0;
}

static void run_word(const char *name)
{
	_cleanup_free_ char *line = strdup(name);
	char *words[WORDS_MAX];

	if (line && split(line, words))
		execvp(words[0], words);
}

/* Where no program is found, what comes is copied. */
static void copy_through(void)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(STDIN_FILENO, bytes, sizeof(bytes))) > 0)
		if (fd_write_all(STDOUT_FILENO, bytes, (size_t)n) < 0)
			break;
}

void pager_secure(void)
{
	if (!is_privileged())
		return;
	setenv("LESSSECURE", "1", 1);
	unsetenv("LESSOPEN");
	unsetenv("LESSCLOSE");
}

static _Noreturn void become_pager(const char *chosen)
{
	setenv("LESS", "FRX", 0);
	setenv("LESSCHARSET", "utf-8", 0);
	pager_secure();
	if (chosen)
		run_word(chosen);
	run_word("less");
	/* more starts a shell for whoever types !sh, and cannot be told not to. */
	if (!pager_is_for_another_user())
		run_word("more");
	copy_through();
	_exit(0);
}

/* In the child: nothing but an end of the pipe means that the text fits on the screen, or that there is none. */
static _Noreturn void wait_for_text(int from, const char *chosen)
{
	struct pollfd fd = { .fd = from, .events = POLLIN };

	signal(SIGINT, SIG_IGN); /* one that comes before the pager runs is meant for the command */
	while (poll(&fd, 1, -1) < 0 && errno == EINTR)
		;
	if (!(fd.revents & POLLIN) || dup2(from, STDIN_FILENO) < 0)
		_exit(0);
	signal(SIGINT, SIG_DFL);
	become_pager(chosen);
}

int pager_start(struct pager *p)
{
	const char *chosen = chosen_pager();
	int ends[2];

	if (chosen && is_none(chosen))
		return 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	p->child = fork();
	if (p->child == 0) {
		close(ends[1]);
		wait_for_text(ends[0], chosen);
	}
	close(ends[0]);
	if (p->child < 0) {
		int r = -errno;

		close(ends[1]);
		return r;
	}
	p->to = ends[1];
	return 1;
}

int pager_finish(struct pager *p, struct span text)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, interrupt, broken_pipe;

	/* Keys that the reader presses are the pager's, and who leaves it early has seen enough. */
	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGPIPE, &ignore, &broken_pipe);
	if (text.n)
		(void)fd_write_all(p->to, text.p, text.n);
	close(p->to);
	while (waitpid(p->child, NULL, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGPIPE, &broken_pipe, NULL);
	sigaction(SIGINT, &interrupt, NULL);
	return text.n > 0;
}
