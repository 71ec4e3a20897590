// SPDX-License-Identifier: MIT
#include "tools/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>

#include "base/fileio.h"
#include "sign/secret.h"
#include "tools/report.h"

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

/* One line from the terminal, byte by byte so that nothing of it stays in a stdio buffer. */
static int read_line(int fd, struct buf *into)
{
	char c;
	ssize_t n;

	while ((n = read(fd, &c, 1)) == 1 && c != '\n') {
		if (into->n >= SECRET_MAX)
			return -EFBIG;
		into->p[into->n++] = c;
	}
	into->p[into->n] = '\0';
	return n < 0 ? -errno : 0;
}

static int from_terminal(const char *prompt, const char *subject, struct buf *into)
{
	_cleanup_close_ int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios normal, silent;
	int r;

	if (fd < 0 || tcgetattr(fd, &normal) < 0)
		return -ENOKEY;
	silent = normal;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	dprintf(fd, "%s %s: ", prompt, subject);
	tcsetattr(fd, TCSAFLUSH, &silent);
	r = read_line(fd, into);
	tcsetattr(fd, TCSAFLUSH, &normal);
	dprintf(fd, "\n");
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
