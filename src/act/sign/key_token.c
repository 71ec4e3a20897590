// SPDX-License-Identifier: MIT

/* Keys held by a token. The engine interface is deprecated, but Debian 12 has no other way to reach tokens. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <errno.h>
#include <string.h>

#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include "base/cleanup.h"
#include "act/sign/key_private.h"
#include "act/sign/secret.h"

/* Fills pin unless the URI carries one itself. 1: obtained, 0: not needed or not available. */
static int ask_pin(const char *uri, const struct key_passphrase *passphrase, struct buf *pin)
{
	int r;

	if (strstr(uri, "pin-value=") || strstr(uri, "pin-source=") || !passphrase)
		return 0;
	r = passphrase->get(passphrase->data, uri, pin);
	return r == -ENOKEY ? 0 : r < 0 ? r : 1;
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

/* The URI for messages, without the PIN. */
static int hide_pin(const char *uri, struct buf *ret)
{
	const char *pin = strcasestr(uri, "pin-value=");

	if (!pin)
		return buf_adds(ret, uri);
	pin += sizeof("pin-value=") - 1;
	buf_add(ret, uri, (size_t)(pin - uri));
	return buf_addf(ret, "...%s", pin + strcspn(pin, ";?&"));
}

static int report_no_token_key(const char *uri, const struct token *t, struct diag *diag)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	if (t->reachable)
		diag_err(diag, "sign.token-key", "%s: no such private key on any token, or wrong PIN (%s)", uri,
			 reason ? reason : "OpenSSL gives no reason");
	else
		diag_err(diag, "sign.token-unreachable",
			 "%s: OpenSSL has neither a pkcs11 provider nor a pkcs11 engine here", uri);
	ERR_clear_error();
	return t->reachable ? -ENOKEY : -EOPNOTSUPP;
}

int key_load_token(const char *uri, const struct key_passphrase *passphrase, struct diag *diag, struct key **ret)
{
	_cleanup_secret_ struct buf pin = BUF_INIT;
	_cleanup_buf_ struct buf shown = BUF_INIT;
	struct token t = { 0 };
	struct key *k;
	int r = secret_init(&pin);

	if (r == 0)
		r = hide_pin(uri, &shown);
	if (r == 0)
		r = ask_pin(uri, passphrase, &pin);
	if (r < 0)
		return r;
	open_token(uri, &pin, &t);
	if (!t.pkey)
		return report_no_token_key(buf_str(&shown), &t, diag);
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
