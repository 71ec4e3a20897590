// SPDX-License-Identifier: MIT
/* A private key file, PEM or DER: a key that is read can be written, and is then the same key. */
#include "scratch.h"

#include "base/buf.h"
#include "act/sign/key.h"
#include "act/sign/secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_traditional;

/*
 * Only for the traditional PEM encryption, whose key derivation is a single hash: PKCS#8 names how often its own is
 * repeated, and would keep the fuzzer waiting.
 */
static int passphrase(void *data _unused_, const char *prompt _unused_, struct buf *into)
{
	return is_traditional ? buf_adds(into, "fuzz") : -ENOKEY;
}

static const struct key_passphrase asks = { passphrase, NULL };

/* 1: the key's identifier is in skid. 0: no key, or one of a kind that has none. */
static int load(const uint8_t *data, size_t size, uint8_t skid[static 20], struct key **ret)
{
	const struct root root = scratch_root();

	scratch_write("key", data, size);
	return key_load(&root, "/key", &asks, NULL, ret) == 0 && key_skid(*ret, skid) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_secret_ struct buf text = BUF_INIT;
	_cleanup_(key_free_p) struct key *key = NULL, *again = NULL;
	uint8_t skid[20], same[20];

	if (size > 8192 || secret_init(&text) < 0)
		return 0;
	is_traditional = size && memmem(data, size, "Proc-Type: 4,ENCRYPTED", 22) && data[0] == '-' &&
			 !memmem(data, size, "BEGIN ENCRYPTED", 15);
	if (!load(data, size, skid, &key) || key_write(key, NULL, &text) < 0)
		return 0;
	if (!load((const uint8_t *)text.p, text.n, same, &again) || memcmp(skid, same, sizeof(skid)) != 0)
		abort();
	return 0;
}
