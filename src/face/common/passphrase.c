// SPDX-License-Identifier: MIT
#include "face/common/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>

#include "base/signals.h"
#include "act/sign/secret.h"
#include "face/common/report.h"

static int from_file(struct passphrase *p, struct buf *into)
{
	int r = secret_read(&p->env->root, p->file, into);

	if (r < 0) {
		report_error(p->env, "sign.passphrase-file", "%s: cannot read the passphrase: %s", p->file, strerror(-r));
		return r;
	}
	into->n = strcspn(into->p, "\r\n");
	into->p[into->n] = '\0';
	return 0;
}

/* Until there is something to read. -EINTR: a signal that ends the process came first. */
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

/* One line from the terminal, byte by byte so that nothing of it stays in a stdio buffer. */
static int read_line(int fd, int signals, struct buf *into)
{
	ssize_t n = 0;
	char c = '\0';
	int r = 0;

	while ((r = wait_for_input(fd, signals)) == 0 && (n = read(fd, &c, 1)) == 1 && c != '\n') {
		if (into->n >= SECRET_MAX)
			return -EFBIG;
		into->p[into->n++] = c;
	}
	into->p[into->n] = '\0';
	return r < 0 ? r : n < 0 ? -errno : 0;
}

/* The prompt comes when the echo is off and what was typed before is gone: all that is typed at it counts. */
static int ask_silently(int fd, const char *prompt, const char *subject, struct buf *into)
{
	_cleanup_close_ int signals = signals_open();
	struct termios normal, silent;
	int r;

	if (signals < 0)
		return signals;
	if (tcgetattr(fd, &normal) < 0)
		return -ENOKEY;
	silent = normal;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(fd, TCSAFLUSH, &silent);
	dprintf(fd, "%s %s: ", prompt, subject);
	r = read_line(fd, signals, into);
	tcsetattr(fd, TCSADRAIN, &normal);
	dprintf(fd, "\n");
	return r;
}

/* Signals wait meanwhile: the terminal shall not be left without its echo. */
static int from_terminal(const char *prompt, const char *subject, struct buf *into)
{
	_cleanup_close_ int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct signals held;
	int r;

	if (fd < 0)
		return -ENOKEY;
	signals_hold(&held);
	r = ask_silently(fd, prompt, subject, into);
	signals_release(&held);
	return r;
}

static int from_environment(struct buf *into)
{
	const char *pin = getenv("KBUILD_SIGN_PIN");

	if (!pin || strlen(pin) > SECRET_MAX)
		return -ENOKEY;
	return buf_adds(into, pin);
}

static int get(void *data, const char *subject, struct buf *into)
{
	struct passphrase *p = data;
	int r = p->file ? from_file(p, into) : from_environment(into);

	return r == -ENOKEY ? from_terminal("Passphrase of", subject, into) : r;
}

void passphrase_init(struct passphrase *p, struct env *env, const char *file)
{
	*p = (struct passphrase){ .env = env, .file = file, .source = { get, p } };
}

int passphrase_choose(struct passphrase *p, struct buf *into)
{
	_cleanup_secret_ struct buf again = BUF_INIT;
	int r = p->file ? from_file(p, into) : from_environment(into);

	if (r != -ENOKEY)
		return r;
	r = from_terminal("New passphrase of", "the key", into);
	if (r == 0)
		r = secret_init(&again);
	if (r == 0)
		r = from_terminal("Once more, passphrase of", "the key", &again);
	if (r == 0 && strcmp(into->p, again.p) != 0) {
		report_error(p->env, "sign.passphrase-differs", "the two passphrases are not the same");
		return -EINVAL;
	}
	return r;
}
