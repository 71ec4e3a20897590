// SPDX-License-Identifier: MIT

/* Keys held by a token. The engine interface is deprecated, but Debian 12 has no other way to reach tokens. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include "base/cleanup.h"
#include "base/hex.h"
#include "act/sign/key_private.h"
#include "act/sign/secret.h"

#define PIN_VALUE "pin-value="
#define CAUGHT_MAX 2000 /* characters of what a token's software writes */

/* Where the URI, or what is left of it, has a PIN, as an attribute of its own (RFC 7512 2.3), or NULL. */
static const char *find_pin(const char *uri)
{
	const char *at = uri;

	while ((at = strcasestr(at, PIN_VALUE)) && at > uri && !strchr(":;?&", at[-1]))
		at++;
	return at;
}

static size_t pin_length(const char *pin)
{
	return strcspn(pin, ";?&");
}

static int add_decoded(struct buf *into, const char *s, size_t n)
{
	int high, low;

	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (c == '%' && n - i > 2 && (high = hex_digit(s[i + 1])) >= 0 && (low = hex_digit(s[i + 2])) >= 0) {
			c = (char)(high << 4 | low);
			i += 2;
		}
		buf_add(into, &c, 1);
	}
	return buf_error(into);
}

/*
 * Parts the URI and the PIN in it, which goes to OpenSSL as if it had been typed: engines print and copy URIs. One of
 * the separators around the attribute goes with it.
 */
static int split(const char *uri, struct buf *bare, struct buf *pin)
{
	const char *at;

	if (strlen(uri) > SECRET_MAX)
		return -E2BIG;
	while ((at = find_pin(uri))) {
		const char *value = at + strlen(PIN_VALUE), *end = value + pin_length(value);
		bool first = at == uri || at[-1] == ':' || (at[-1] == '?' && *end == '&');

		pin->n = 0;
		add_decoded(pin, value, (size_t)(end - value));
		buf_add(bare, uri, (size_t)(at - uri) - !first);
		uri = first && *end && *end != '?' ? end + 1 : end;
	}
	return buf_adds(bare, uri);
}

/* Fills pin unless the URI says where it is. 0, also when there is none. */
static int ask_pin(const char *uri, const struct key_passphrase *passphrase, struct buf *pin)
{
	int r;

	if (pin->n || strcasestr(uri, "pin-source=") || !passphrase)
		return 0;
	r = passphrase->get(passphrase->data, uri, pin);
	return r == -ENOKEY ? 0 : r;
}

/* ---- provider ---- */

static int give_pin(char *into, int size, int encrypting _unused_, void *data)
{
	const struct buf *pin = data;

	if (pin->n == 0 || pin->n > (size_t)size)
		return -1;
	memcpy(into, pin->p, pin->n);
	return (int)pin->n;
}

static EVP_PKEY *search_store(OSSL_STORE_CTX *store)
{
	EVP_PKEY *key = NULL;

	while (!key && !OSSL_STORE_eof(store)) {
		OSSL_STORE_INFO *info = OSSL_STORE_load(store);

		if (info && OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY)
			key = OSSL_STORE_INFO_get1_PKEY(info);
		OSSL_STORE_INFO_free(info);
		if (!info && OSSL_STORE_error(store))
			break;
	}
	return key;
}

static EVP_PKEY *open_by_provider(const char *uri, struct buf *pin)
{
	UI_METHOD *ui = UI_UTIL_wrap_read_pem_callback(give_pin, 0);
	OSSL_STORE_CTX *store = ui ? OSSL_STORE_open(uri, ui, pin, NULL, NULL) : NULL;
	EVP_PKEY *key = NULL;

	if (store && OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY) == 1)
		key = search_store(store);

	OSSL_STORE_close(store);
	UI_destroy_method(ui);
	return key;
}

static void provider_done(void *handle)
{
	OSSL_PROVIDER_unload(handle);
}

/* ---- engine ---- */

#ifndef OPENSSL_NO_ENGINE
static void engine_done(void *handle)
{
	ENGINE_finish(handle);
	ENGINE_free(handle);
}

static ENGINE *engine_start(void)
{
	ENGINE *e;

	ENGINE_load_builtin_engines();
	e = ENGINE_by_id("pkcs11");
	if (e && !ENGINE_init(e)) {
		ENGINE_free(e);
		e = NULL;
	}
	return e;
}

static EVP_PKEY *open_by_engine(ENGINE *e, const char *uri, const struct buf *pin)
{
	if (pin->n > 0 && !ENGINE_ctrl_cmd_string(e, "PIN", pin->p, 0))
		return NULL;
	return ENGINE_load_private_key(e, uri, NULL, NULL);
}
#endif

