// SPDX-License-Identifier: MIT
#include "face/common/prompt.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/signals.h"

#define PASSWORD_MAX 258 /* and its NUL; shim takes 256 characters */

/* Waits until there is something to read. -EINTR: a signal that ends the process came first. */
static int wait_for_input(int fd, int signals)
{
	struct pollfd p[] = { { .fd = fd, .events = POLLIN }, { .fd = signals, .events = POLLIN } };
	struct signalfd_siginfo ignored;

	for (;;) {
		if (poll(p, ELEMENTSOF(p), -1) < 0 && errno != EINTR)
			return -errno;
		if (signals_waiting())
			return -EINTR;
		if (p[1].revents && read(signals, &ignored, sizeof(ignored)) < 0)
			return -errno;
		if (p[0].revents)
			return 0;
	}
}

/* Byte by byte, so that nothing of it stays in a stdio buffer. */
static int read_line(int fd, int signals, char *ret, size_t cap)
{
	size_t n = 0, cut = 0;
	ssize_t got = 0;
	char c = '\0';
	int r;

	while ((r = wait_for_input(fd, signals)) == 0 && (got = read(fd, &c, 1)) == 1 && c != '\n') {
		if (n < cap - 1)
			ret[n++] = c;
		else
			cut++;
	}
	ret[n] = '\0';
	if (r < 0 || got < 0)
		return r < 0 ? r : -errno;
	return cut ? -EFBIG : 0;
}

/* The prompt appears once the echo is off and earlier input is discarded: all that is typed after it counts. */
static int prompt_with_signals(int in, int out, int signals, const char *prompt, char *ret, size_t cap)
{
	struct termios normal, silent;
	bool terminal = tcgetattr(in, &normal) == 0;
	int r;

	if (terminal) {
		silent = normal;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(in, TCSAFLUSH, &silent);
	}
	dprintf(out, "%s", prompt);
	r = read_line(in, signals, ret, cap);
	if (terminal)
		tcsetattr(in, TCSADRAIN, &normal);
	dprintf(out, "\n");
	return r;
}

int prompt_silent(int in, int out, const char *prompt, char *ret, size_t cap)
{
	struct signals held;
	int signals, r;

	signals_hold(&held);
	signals = signals_open();
	r = signals < 0 ? signals : prompt_with_signals(in, out, signals, prompt, ret, cap);
	close_fd_p(&signals);
	signals_release(&held);
	return r;
}

int prompt_password(struct env *env, size_t min, size_t max, char *ret)
{
	char first[PASSWORD_MAX], again[PASSWORD_MAX] = "";
	bool good = false, have_first = false;
	int r = 0;

	fflush(env->out);
	for (int attempt = 0; attempt < 3 && !good; attempt++) {
		if (!have_first)
			r = prompt_silent(STDIN_FILENO, STDOUT_FILENO, "input password: ", first, sizeof(first));
		if (r < 0 && r != -EFBIG)
			break;
		have_first = strlen(first) >= min && strlen(first) <= max;
		if (!have_first) {
			fprintf(env->err, "password should be %zu~%zu characters\n", min, max);
			continue;
		}
		prompt_silent(STDIN_FILENO, STDOUT_FILENO, "input password again: ", again, sizeof(again));
		good = strcmp(first, again) == 0;
		if (!good)
			fputs("password doesn't match\n", env->err);
	}
	if (good)
		memcpy(ret, first, strlen(first) + 1);
	explicit_bzero(first, sizeof(first));
	explicit_bzero(again, sizeof(again));
	return good ? 0 : -EINVAL;
}

int prompt_choose(void *data, size_t min, size_t max, char *ret)
{
	struct env *env = data;
	int r = prompt_password(env, min, max, ret);

	if (r < 0)
		fputs("Abort\n", env->err);
	return r;
}

int prompt_answer(void *data, const char *note, const char *prompt, char *ret, size_t cap)
{
	struct env *env = data;
	int r;

	fprintf(env->err, "%s\n", note);
	fflush(env->out);
	r = prompt_silent(STDIN_FILENO, STDOUT_FILENO, prompt, ret, cap);
	return r == -EFBIG ? 0 : r;
}
