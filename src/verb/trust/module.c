// SPDX-License-Identifier: MIT
#include "verb/trust/module.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/modname.h"
#include "read/image/facts.h"
#include "act/sign/cert_kernel.h"
#include "act/sign/cms.h"
#include "act/sign/verify.h"
#include "verb/trust/oracle.h"
#include "system/release.h"

void module_reading_done(struct module_reading *m)
{
	source_close(m->source);
	free(m->path);
	*m = (struct module_reading){ 0 };
}

/* ---- keys ---- */

/* Would this kernel put the certificate on a key ring at all? It is not asked: it may be an assumed one. */
static void judge_certificate(const struct trust_context *ctx, const struct cert *cert, struct cert_standing *ret)
{
	const struct kernel_target kernel = {
		.version = ctx->machine.version ? ctx->machine.version : RELEASE_VERSION_ASSUMED,
		.config = ctx->reading->config,
	};

	cert_judge(cert, &kernel, ret);
}

/* Where it was seen, or where the rules put it: all rings that it may be in. */
static unsigned entry_rings(const struct trust_context *ctx, enum key_store_id store, const struct key_entry *e)
{
	struct cert_standing standing;
	enum trust_origin origin;

	if ((!ctx->assumed && key_stores_show_rings(ctx->stores)) || !key_store_origin(store, &origin))
		return 1u << key_entry_ring(e);
	judge_certificate(ctx, e->cert, &standing);
	return standing.usable ? trust_rings_for(&ctx->machine, origin, key_entry_use(e)) : 1u << TRUST_RING_NONE;
}

enum trust_ring trust_entry_ring(const struct trust_context *ctx, enum key_store_id store, const struct key_entry *e)
{
	return trust_first_ring(entry_rings(ctx, store, e));
}

bool trust_entry_revokes(const struct trust_context *ctx, enum key_store_id store, const struct key_entry *e)
{
	enum trust_origin origin;

	if (!e->cert || (store != STORE_DBX && store != STORE_MOKX))
		return false;
	if (!ctx->assumed)
		return e->seen_in & 1u << TRUST_RING_BLACKLIST;
	return key_store_origin(store, &origin) &&
	       trust_ring_for(&ctx->machine, origin, key_entry_use(e)) == TRUST_RING_BLACKLIST;
}

static bool is_asked(const struct trust_context *ctx, enum trust_ring ring)
{
	const char *why;

	return trust_ring_is_used(&ctx->machine, ring, &why);
}

/* Stores whose certificates may have signed a module; the first one that has the key names it. */
static const enum key_store_id signer_stores[] = {
	STORE_KERNEL, STORE_MOK, STORE_DB, STORE_MOK_NEW, STORE_MOKX, STORE_DBX, STORE_KEK,
};

/* One certificate in a ring of its own for verify_bytes(), which borrows it only for the call. */
static int verify_with(const struct trust_context *ctx, struct span file, struct cert *cert, struct verify_result *ret)
{
	struct cert *certs[] = { cert };
	const struct keyring ring = { certs, cert ? 1 : 0, 1 };

	return verify_bytes(file, &ring, ctx->machine.version ? ctx->machine.version : RELEASE_VERSION_ASSUMED, ret);
}

static void use_key(const struct trust_context *ctx, struct module_reading *m, enum key_store_id store,
		    const struct key_entry *e)
{
	m->key = e;
	m->store = key_store_name(store);
	m->rings = entry_rings(ctx, store, e);
	m->module.ring = trust_first_ring(m->rings);
	m->module.use = key_entry_use(e);
	judge_certificate(ctx, e->cert, &m->standing);
	m->module.unfit = m->standing.usable ? NULL : m->standing.reason;
	m->module.enrolled |= store == STORE_MOK;
	m->module.pending |= store == STORE_MOK_NEW;
}

/*
 * Hands each certificate of the stores that the signature names to match(), with the check against it, until that
 * returns other than 0. 0, what match() returned, or -ENOMEM.
 */
static int each_match(const struct trust_context *ctx, struct span file, const enum key_store_id *stores, size_t n,
		      int (*match)(void *data, enum key_store_id store, const struct key_entry *e,
				   const struct verify_result *v),
		      void *data)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		const struct key_store *s = &ctx->stores->stores[stores[i]];

		for (size_t k = 0; k < s->n && r == 0; k++) {
			struct verify_result v;

			if (!s->entries[k].cert)
				continue;
			if (verify_with(ctx, file, s->entries[k].cert, &v) < 0)
				return -ENOMEM;
			if (v.cert)
				r = match(data, stores[i], &s->entries[k], &v);
		}
	}
	return r;
}

struct key_search {
	const struct trust_context *ctx;
	struct module_reading *m;
	struct verify_result *result;
	bool found;
};

