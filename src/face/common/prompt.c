// SPDX-License-Identifier: MIT
#include "face/common/prompt.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/signals.h"
#include "face/common/report.h"

#define PASSWORD_MAX 258 /* and its NUL; shim takes 256 characters */

struct prompt {
	int in, out;
	const char *text;
	int signals; /* readable when one that ends the process has come */
	int stop;    /* readable when the process is to stop (SIGTSTP) */
	bool terminal;
	struct termios normal, silent;
};

/* The prompt appears once the echo is off and earlier input is discarded: all that is typed after it counts. */
static void show(const struct prompt *p)
{
	if (p->terminal)
		tcsetattr(p->in, TCSAFLUSH, &p->silent);
	dprintf(p->out, "%s", p->text);
}

static void hide(const struct prompt *p)
{
	if (p->terminal)
		tcsetattr(p->in, TCSADRAIN, &p->normal);
	dprintf(p->out, "\n");
}

static void fill_stop(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTSTP);
}

/* The shell that takes over gets its terminal with the echo on; who continues the process is asked again. */
static void stop_here(const struct prompt *p)
{
	struct signalfd_siginfo ignored;
	sigset_t stop;

	if (read(p->stop, &ignored, sizeof(ignored)) < 0)
		return;
	hide(p);
	fill_stop(&stop);
	raise(SIGTSTP);
	pthread_sigmask(SIG_UNBLOCK, &stop, NULL);
	pthread_sigmask(SIG_BLOCK, &stop, NULL);
	show(p);
}

/* Waits until there is something to read. -EINTR: a signal that ends the process came first. */
static int wait_for_input(const struct prompt *p)
{
	struct pollfd fds[] = { { .fd = p->in, .events = POLLIN },
				{ .fd = p->signals, .events = POLLIN },
				{ .fd = p->stop, .events = POLLIN } };
	struct signalfd_siginfo ignored;

	for (;;) {
		if (poll(fds, ELEMENTSOF(fds), -1) < 0 && errno != EINTR)
			return -errno;
		if (signals_waiting())
			return -EINTR;
		if (fds[1].revents && read(p->signals, &ignored, sizeof(ignored)) < 0)
			return -errno;
		if (fds[2].revents)
			stop_here(p);
		else if (fds[0].revents)
			return 0;
	}
}

/* Byte by byte, so that nothing of it stays in a stdio buffer. */
static int read_line(const struct prompt *p, char *ret, size_t cap)
{
	size_t n = 0, cut = 0;
	ssize_t got = 0;
	char c = '\0';
	int r;

	while ((r = wait_for_input(p)) == 0 && (got = read(p->in, &c, 1)) == 1 && c != '\n') {
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

static int ask(struct prompt *p, char *ret, size_t cap)
{
	int r;

	p->terminal = tcgetattr(p->in, &p->normal) == 0;
	p->silent = p->normal;
	p->silent.c_lflag &= ~(tcflag_t)ECHO;
	show(p);
	r = read_line(p, ret, cap);
	hide(p);
	return r;
}

/* A process whose parent has it ignore SIGTSTP (a shell without job control) ignores it here too. */
static int ask_with_stop(struct prompt *p, char *ret, size_t cap)
{
	sigset_t stop, before;
	int r;

	fill_stop(&stop);
	pthread_sigmask(SIG_BLOCK, &stop, &before);
	p->stop = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
	r = p->stop < 0 ? -errno : ask(p, ret, cap);
	close_fd_p(&p->stop);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

int prompt_silent(int in, int out, const char *prompt, char *ret, size_t cap)
{
	struct prompt p = { .in = in, .out = out, .text = prompt };
	struct signals held;
	int r;

	ret[0] = '\0';
	signals_hold(&held);
	p.signals = signals_open();
	r = p.signals < 0 ? p.signals : ask_with_stop(&p, ret, cap);
	close_fd_p(&p.signals);
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
			r = prompt_silent(STDIN_FILENO, fileno(report_people(env)), "input password: ", first,
					  sizeof(first));
		if (r < 0 && r != -EFBIG)
			break;
		have_first = strlen(first) >= min && strlen(first) <= max;
		if (!have_first) {
			fprintf(env->err, "password should be %zu~%zu characters\n", min, max);
			continue;
		}
		prompt_silent(STDIN_FILENO, fileno(report_people(env)), "input password again: ", again, sizeof(again));
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

bool prompt_is_possible(const struct env *env)
{
	return isatty(STDIN_FILENO) && isatty(fileno(env->err));
}

bool prompt_yes(struct env *env, const char *question)
{
	int answer, c;

	fflush(env->out);
	fprintf(env->err, "%s [y/N] ", question);
	fflush(env->err);
	answer = c = getchar();
	while (c != '\n' && c != EOF)
		c = getchar();
	return tolower(answer) == 'y';
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
	r = prompt_silent(STDIN_FILENO, fileno(report_people(env)), prompt, ret, cap);
	return r == -EFBIG ? 0 : r;
}
