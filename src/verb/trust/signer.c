// SPDX-License-Identifier: MIT
#include "verb/trust/signer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/oom.h"
#include "system/release.h"
#include "verb/trust/oracle.h"
#include "verb/trust/place.h"
#include "verb/trust/ringkey.h"
#include "verb/why/signature.h"

/* ---- one check ---- */

static struct chain_kernel chain_kernel(const struct trust_context *ctx, const struct ring *blacklist)
{
	unsigned version = ctx->machine.version ? ctx->machine.version : RELEASE_VERSION_ASSUMED;
	struct chain_kernel kernel = chain_kernel_of(version, &ctx->reading->config);

	kernel.blacklist = blacklist;
	return kernel;
}

int signer_verify(const struct trust_context *ctx, struct span file, const struct keyring *ring,
		  struct verify_result *ret)
{
	return verify_for(file, ring, chain_kernel(ctx, &ctx->stores->rings[TRUST_RING_BLACKLIST]), ret);
}

int signer_is_listed(const struct trust_context *ctx, struct span file)
{
	const struct keyring none = { 0 };
	struct verify_result v;
	int r = verify_for(file, &none, chain_kernel(ctx, &ctx->stores->listed), &v);

	return r < 0 ? r : v.forbidden;
}

enum trust_signature signer_state(const struct verify_result *v)
{
	switch (v->state) {
	case VERIFY_GOOD:
		return TRUST_SIG_GOOD;
	case VERIFY_UNSIGNED:
		return TRUST_SIG_NONE;
	case VERIFY_UNKNOWN_SIGNER:
		return TRUST_SIG_UNKNOWN_KEY;
	case VERIFY_UNSUPPORTED: /* or it is the certificate that no ring takes */
		return v->error == -ENOKEY ? TRUST_SIG_UNKNOWN_KEY : TRUST_SIG_ALGORITHM;
	case VERIFY_UNDECIDED: /* with signer_doubt() */
		return v->cert ? TRUST_SIG_MATCHED : TRUST_SIG_UNKNOWN_KEY;
	case VERIFY_CHANGED:
	case VERIFY_BAD_SIGNATURE:
		return TRUST_SIG_CHANGED;
	case VERIFY_REFUSED:
		if (v->forbidden)
			return TRUST_SIG_REVOKED;
		return v->error == -EKEYREJECTED ? TRUST_SIG_ATTRIBUTES : TRUST_SIG_DAMAGED;
	case VERIFY_DAMAGED:
	case VERIFY_STATES:
		break;
	}
	return TRUST_SIG_DAMAGED;
}

void signer_doubt(const struct verify_result *v, struct trust_module *mod)
{
	if (v->state != VERIFY_UNDECIDED)
		return;
	mod->maybe |= 1u << TRUST_SIG_CHANGED | (v->cert ? 0u : 1u << TRUST_SIG_GOOD | 1u << TRUST_SIG_DAMAGED);
	mod->unread = v->doubt;
	mod->settle = v->settle;
}

/* ---- the machine's certificates ---- */

/* Stores whose certificates may have signed a module; the first one that has the key names it. */
static const enum key_store_id signer_stores[] = {
	STORE_KERNEL, STORE_MOK, STORE_DB, STORE_MOK_NEW, STORE_MOKX, STORE_DBX, STORE_KEK,
};

/* Whether the kernel asks the ring that a certificate is in. */
enum standing { ASKED, PERHAPS_ASKED, NOT_ASKED, ON_NO_RING, STANDINGS };

static enum standing standing_of(const struct trust_context *ctx, enum key_store_id store, const struct key_entry *e)
{
	const char *why;
	enum trust_answer asked = trust_rings_asked(&ctx->machine, trust_entry_rings(ctx, store, e), &why);

	if (asked != TRUST_NO)
		return asked == TRUST_YES ? ASKED : PERHAPS_ASKED;
	return trust_entry_ring(ctx, store, e) == TRUST_RING_NONE ? ON_NO_RING : NOT_ASKED;
}

/* Certificates as a keyring, which borrows them, each with the entry that it is from. */
struct keys {
	struct keyring ring;
	struct {
		const struct key_entry *entry;
		enum key_store_id store;
	} * from;
};

static void keys_done(struct keys *k)
{
	free(k->ring.certs);
	free(k->from);
}

static int keys_new(const struct trust_context *ctx, struct keys *ret)
{
	size_t n = 1;

	for (size_t i = 0; i < ELEMENTSOF(signer_stores); i++)
		n += ctx->stores->stores[signer_stores[i]].n;
	ret->ring.certs = calloc(n, sizeof(*ret->ring.certs));
	ret->from = calloc(n, sizeof(*ret->from));
	return ret->ring.certs && ret->from ? 0 : -ENOMEM;
}