/* A key in a ring that is asked goes before one that is not. */
static int match_key(void *data, enum key_store_id store, const struct key_entry *e, const struct verify_result *v)
{
	struct key_search *s = data;

	if (s->found && (!is_asked(s->ctx, trust_entry_ring(s->ctx, store, e)) || is_asked(s->ctx, s->m->module.ring)))
		return 0;
	s->found = true;
	*s->result = *v;
	use_key(s->ctx, s->m, store, e);
	return 0;
}

/* Looks for the certificate that the signature names. 1 found (and *ret is the check against it), 0 not, -ENOMEM. */
static int find_key(const struct trust_context *ctx, struct module_reading *m, struct span file,
		    struct verify_result *ret)
{
	struct key_search s = { ctx, m, ret, false };
	int r = each_match(ctx, file, signer_stores, ELEMENTSOF(signer_stores), match_key, &s);

	return r < 0 ? r : s.found;
}

/* A ring that is consulted and shows a key of the signer's name, or of its key id. */
static enum trust_ring ring_by_name(const struct trust_context *ctx, const struct siginfo *info)
{
	for (enum trust_ring r = TRUST_RING_BUILTIN; r < TRUST_RINGS; r++) {
		const struct ring *ring = &ctx->stores->rings[r];

		for (size_t i = 0; i < ring->n && is_asked(ctx, r); i++) {
			const char *text = ring->keys[i].description;

			if (strcmp(ring->keys[i].type, "asymmetric") != 0)
				continue;
			if (info->by_skid ? ring_key_has_id(text, info->key_id) :
					    span_is(ring_key_name(text).name, info->signer))
				return r;
		}
	}
	return TRUST_RING_NONE;
}

/* ---- the signature ---- */

static enum trust_signature state_of(const struct verify_result *v)
{
	switch (v->state) {
	case VERIFY_GOOD:
		return TRUST_SIG_GOOD;
	case VERIFY_UNSIGNED:
		return TRUST_SIG_NONE;
	case VERIFY_UNKNOWN_SIGNER:
		return TRUST_SIG_UNKNOWN_KEY;
	case VERIFY_UNSUPPORTED:
		return TRUST_SIG_ALGORITHM;
	case VERIFY_CHANGED:
	case VERIFY_BAD_SIGNATURE:
		return TRUST_SIG_CHANGED;
	case VERIFY_REFUSED:
		return v->error == -EBADMSG ? TRUST_SIG_DAMAGED : TRUST_SIG_ATTRIBUTES;
	case VERIFY_DAMAGED:
	case VERIFY_STATES:
		break;
	}
	return TRUST_SIG_DAMAGED;
}

/* There is no certificate, only the ring's text. The kernel image may hold the built-in ones. */
static int judge_by_name(struct trust_context *ctx, struct module_reading *m, struct span file, struct verify_result *v)
{
	enum trust_ring ring = ring_by_name(ctx, &m->siginfo);
	int r;

	if (ring == TRUST_RING_BUILTIN) {
		r = key_stores_add_kernel(ctx->sys, ctx->reading->release, ctx->stores);
		if (r == 0)
			r = find_key(ctx, m, file, v);
		if (r != 0)
			return r;
	}
	if (ring == TRUST_RING_NONE || (ctx->assumed && ring != TRUST_RING_BUILTIN))
		return 0;
	m->module.ring = ring;
	m->module.signature = TRUST_SIG_MATCHED;
	return 0;
}

/* Its key was found nowhere, but the rings, which may hold it, are not shown. */
static void doubt_unknown_key(const struct trust_context *ctx, struct trust_module *mod)
{
	if (ctx->assumed || key_stores_show_rings(ctx->stores) || mod->signature != TRUST_SIG_UNKNOWN_KEY)
		return;
	mod->maybe = 1u << TRUST_SIG_GOOD | 1u << TRUST_SIG_CHANGED;
	mod->unread = "/proc/keys does not show the kernel's key rings";
	mod->settle = "run it as root (sudo)";
}

static int match_revocation(void *data, enum key_store_id store, const struct key_entry *e,
			    const struct verify_result *v)
{
	struct key_search *s = data;

	if (v->state != VERIFY_GOOD)
		return 0;
	s->m->module.blocked_in = key_store_name(store);
	if (!trust_entry_revokes(s->ctx, store, e))
		return 0;
	s->m->module.signature = TRUST_SIG_REVOKED;
	return 1;
}

/*
 * Looks for the signer's certificate among what is forbidden: on .blacklist it is refused before anything else is
 * checked. 0 or -ENOMEM.
 */
static int look_for_revocation(const struct trust_context *ctx, struct module_reading *m, struct span file)
{
	static const enum key_store_id forbidden[] = { STORE_DBX, STORE_MOKX };
	struct key_search s = { .ctx = ctx, .m = m };
	int r = each_match(ctx, file, forbidden, ELEMENTSOF(forbidden), match_revocation, &s);

	return r < 0 ? r : 0;
}

