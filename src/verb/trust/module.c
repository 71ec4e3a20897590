// SPDX-License-Identifier: MIT
#include "verb/trust/module.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/modname.h"
#include "read/image/facts.h"
#include "act/sign/cms.h"
#include "verb/trust/oracle.h"
#include "verb/trust/place.h"
#include "verb/trust/signer.h"
#include "verb/why/parts.h"
#include "verb/why/algorithms.h"
#include "verb/why/signature.h"

void module_reading_done(struct module_reading *m)
{
	source_close(m->source);
	free(m->path);
	for (size_t i = 0; i < m->n_signers; i++) {
		free(m->signers[i].name);
		free(m->signers[i].key_id);
	}
	free(m->signers);
	free(m->names);
	free(m->root);
	free(m->own_key);
	free(m->other_key);
	*m = (struct module_reading){ 0 };
}

void module_signers_text(const struct module_reading *m, struct buf *into)
{
	const char *separator = "";

	if (m->module.other == TRUST_OTHER_ISSUED && m->n_signers == 1) {
		buf_addf(into, "a key that \"%s\" issued, %s", m->signers[0].name, m->signers[0].key_id);
		return;
	}
	for (size_t i = 0; i < m->n_signers; i++) {
		if ((m->key && i != m->signer) || (!*m->signers[i].name && !*m->signers[i].key_id))
			continue;
		buf_addf(into, "%s\"%s\" %s", separator, m->key ? m->names : m->signers[i].name, m->signers[i].key_id);
		separator = " and ";
	}
	if (m->key && m->n_signers > 1)
		buf_addf(into, ", one of %zu signers", m->n_signers);
}

/* ---- keys ---- */

/* One certificate in a ring of its own, which borrows it only for the call. */
static int verify_with(const struct trust_context *ctx, struct span file, struct cert *cert, struct verify_result *ret)
{
	struct cert *certs[] = { cert };
	const struct keyring ring = { .certs = certs, .n = cert ? 1 : 0, .cap = 1 };

	return signer_verify(ctx, file, &ring, ret);
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
};

/* ---- the signature ---- */

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

/* Has .blacklist, or what dbx and MokListX give to it, the digest of the file ("bin:...")? */
static bool is_listed_file(const struct trust_context *ctx, const struct ring *ring, struct span file)
{
	uint8_t digest[CMS_DIGEST_MAX];
	size_t n;

	return ring->n > 0 && ctx->machine.flavour != TRUST_UPSTREAM &&
	       cms_digest(cms_hash_by_name("sha256"), file, digest, &n) == 0 &&
	       ring_forbids(ring, "bin", span_of(digest, n));
}

/* Debian's kernels refuse such files, upstream's do not look; of others that is not known. */
static void judge_blacklisted_file(const struct trust_context *ctx, struct trust_module *mod)
{
	if (ctx->machine.flavour == TRUST_DEBIAN) {
		mod->signature = TRUST_SIG_REVOKED;
		mod->blocked_in = NULL;
		return;
	}
	mod->maybe |= 1u << TRUST_SIG_REVOKED;
	mod->unread = "whether this kernel compares modules with the digests in .blacklist, where this one is";
	mod->settle = "find out whether it is Debian's or upstream's, and give --assume flavour=debian or "
		      "flavour=upstream";
}

/* Where .blacklist is not shown, the lists that it is made of tell what may be on it. 0 or -ENOMEM. */
static int judge_listed(const struct trust_context *ctx, struct trust_module *mod, struct span file)
{
	int r = is_listed_file(ctx, &ctx->stores->listed, file) ? 1 : signer_is_listed(ctx, file);

	if (r <= 0)
		return r;
	mod->maybe |= 1u << TRUST_SIG_REVOKED;
	mod->unread = "/proc/keys does not show .blacklist, and dbx or MokListX has a digest of this";
	mod->settle = "run it as root (sudo)";
	return 0;
}

static bool is_valid(enum trust_signature s)
{
	return s == TRUST_SIG_GOOD || s == TRUST_SIG_MATCHED;
}

static bool lacks_algorithm(const struct trust_context *ctx, struct module_reading *m)
{
	return algorithm_is_lacking(&m->siginfo, &ctx->reading->config, m->standing.reason, sizeof(m->standing.reason));
}

/* The message names its signers by their issuers; of the one that decides, its own certificate may be in it. */
static int name_deciding_signer(struct module_reading *m, const struct verify_result *v)
{
	char **name = v->signer < m->n_signers ? &m->signers[v->signer].name : NULL;

	if (!v->by[0] || !name)
		return 0;
	free(*name);
	*name = strdup(v->by);
	if (!m->names)
		m->module.signer = m->names = strdup(v->by);
	return *name && m->names ? 0 : -ENOMEM;
}

