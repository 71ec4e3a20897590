// SPDX-License-Identifier: MIT
#include "verb/trust/ringkey.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"

#define STATE(s) (1u << (s))

/* How much a ring's entry has to do with a signer. */
enum likeness { FOREIGN, OTHER_KEY, SAME_NAME, SAME_ID };

struct found {
	enum likeness likeness;
	enum trust_ring ring;
	const struct key_entry *other; /* of another key of that name: its certificate */
	unsigned signer;
};

static bool has_name(const struct ring_key *k, const struct siginfo *s)
{
	_cleanup_buf_ struct buf name = BUF_INIT;

	return !s->by_skid && siginfo_ring_name(s->issuer_entries, &name) == 0 && name.n > 0 &&
	       span_eq(ring_key_name(k->description).name, buf_span(&name));
}

/* The ring shows the key identifier, or the serial number of a certificate that has none. */
static bool has_id(const struct ring_key *k, const struct siginfo *s, const struct verify_result *v)
{
	if (v && v->issuer_id_n > 0 && ring_key_has_id(k->description, span_of(v->issuer_id, v->issuer_id_n)))
		return true;
	return (s->by_skid || has_name(k, s)) && ring_key_has_id(k->description, s->key_id);
}

static enum likeness compare(const struct trust_context *ctx, const struct ring_key *k, const struct siginfo *s,
			     const struct verify_result *v, const struct key_entry **ret_other)
{
	if (strcmp(k->type, "asymmetric") != 0)
		return FOREIGN;
	*ret_other = key_stores_certificate(ctx->stores, k->description);
	if (has_id(k, s, v)) /* a certificate at hand was tried, and is not the signer's for the kernel */
		return *ret_other ? FOREIGN : SAME_ID;
	if (!has_name(k, s))
		return FOREIGN;
	return *ret_other ? OTHER_KEY : SAME_NAME;
}

/* Of an assumed state only the built-in keys are where they are seen. */
static bool may_vouch(const struct trust_context *ctx, enum trust_ring ring)
{
	const char *why;

	return trust_rings_asked(&ctx->machine, 1u << ring, &why) != TRUST_NO &&
	       (!ctx->assumed || ring == TRUST_RING_BUILTIN);
}

/* The entry that has most to do with one of the signers. */
static struct found search(const struct trust_context *ctx, const struct module_reading *m, const struct trailer *t,
			   const struct verify_result *v)
{
	struct found best = { FOREIGN, TRUST_RING_NONE, NULL, 0 };
	struct siginfo s;

	for (unsigned i = 0; i < m->n_signers; i++) {
		siginfo_read_signer(t, i, &s);
		for (enum trust_ring r = TRUST_RING_BUILTIN; r < TRUST_RINGS; r++) {
			const struct ring *ring = &ctx->stores->rings[r];

			for (size_t k = 0; k < ring->n && may_vouch(ctx, r); k++) {
				struct found f = { .ring = r, .signer = i };

				f.likeness = compare(ctx, &ring->keys[k], &s, v, &f.other);
				if (f.likeness > best.likeness)
					best = f;
			}
		}
	}
	return best;
}

bool ringkey_may_be_builtin(const struct trust_context *ctx, const struct module_reading *m, const struct trailer *t)
{
	const struct ring *ring = &ctx->stores->rings[TRUST_RING_BUILTIN];
	struct siginfo s;

	for (unsigned i = 0; i < m->n_signers; i++) {
		siginfo_read_signer(t, i, &s);
		if (s.has_certificates)
			return true;
		for (size_t k = 0; k < ring->n; k++)
			if (has_name(&ring->keys[k], &s) || has_id(&ring->keys[k], &s, NULL))
				return true;
	}
	return false;
}

/* ---- what follows ---- */

/* What would have told, and could not be read. */
static void set_unread(const struct trust_context *ctx, enum trust_ring ring, struct trust_module *mod)
{
	int error = ring == TRUST_RING_BUILTIN ? ctx->stores->stores[STORE_KERNEL].error : 0;

	mod->unread = ring == TRUST_RING_BUILTIN ? "the certificates in the kernel's image (/boot/vmlinuz-RELEASE)" :
						   "the certificate of that key";
	mod->unread_error = error;
	mod->settle = error == -EACCES || error == -EPERM ?
			      "run it as root (sudo)" :
			      "check it with kmodctl verify --cert CERTIFICATE, of the key that the ring has";
}

static int set_ids(struct module_reading *m, const struct trailer *t, const struct found *f)
{
	_cleanup_buf_ struct buf own = BUF_INIT, other = BUF_INIT;
	struct siginfo s;

	siginfo_read_signer(t, f->signer, &s);
	hex_colons(s.key_id, 0, &own);
	hex_colons(cert_serial_id(f->other->cert), 0, &other);
	if (buf_error(&own) < 0 || buf_error(&other) < 0)
		return -ENOMEM;
	free(m->own_key);
	free(m->other_key);
	m->module.own_key = m->own_key = buf_steal(&own);
	m->module.other_key = m->other_key = buf_steal(&other);
	return 0;
}

static enum trust_other kind_of(const struct trust_context *ctx, const struct found *f)
{
	const struct key_store *kernel = &ctx->stores->stores[STORE_KERNEL];

	if (f->other->facts.is_ca)
		return TRUST_OTHER_ISSUED;
	if (kernel->n && f->other >= kernel->entries && f->other < kernel->entries + kernel->n)
		return TRUST_OTHER_BUILD;
	return TRUST_OTHER_NAMESAKE;
}

int ringkey_compare(const struct trust_context *ctx, struct module_reading *m, const struct trailer *t,
		    const struct verify_result *v)
{
	struct trust_module *mod = &m->module;
	struct found f = search(ctx, m, t, v);
	int r = 0;

	switch (f.likeness) {
	case FOREIGN:
		return 0;
	case OTHER_KEY:
		mod->other = kind_of(ctx, &f);
		m->issuer = mod->other == TRUST_OTHER_ISSUED ? f.other : NULL;
		r = set_ids(m, t, &f);
		break;
	case SAME_NAME:
		mod->signature = TRUST_SIG_NAMED;
		mod->maybe |= STATE(TRUST_SIG_UNKNOWN_KEY) | STATE(TRUST_SIG_GOOD) | STATE(TRUST_SIG_CHANGED);
		set_unread(ctx, f.ring, mod);
		break;
	case SAME_ID:
		mod->signature = TRUST_SIG_MATCHED;
		mod->maybe |= STATE(TRUST_SIG_CHANGED);
		mod->ring = f.ring;
		set_unread(ctx, f.ring, mod);
		break;
	}
	mod->other_ring = f.ring;
	return r;
}
