// SPDX-License-Identifier: MIT
/*
 * An OpenSSL provider by the name of pkcs11, with one token in it: $FAKE_TOKEN_KEY (PKCS#8, DER), whose PIN is 1234.
 * Debian 12 has no real one, and what kmodctl does with a provider shall be tested all the same. See
 * provider-storemgmt(7).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/params.h>

#define KEY_MAX 8192
#define PIN "1234"

struct loader {
	char uri[256];
	int given; /* the object was handed out, or cannot be */
};

static void *token_open(void *provider, const char *uri)
{
	struct loader *l = calloc(1, sizeof(*l));

	(void)provider;
	if (l)
		snprintf(l->uri, sizeof(l->uri), "%s", uri);
	return l;
}

static int pin_is_right(OSSL_PASSPHRASE_CALLBACK *ask, void *data)
{
	char pin[64];
	size_t n = 0;

	return ask(pin, sizeof(pin), &n, NULL, data) && n == strlen(PIN) && memcmp(pin, PIN, n) == 0;
}

static int hand_out(unsigned char *der, size_t n, OSSL_CALLBACK *object, void *data)
{
	int type = OSSL_OBJECT_PKEY;
	char structure[] = "PrivateKeyInfo";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
		OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_STRUCTURE, structure, 0),
		OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_DATA, der, n),
		OSSL_PARAM_construct_end(),
	};

	return object(params, data);
}

static int token_load(void *loader, OSSL_CALLBACK *object, void *data, OSSL_PASSPHRASE_CALLBACK *ask, void *ask_data)
{
	struct loader *l = loader;
	const char *path = getenv("FAKE_TOKEN_KEY");
	unsigned char der[KEY_MAX];
	FILE *f = path ? fopen(path, "rb") : NULL;
	size_t n = f ? fread(der, 1, sizeof(der), f) : 0;

	l->given = 1;
	if (f)
		fclose(f);
	/* As libp11 does, which writes to standard error by itself. */
	if (n == 0)
		fputs("Unable to load module FAKE_TOKEN_KEY\nNo key.\n", stderr);
	return n > 0 && strstr(l->uri, "object=one") && pin_is_right(ask, ask_data) && hand_out(der, n, object, data);
}

static int token_eof(void *loader)
{
	const struct loader *l = loader;

	return l->given;
}

static int token_close(void *loader)
{
	free(loader);
	return 1;
}

#define FUNCTION(id, f)                 \
	{                               \
		id, (void (*)(void))(f) \
	}

static const OSSL_DISPATCH store[] = {
	FUNCTION(OSSL_FUNC_STORE_OPEN, token_open),
	FUNCTION(OSSL_FUNC_STORE_LOAD, token_load),
	FUNCTION(OSSL_FUNC_STORE_EOF, token_eof),
	FUNCTION(OSSL_FUNC_STORE_CLOSE, token_close),
	{ 0, NULL },
};

static const OSSL_ALGORITHM *query(void *provider, int operation, int *no_cache)
{
	static const OSSL_ALGORITHM stores[] = { { "pkcs11", "provider=pkcs11", store, "" },
						 { NULL, NULL, NULL, NULL } };

	(void)provider;
	*no_cache = 0;
	return operation == OSSL_OP_STORE ? stores : NULL;
}

static const OSSL_DISPATCH provider_functions[] = { FUNCTION(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query), { 0, NULL } };

__attribute__((visibility("default"))) OSSL_provider_init_fn OSSL_provider_init;

int OSSL_provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out,
		       void **provider)
{
	static int context;

	(void)handle;
	(void)in;
	*out = provider_functions;
	*provider = &context;
	return 1;
}