/* ---- */

/*
 * Engines and the modules of tokens write to standard error whatever they like. It is caught, and becomes a part of our
 * own message.
 */
struct caught {
	int file, saved; /* -1: nothing is caught */
};

static struct caught catch_errors(void)
{
	struct caught c = { -1, -1 };

	c.file = memfd_create("errors", MFD_CLOEXEC);
	if (c.file < 0)
		return c;
	fflush(stderr);
	c.saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (c.saved >= 0)
		dup2(c.file, STDERR_FILENO);
	return c;
}

/* Each line once, joined by semicolons. Errors leave the text shorter. */
static void join_lines(char *text, struct buf *into)
{
	for (char *line; (line = strsep(&text, "\r\n"));)
		if (*line && !(into->n && strstr(buf_str(into), line)))
			buf_addf(into, "%s%s", into->n ? "; " : "", line);
}

/* What was written, as one line. */
static void release_errors(struct caught *c, struct buf *ret)
{
	char text[CAUGHT_MAX + 1];
	ssize_t n;

	if (c->saved >= 0) {
		fflush(stderr);
		dup2(c->saved, STDERR_FILENO);
		close(c->saved);
	}
	n = c->file < 0 ? -1 : pread(c->file, text, CAUGHT_MAX, 0);
	if (n > 0) {
		text[n] = '\0';
		join_lines(text, ret);
	}
	if (c->file >= 0)
		close(c->file);
}

struct token {
	EVP_PKEY *pkey;
	void *handle;
	void (*done)(void *handle);
	bool reachable; /* there is a provider or an engine */
};

/* What was opened is released with the key, or at once when there is no key. */
static void take_token(struct token *t, EVP_PKEY *pkey, void *handle, void (*done)(void *handle))
{
	t->reachable = true;
	t->pkey = pkey;
	if (!pkey) {
		done(handle);
		return;
	}
	t->handle = handle;
	t->done = done;
}

static void open_token(const char *uri, struct buf *pin, struct token *t)
{
	OSSL_PROVIDER *provider = OSSL_PROVIDER_try_load(NULL, "pkcs11", 1);

	if (provider) {
		take_token(t, open_by_provider(uri, pin), provider, provider_done);
		return;
	}
#ifndef OPENSSL_NO_ENGINE
	ENGINE *e = engine_start();

	if (e)
		take_token(t, open_by_engine(e, uri, pin), e, engine_done);
#endif
}

/* The URI for messages, without the PIN, however often it is given. */
static int hide_pin(const char *uri, struct buf *ret)
{
	for (const char *pin; (pin = find_pin(uri)); uri = pin + pin_length(pin)) {
		pin += strlen(PIN_VALUE);
		buf_add(ret, uri, (size_t)(pin - uri));
		buf_adds(ret, "...");
	}
	return buf_adds(ret, uri);
}

static int report_no_token_key(const char *uri, const struct token *t, struct buf *said, struct diag *diag)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	if (said->n == 0)
		buf_adds(said, reason ? reason : "OpenSSL gives no reason");
	if (t->reachable)
		diag_err(diag, "sign.token-key",
			 "%s: no such private key on any token, no such token or PKCS#11 module, or wrong PIN "
			 "(the token's software: %s)",
			 uri, buf_str(said));
	else
		diag_err(diag, "sign.token-unreachable",
			 "%s: OpenSSL has neither a pkcs11 provider nor a pkcs11 engine here", uri);
	ERR_clear_error();
	return t->reachable ? -ENOKEY : -EOPNOTSUPP;
}

int key_load_token(const char *uri, const struct key_passphrase *passphrase, struct diag *diag, struct key **ret)
{
	_cleanup_secret_ struct buf pin = BUF_INIT;
	_cleanup_buf_ struct buf shown = BUF_INIT, bare = BUF_INIT, said = BUF_INIT;
	struct caught errors;
	struct token t = { 0 };
	struct key *k;
	int r = secret_init(&pin);

	if (r == 0)
		r = hide_pin(uri, &shown);
	if (r == 0)
		r = split(uri, &bare, &pin);
	if (r == 0)
		r = ask_pin(buf_str(&bare), passphrase, &pin);
	if (r < 0)
		return r;
	errors = catch_errors();
	open_token(buf_str(&bare), &pin, &t);
	release_errors(&errors, &said);
	if (!t.pkey)
		return report_no_token_key(buf_str(&shown), &t, &said, diag);
	k = key_wrap(t.pkey, buf_str(&shown));
	if (!k) {
		if (t.done)
			t.done(t.handle);
		return -ENOMEM;
	}
	k->token = true;
	k->handle = t.handle;
	k->done = t.done;
	*ret = k;
	return 0;
}
