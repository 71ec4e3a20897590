// SPDX-License-Identifier: MIT
#include "verb/trust/advice.h"

#include <errno.h>
#include <string.h>

#include "act/sign/keyring.h"
#include "act/sign/verify.h"
#include "base/program.h"
#include "system/release.h"

static const struct place {
	const char *key, *certificate;
} places[] = {
	{ "/var/lib/dkms/mok.key", "/var/lib/dkms/mok.pub" },
	{ "/var/lib/shim-signed/mok/MOK.priv", "/var/lib/shim-signed/mok/MOK.der" },
	{ "/etc/pki/akmods/private/private_key.priv", "/etc/pki/akmods/certs/public_key.der" },
};

static int set_words(const char **ret, const char *const *words)
{
	for (size_t i = 0; words[i]; i++) {
		ret[i] = words[i];
		ret[i + 1] = NULL;
	}
	return 0;
}

#define set(ret, ...) set_words(ret, (const char *const[]){ __VA_ARGS__, NULL })

/* The certificates of a file; empty when it cannot be read. -ENOMEM. */
static int load(const struct trust_context *ctx, const struct place *p, struct keyring *ret)
{
	return keyring_add_file(ret, &ctx->sys->root, p->certificate, NULL) == -ENOMEM ? -ENOMEM : 0;
}

/* ---- the signer's certificate ---- */

static int is_signer(const struct trust_context *ctx, struct span file, const struct keyring *ring)
{
	struct verify_result v;
	int r;

	if (!ring->n)
		return 0;
	r = verify_bytes(file, ring, ctx->machine.version ? ctx->machine.version : RELEASE_VERSION_ASSUMED, &v);
	return r < 0 ? r : v.cert != NULL;
}

static int import(const struct trust_context *ctx, const struct module_reading *m, const char **ret)
{
	struct span file;
	int r = source_whole(m->source, &file);

	for (size_t i = 0; i < ELEMENTSOF(places) && r == 0; i++) {
		_cleanup_keyring_ struct keyring ring = { 0 };

		r = load(ctx, &places[i], &ring);
		if (r == 0)
			r = is_signer(ctx, file, &ring);
		if (r > 0)
			return set(ret, "kmodctl", "mok", "import", places[i].certificate);
	}
	return r == -ENOMEM ? r : 0;
}

/* ---- a key to sign with ---- */

static bool is_enrolled(const struct trust_context *ctx, const struct keyring *ring)
{
	const struct key_store *mok = &ctx->stores->stores[STORE_MOK];

	for (size_t i = 0; i < mok->n && ring->n; i++)
		if (mok->entries[i].cert && span_eq(cert_der(mok->entries[i].cert), cert_der(ring->certs[0])))
			return true;
	return false;
}

/* One that is enrolled goes first; another one is a first step, after which it is to be enrolled. */
static int sign(const struct trust_context *ctx, const struct module_reading *m, const char **ret)
{
	const struct place *best = NULL;
	bool enrolled = false;

	for (size_t i = 0; i < ELEMENTSOF(places) && !enrolled; i++) {
		_cleanup_keyring_ struct keyring ring = { 0 };

		if (!root_exists(&ctx->sys->root, places[i].key))
			continue;
		if (load(ctx, &places[i], &ring) < 0)
			return -ENOMEM;
		enrolled = is_enrolled(ctx, &ring);
		if (enrolled || (ring.n && !best))
			best = &places[i];
	}
	if (!best)
		return 0;
	return set(ret, "kmodctl", "sign", "--key", best->key, "--cert", best->certificate, m->path);
}

/* ---- all of them ---- */

int advice_command(const struct trust_context *ctx, const struct module_reading *m, const char *ret[ADVICE_WORDS])
{
	/* A relative path may begin like an option. */
	bool is_plain = m->path[0] != '-';

	ret[0] = NULL;
	switch (trust_remedy(&ctx->machine, &m->module, &m->verdict)) {
	case TRUST_REMEDY_REBOOT:
	case TRUST_REMEDY_CONFIRM:
		return set(ret, "reboot");
	case TRUST_REMEDY_SECURE_BOOT:
		return program_is_installed(&ctx->sys->root, "systemctl") ?
			       set(ret, "systemctl", "reboot", "--firmware-setup") :
			       0;
	case TRUST_REMEDY_TRUST_MOK:
		return set(ret, "kmodctl", "mok", "trust");
	case TRUST_REMEDY_IMPORT:
	case TRUST_REMEDY_IMPORT_AND_TRUST: /* the first of two steps */
		return import(ctx, m, ret);
	case TRUST_REMEDY_UNFORCE:
		return is_plain ? set(ret, "insmod", m->path) : 0;
	case TRUST_REMEDY_SIGN:
	case TRUST_REMEDY_SIGN_AGAIN:
	case TRUST_REMEDY_RESTORE:
		return is_plain ? sign(ctx, m, ret) : 0;
	/* A person must choose another key, module or kernel; the kernel command line is the business of verb/why. */
	case TRUST_REMEDY_NONE:
	case TRUST_REMEDY_OTHER_KERNEL:
	case TRUST_REMEDY_ITS_KERNEL:
	case TRUST_REMEDY_CMDLINE:
	case TRUST_REMEDY_REBUILD:
	case TRUST_REMEDY_OTHER_KEY:
	case TRUST_REMEDY_NEWER:
	case TRUST_REMEDY_CA_KEY:
	case TRUST_REMEDY_FIT_KEY:
	case TRUST_REMEDY_LOG:
	case TRUST_REMEDY_KERNEL_KEY:
	case TRUST_REMEDY_KERNEL_SIGNED:
		break;
	}
	return 0;
}