/* Debian's kernels refuse files whose digest is on .blacklist as "bin:...". */
static bool is_blacklisted_file(const struct trust_context *ctx, struct span file)
{
	_cleanup_buf_ struct buf want = BUF_INIT;
	const struct ring *ring = &ctx->stores->rings[TRUST_RING_BLACKLIST];
	uint8_t digest[CMS_DIGEST_MAX];
	size_t n;

	if (ring->n == 0 || ctx->machine.flavour != TRUST_DEBIAN ||
	    cms_digest(cms_hash_by_name("sha256"), file, digest, &n) < 0)
		return false;
	buf_adds(&want, "bin:");
	hex_plain(span_of(digest, n), &want);
	for (size_t i = 0; i < ring->n; i++)
		if (strcmp(ring->keys[i].description, buf_str(&want)) == 0)
			return true;
	return false;
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

static bool is_valid(enum trust_signature s)
{
	return s == TRUST_SIG_GOOD || s == TRUST_SIG_MATCHED;
}

static int read_signature(struct trust_context *ctx, struct module_reading *m, struct span file)
{
	struct verify_result v;
	int r = verify_with(ctx, file, NULL, &v);

	if (r < 0)
		return r;
	m->module.signature = state_of(&v);
	if (v.state == VERIFY_UNKNOWN_SIGNER) {
		r = find_key(ctx, m, file, &v);
		if (r == 0)
			r = judge_by_name(ctx, m, file, &v);
		if (r < 0)
			return r;
		if (!m->key)
			doubt_unknown_key(ctx, &m->module);
		if (m->key) {
			/* A key vouches only if the kernel consults its ring. */
			trust_place_key(&ctx->machine, m->rings, state_of(&v), &m->module);
			ask_kernel(ctx, m, file);
		}
		if (look_for_revocation(ctx, m, file) < 0)
			return -ENOMEM;
	}
	snprintf(m->detail, sizeof(m->detail), "%s", v.cause);
	if (is_valid(m->module.signature) && is_blacklisted_file(ctx, file)) {
		m->module.signature = TRUST_SIG_REVOKED;
		m->module.blocked_in = NULL;
	}
	if (ctx->forced)
		m->module.signature = TRUST_SIG_FORCED;
	return 0;
}

/* ---- the rest of the module ---- */

static void read_modinfo(const struct trust_context *ctx, const struct elf *e, struct trust_module *m)
{
	_cleanup_modinfo_ struct modinfo info = { 0 };
	const char *name;

	m->is_elf = e->type == 1; /* ET_REL */
	if (modinfo_read(e, &info) < 0)
		return;
	m->out_of_tree = !modinfo_get(&info, "intree");
	m->proprietary = !modinfo_is_gpl(&info);
	m->staging = modinfo_get(&info, "staging") != NULL;
	m->livepatch = modinfo_get(&info, "livepatch") != NULL;
	m->test = modinfo_get(&info, "test") != NULL;
	name = modinfo_get(&info, "name");
	m->blacklisted = name && lockstate_is_blacklisted(&ctx->reading->lock, name);
}

static void read_elf(const struct trust_context *ctx, struct module_reading *m)
{
	_cleanup_elf_ struct elf e = { 0 };

	if (elf_open(m->source, &e) == 0)
		read_modinfo(ctx, &e, &m->module);
}

/* ---- evidence ---- */

static enum trust_evidence evidence_of(const struct trust_context *ctx, const struct module_reading *m)
{
	if (ctx->assumed || m->module.ring == TRUST_RING_NONE || !key_stores_show_rings(ctx->stores))
		return TRUST_PREDICTED;
	return oracle_vouches(ctx, m) ? TRUST_ASKED : TRUST_RING_READ;
}

int module_read(struct trust_context *ctx, const char *path, struct module_reading *ret)
{
	struct module_reading *m = ret;
	struct trailer t;
	struct span file;
	int r;

	*m = (struct module_reading){ .path = strdup(path), .kernel_verified = TRUST_UNKNOWN };
	if (!m->path)
		return -ENOMEM;
	r = source_open(&ctx->sys->root, path, NULL, &ctx->sys->diag, &m->source);
	if (r == 0)
		r = source_whole(m->source, &file);
	if (r < 0) {
		module_reading_done(m);
		return r;
	}
	m->is_compressed = source_codec(m->source) != CODEC_NONE;
	m->module.is_empty = file.n == 0;
	m->module.forced = ctx->forced;
	t = trailer_read(file);
	m->is_signed = t.state != TRAILER_NONE;
	if (t.state == TRAILER_OK)
		siginfo_read(&t, &m->siginfo);
	m->module.signer = m->siginfo.signer;
	read_elf(ctx, m);
	r = read_signature(ctx, m, file);
	if (r < 0) {
		module_reading_done(m);
		return r;
	}
	trust_judge(&ctx->machine, &m->module, &m->verdict);
	m->evidence = evidence_of(ctx, m);
	return 0;
}