static void keys_add(const struct trust_context *ctx, enum standing standing, struct keys *into)
{
	for (size_t i = 0; i < ELEMENTSOF(signer_stores); i++) {
		const struct key_store *s = &ctx->stores->stores[signer_stores[i]];

		for (size_t k = 0; k < s->n; k++) {
			const struct key_entry *e = &s->entries[k];

			if (!e->cert || standing_of(ctx, signer_stores[i], e) != standing)
				continue;
			into->from[into->ring.n].entry = e;
			into->from[into->ring.n].store = signer_stores[i];
			into->ring.certs[into->ring.n++] = e->cert;
		}
	}
}

/* The certificate may be in several stores. */
static void use_key(const struct trust_context *ctx, struct module_reading *m, const struct keys *keys,
		    const struct cert *cert)
{
	for (size_t i = 0; i < keys->ring.n; i++) {
		enum key_store_id store = keys->from[i].store;
		const struct key_entry *e = keys->from[i].entry;

		if (!span_eq(cert_der(e->cert), cert_der(cert)))
			continue;
		m->module.enrolled |= store == STORE_MOK;
		m->module.pending |= store == STORE_MOK_NEW;
		if (e->cert != cert)
			continue;
		m->key = e;
		m->store = key_store_name(store);
		m->rings = trust_entry_rings(ctx, store, e);
		m->module.ring = trust_first_ring(m->rings);
		m->module.use = key_entry_use(e);
		trust_certificate_standing(ctx, e->cert, &m->standing);
		m->module.unfit = m->standing.on_ring ? NULL : m->standing.reason;
	}
}

/* A kernel that wants codeSigning of keys for modules: one without is as good as unknown to it. */
static void judge_use(const struct trust_context *ctx, struct module_reading *m)
{
	struct trust_module *mod = &m->module;
	bool counts = mod->signature == TRUST_SIG_GOOD || mod->signature == TRUST_SIG_CHANGED;

	if (!counts || m->key->facts.code_signing)
		return;
	if (m->standing.on_ring && !m->standing.usable) {
		mod->signature = TRUST_SIG_UNKNOWN_KEY;
		mod->unused = m->standing.reason;
		mod->maybe = 1u << TRUST_SIG_REVOKED;
		mod->unread =
			"whether this kernel lets a module pass whose key has no codeSigning, if nothing is enforced";
		mod->settle = "load it";
	} else if (!mod->unread && ctx->reading->config.crypto[KCONFIG_CHECK_CODESIGN_EKU] == KCONFIG_BUILT_UNKNOWN &&
		   ctx->machine.flavour == TRUST_OTHER) {
		mod->maybe |= 1u << TRUST_SIG_UNKNOWN_KEY;
		mod->unread = ctx->machine.config_source.source;
		mod->unread_error = ctx->machine.config_source.error;
		mod->settle = "find out whether this kernel wants codeSigning of keys for modules "
			      "(CONFIG_CHECK_CODESIGN_EKU)";
	}
}

/* From keys of ML-DSA, which a kernel may be built to take. */
static void doubt_attributes(const struct trust_context *ctx, struct trust_module *mod)
{
	mod->maybe |= 1u << TRUST_SIG_ATTRIBUTES;
	mod->unread = ctx->machine.config_source.source;
	mod->unread_error = ctx->machine.config_source.error;
	mod->settle = "find out whether this kernel takes signed attributes from keys of ML-DSA "
		      "(CONFIG_PKCS7_WAIVE_AUTHATTRS_REJECTION_FOR_MLDSA)";
}

/* The kernel's own verdict on content and signature overrides that of libcrypto. */
static void ask_kernel(const struct trust_context *ctx, struct module_reading *m, struct span file)
{
	if (m->module.signature != TRUST_SIG_GOOD && m->module.signature != TRUST_SIG_CHANGED)
		return;
	m->kernel_verified = oracle_signature(ctx, m, file);
	if (m->kernel_verified != TRUST_UNKNOWN)
		m->module.signature = m->kernel_verified == TRUST_YES ? TRUST_SIG_GOOD : TRUST_SIG_CHANGED;
}

/* All keys that the kernel asks about are one ring to it: with several signers the first hard failure decides. */
static int judge_with(const struct trust_context *ctx, struct module_reading *m, struct span file, enum standing first,
		      enum standing last, struct verify_result *v)
{
	_cleanup_(keys_done) struct keys keys = { 0 };
	int r = keys_new(ctx, &keys);