static int read_signature(struct trust_context *ctx, struct module_reading *m, struct span file)
{
	struct verify_result v;
	int r = verify_with(ctx, file, NULL, &v);

	if (r < 0)
		return r;
	m->module.signature = signer_state(&v);
	signer_doubt(&v, &m->module);
	if (v.state == VERIFY_UNKNOWN_SIGNER && lacks_algorithm(ctx, m)) {
		m->module.signature = TRUST_SIG_ALGORITHM;
		m->module.unfit = m->standing.reason;
	} else if (v.state == VERIFY_UNKNOWN_SIGNER) {
		r = signer_judge(ctx, m, file, &v);
		if (r == 0)
			r = look_for_revocation(ctx, m, file);
		if (r < 0)
			return r;
	}
	r = name_deciding_signer(m, &v);
	if (r < 0)
		return r;
	m->module.error = v.state == VERIFY_UNDECIDED ? 0 : verify_load_errno(v.error, false, false);
	snprintf(m->detail, sizeof(m->detail), "%s", v.cause);
	if (m->module.error == ENOENT || v.forbidden)
		m->module.unfit = m->detail;
	if (is_valid(m->module.signature) && !key_stores_show_rings(ctx->stores))
		r = judge_listed(ctx, &m->module, file);
	else if (is_valid(m->module.signature) && is_listed_file(ctx, &ctx->stores->rings[TRUST_RING_BLACKLIST], file))
		judge_blacklisted_file(ctx, &m->module);
	if (r < 0)
		return r;
	if (ctx->forced)
		m->module.signature = TRUST_SIG_FORCED;
	return 0;
}

/* ---- the rest of the module ---- */

/* Does the object reach into the signature? */
static bool is_cut(const struct elf *e)
{
	uint64_t size;

	return source_payload_size(e->src, &size) == 0 && !elf_lies_within(e, size);
}

static void read_modinfo(const struct trust_context *ctx, const struct elf *e, struct trust_module *m)
{
	_cleanup_modinfo_ struct modinfo info = { 0 };
	const char *name;

	m->is_elf = e->type == ET_REL && !why_is_foreign(e, ctx->reading->arch) && modinfo_read(e, &info) >= 0;
	m->is_cut = is_cut(e);
	if (!m->is_elf)
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

static int read_signers(struct module_reading *m, const struct trailer *t)
{
	siginfo_read(t, &m->siginfo);
	m->module.signer = m->siginfo.signer;
	m->signers = calloc(m->siginfo.n_signers + 1u, sizeof(*m->signers));
	if (!m->signers)
		return -ENOMEM;
	for (unsigned i = 0; i < m->siginfo.n_signers; i++) {
		_cleanup_buf_ struct buf id = BUF_INIT;
		struct siginfo s;

		siginfo_read_signer(t, i, &s);
		hex_colons(s.key_id, 0, &id);
		m->n_signers++;
		m->signers[i].name = strdup(s.signer);
		m->signers[i].key_id = buf_steal(&id);
		if (!m->signers[i].name || !m->signers[i].key_id)
			return -ENOMEM;
	}
	return 0;
}

/* ---- evidence ---- */

static enum trust_evidence evidence_of(const struct trust_context *ctx, const struct module_reading *m)
{
	if (ctx->assumed || (m->module.ring == TRUST_RING_NONE && m->module.other_ring == TRUST_RING_NONE) ||
	    !key_stores_show_rings(ctx->stores))
		return TRUST_PREDICTED;
	return oracle_vouches(ctx, m) ? TRUST_ASKED : TRUST_RING_READ;
}

/* A file with fewer bytes than any magic number has nothing to read, and the kernel has its answer to that. */
static bool is_tiny(const struct trust_context *ctx, const char *path, struct module_reading *m)
{
	struct stat st;

	if (root_stat(&ctx->sys->root, path, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size >= SOURCE_MIN)
		return false;
	m->module.is_empty = st.st_size == 0;
	return true;
}

static int read_file(struct trust_context *ctx, const char *path, struct module_reading *m)
{
	struct trailer t;
	struct span file;
	int r = source_open(&ctx->sys->root, path, NULL, &ctx->sys->diag, &m->source);

	if (r == 0)
		r = source_whole(m->source, &file);
	if (r < 0)
		return r;
	m->is_compressed = source_codec(m->source) != CODEC_NONE;
	t = trailer_read(file);
	m->is_signed = t.state != TRAILER_NONE;
	m->module.ima_signed = signature_may_be_for_ima(m->source);
	m->is_stacked = siginfo_is_stacked(&t);
	r = t.state == TRAILER_OK ? read_signers(m, &t) : 0;
	read_elf(ctx, m);
	if (r >= 0)
		r = read_signature(ctx, m, file);
	if (r >= 0 && m->module.signature == TRUST_SIG_NONE)
		m->module.unfit = signature_unseen(m->source, file, m->standing.reason, sizeof(m->standing.reason));
	else if (r >= 0 && m->module.signature == TRUST_SIG_ALGORITHM && t.id_type != TRAILER_PKCS7)
		m->module.signature = TRUST_SIG_SCHEME;
	return r;
}

int module_read(struct trust_context *ctx, const char *path, struct module_reading *ret)
{
	struct module_reading *m = ret;
	int r;

	*m = (struct module_reading){ .path = strdup(path), .kernel_verified = TRUST_UNKNOWN };
	if (!m->path)
		return -ENOMEM;
	m->module.forced = ctx->forced;
	r = is_tiny(ctx, path, m) ? 0 : read_file(ctx, path, m);
	if (r < 0) {
		module_reading_done(m);
		return r;
	}
	trust_judge(&ctx->machine, &m->module, &m->verdict);
	m->evidence = evidence_of(ctx, m);
	return 0;
}
