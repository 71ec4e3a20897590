// SPDX-License-Identifier: MIT
#include "face/kmodctl/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act/sign/cert.h"
#include "act/sign/file_kind.h"
#include "act/sign/secret.h"
#include "base/buf.h"
#include "base/fileio.h"
#include "face/common/report.h"
#include "face/common/prompt.h"

#define PIN_VALUE "pin-value="

static int from_file(struct passphrase *p, struct buf *into)
{
	int r = secret_read(&p->env->sys.root, p->file, into);

	if (r < 0) {
		report_error(p->env, "sign.passphrase-file", "%s: cannot read the passphrase: %s", p->file,
			     file_strerror(r));
		return r;
	}
	into->n = strcspn(into->p, "\r\n");
	into->p[into->n] = '\0';
	return 0;
}

static int from_terminal(const char *prompt, const char *subject, struct buf *into)
{
	_cleanup_close_ int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r;

	if (fd < 0 || !isatty(fd))
		return -ENOKEY;
	buf_addf(&text, "%s %s: ", prompt, subject);
	if (buf_error(&text))
		return buf_error(&text);
	r = prompt_silent(fd, fd, buf_str(&text), into->p, SECRET_MAX + 1);
	into->n = strlen(into->p);
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

/* For good: nothing else looks at the argument. */
static void blank_pins(char *argument)
{
	for (char *pin = argument; (pin = strcasestr(pin, PIN_VALUE));) {
		pin += strlen(PIN_VALUE);
		memset(pin, '*', strcspn(pin, ";?&"));
	}
}

int passphrase_load_key(struct passphrase *p, const char *argument, struct key **ret)
{
	_cleanup_secret_ struct buf uri = BUF_INIT;
	int r;

	if (strncasecmp(argument, "pkcs11:", 7) != 0 || !strcasestr(argument, PIN_VALUE))
		return key_load(&p->env->sys.root, argument, &p->source, &p->env->sys.diag, ret);
	report_warning(p->env, "sign.pin-visible",
		       "a PIN on the command line is visible to every user; use --passphrase-file, pin-source= in the "
		       "URI, or KBUILD_SIGN_PIN");
	r = strlen(argument) > SECRET_MAX ? -E2BIG : secret_init(&uri);
	if (r == 0)
		r = buf_adds(&uri, argument);
	if (r < 0)
		return r;
	blank_pins((char *)(uintptr_t)argument);
	return key_load(&p->env->sys.root, buf_str(&uri), &p->source, &p->env->sys.diag, ret);
}

static bool is_bundle(struct passphrase *p, const char *path)
{
	_cleanup_secret_ struct buf b = BUF_INIT;

	return secret_init(&b) == 0 && secret_read(&p->env->sys.root, path, &b) == 0 && file_is_pkcs12(buf_span(&b));
}

int passphrase_load_certificate(struct passphrase *p, const char *path, struct cert **ret)
{
	_cleanup_(key_free_p) struct key *key = NULL;
	int r;

	if (!is_bundle(p, path))
		return cert_load(&p->env->sys.root, path, &p->env->sys.diag, ret);
	r = passphrase_load_key(p, path, &key);
	if (r < 0)
		return r;
	*ret = key_take_certificate(key);
	if (*ret)
		return 0;
	report_error(p->env, "sign.certificate-bad", "%s: is a PKCS#12 file without a certificate", path);
	return -EBADMSG;
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
		r = from_terminal("Repeat the passphrase of", "the key", &again);
	if (r == 0 && strcmp(into->p, again.p) != 0) {
		report_error(p->env, "sign.passphrase-differs", "the passphrases do not match");
		return -EINVAL;
	}
	return r;
}