	for (enum standing s = first; r == 0 && s <= last; s++)
		keys_add(ctx, s, &keys);
	if (r == 0)
		r = signer_verify(ctx, file, &keys.ring, v);
	if (r < 0)
		return r;
	m->signer = v->signer;
	m->links = v->links;
	m->module.signature = signer_state(v);
	signer_doubt(v, &m->module);
	if (v->waived)
		doubt_attributes(ctx, &m->module);
	if (v->cert) {
		use_key(ctx, m, &keys, v->cert);
		trust_place_key(&ctx->machine, m->rings, signer_state(v), &m->module);
		ask_kernel(ctx, m, file);
		judge_use(ctx, m);
	}
	return 0;
}

/* ---- certificates that wait to be enrolled ---- */

/* Is one of the file's the signer's? */
static int look_at_file(const struct trust_context *ctx, struct module_reading *m, struct span file, const char *path)
{
	_cleanup_keyring_ struct keyring ring = { 0 };
	struct verify_result v;
	int r = keyring_add_file(&ring, &ctx->sys->root, path, NULL);

	if (r < 0 || ring.n == 0)
		return only_oom(r);
	r = signer_verify(ctx, file, &ring, &v);
	if (r == 0 && v.state == VERIFY_GOOD)
		m->module.certificate = path;
	return r;
}

static int find_certificate(const struct trust_context *ctx, struct module_reading *m, struct span file)
{
	int r = 0;

	for (size_t i = 0; r == 0 && !m->module.certificate && i < SIGNATURE_KEY_FILES; i++)
		r = look_at_file(ctx, m, file, signature_key_files[i].certificate);
	return r;
}

/* ---- the signer ---- */

/* By the signer's own certificate, or else by the issuer's name in the signature; all of unknown ones. */
static int name_signers(struct module_reading *m, const struct trailer *t, const struct verify_result *v)
{
	_cleanup_buf_ struct buf names = BUF_INIT, root = BUF_INIT;
	bool all = m->module.signature == TRUST_SIG_UNKNOWN_KEY && !m->key && m->n_signers > 1;

	siginfo_read_signer(t, (unsigned)m->signer, &m->siginfo);
	if (m->links > 0)
		cert_name(m->key->cert, &root);
	buf_adds(&names, all ? "" : v->by[0] ? v->by : m->siginfo.signer);
	for (size_t i = 0; all && i < m->n_signers; i++)
		buf_addf(&names, "%s%s", i ? "\" and \"" : "",
			 m->signers[i].name[0] ? m->signers[i].name : "an unnamed key");
	if (buf_error(&names) < 0 || buf_error(&root) < 0)
		return -ENOMEM;
	m->module.root = m->root = root.n ? buf_steal(&root) : NULL;
	m->names = buf_steal(&names);
	m->module.signer = m->names;
	return 0;
}

/* Its key was found nowhere, but the rings, which may hold it, are not shown. */
static void doubt_unknown_key(const struct trust_context *ctx, struct trust_module *mod)
{
	if (ctx->assumed || key_stores_show_rings(ctx->stores))
		return;
	mod->maybe |= 1u << TRUST_SIG_GOOD | 1u << TRUST_SIG_CHANGED;
	mod->unread = "/proc/keys does not show the kernel's key rings";
	mod->settle = "run it as root (sudo)";
}

int signer_judge(struct trust_context *ctx, struct module_reading *m, struct span file, struct verify_result *v)
{
	const struct trailer t = trailer_read(file);
	int r = 0;

	if (ringkey_may_be_builtin(ctx, m, &t))
		r = key_stores_add_kernel(ctx->sys, ctx->reading->release, ctx->stores);
	if (r == 0)
		r = judge_with(ctx, m, file, ASKED, ASKED, v);
	if (r == 0 && v->state == VERIFY_UNKNOWN_SIGNER)
		r = judge_with(ctx, m, file, PERHAPS_ASKED, ON_NO_RING, v);
	if (r == 0)
		r = name_signers(m, &t, v);
	if (r == 0 && m->module.signature == TRUST_SIG_UNKNOWN_KEY && !m->module.unused)
		r = ringkey_compare(ctx, m, &t, v);
	if (r == 0 && m->module.signature == TRUST_SIG_UNKNOWN_KEY && !m->key)
		doubt_unknown_key(ctx, &m->module);
	if (r == 0 && m->module.signature == TRUST_SIG_UNKNOWN_KEY && !m->module.enrolled)
		r = find_certificate(ctx, m, file);
	return r;
}
