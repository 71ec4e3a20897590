// SPDX-License-Identifier: MIT
#include "verb/trust/advice.h"

#include <errno.h>
#include <string.h>

#include "act/sign/chain.h"
#include "act/sign/keyring.h"
#include "base/program.h"
#include "verb/why/signature.h"

static int set_words(const char **ret, const char *const *words)
{
	for (size_t i = 0; words[i]; i++) {
		ret[i] = words[i];
		ret[i + 1] = NULL;
	}
	return 0;
}

#define set(ret, ...) set_words(ret, (const char *const[]){ __VA_ARGS__, NULL })

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
	const struct signature_key_file *best = NULL;
	bool enrolled = false;

	for (size_t i = 0; i < SIGNATURE_KEY_FILES && !enrolled; i++) {
		const struct signature_key_file *pair = &signature_key_files[i];
		_cleanup_keyring_ struct keyring ring = { 0 };

		if (!root_exists(&ctx->sys->root, pair->key))
			continue;
		if (keyring_add_file(&ring, &ctx->sys->root, pair->certificate, NULL) == -ENOMEM)
			return -ENOMEM;
		enrolled = is_enrolled(ctx, &ring);
		if (enrolled || (ring.n && !best))
			best = pair;
	}
	if (!best)
		return 0;
	if (m->is_signed)
		return set(ret, "kmodctl", "sign", "--resign", "--yes", "--key", best->key, "--cert", best->certificate,
			   m->path);
	return set(ret, "kmodctl", "sign", "--key", best->key, "--cert", best->certificate, m->path);
}

/* The signer's own key, if it is on this machine, and its certificate names the issuer whose key the ring has. */
static int include(const struct trust_context *ctx, const struct module_reading *m, const char **ret)
{
	for (size_t i = 0; m->module.certificate && m->issuer && i < SIGNATURE_KEY_FILES; i++) {
		const struct signature_key_file *pair = &signature_key_files[i];
		_cleanup_keyring_ struct keyring ring = { 0 };

		if (strcmp(pair->certificate, m->module.certificate) != 0 || !root_exists(&ctx->sys->root, pair->key))
			continue;
		if (keyring_add_file(&ring, &ctx->sys->root, pair->certificate, NULL) == -ENOMEM)
			return -ENOMEM;
		if (ring.n > 0 && chain_is_issued_by(ring.certs[0], m->issuer->cert))
			return set(ret, "kmodctl", "sign", "--resign", "--yes", "--include-cert", "--key", pair->key,
				   "--cert", pair->certificate, m->path);
	}
	return 0;
}

static int import(const struct module_reading *m, const char **ret)
{
	return m->module.certificate ? set(ret, "kmodctl", "mok", "import", m->module.certificate) : 0;
}

static int include_or_import(const struct trust_context *ctx, const struct module_reading *m, const char **ret)
{
	int r = m->path[0] != '-' ? include(ctx, m, ret) : 0;

	return r < 0 || ret[0] || ctx->machine.efi.value != TRUST_YES ? r : import(m, ret);
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
		return import(m, ret);
	case TRUST_REMEDY_INCLUDE:
		return include_or_import(ctx, m, ret);
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
	case TRUST_REMEDY_APPRAISAL:
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
