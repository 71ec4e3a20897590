// SPDX-License-Identifier: MIT
#include "verb/mok/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "verb/mok/journal.h"
#include "verb/mok/witness.h"
#include "verb/trust/keystore.h"
#include "verb/mok/shim.h"
#include "system/sys.h"

static int pending_switch(struct sys *sys, enum mok_switch which)
{
	bool on = false;

	return mok_switch_pending(&sys->root, which, &on) == 1 ? on : -1;
}

static void read_status(struct sys *sys, const struct key_stores *s, struct mok_status *ret)
{
	mok_machine_read(sys, &ret->machine);
	ret->enrolled = s->stores[STORE_MOK].n;
	ret->blocked = s->stores[STORE_MOKX].n;
	ret->waiting = s->stores[STORE_MOK_NEW].n + s->stores[STORE_MOKX_NEW].n;
	ret->deleting = s->stores[STORE_MOK_DELETE].n + s->stores[STORE_MOKX_DELETE].n;
	ret->reset = mok_reset_pending(&sys->root, MOK_KEYS) || mok_reset_pending(&sys->root, MOK_BLOCKED);
	ret->validation = pending_switch(sys, MOK_VALIDATION);
	ret->trust = pending_switch(sys, MOK_TRUST);
}

/* ---- requests ---- */

/* The entry of that certificate in a store, by its SHA-256. */
static const struct key_entry *find_entry(const struct key_store *s, const uint8_t *sha256)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->entries[i].cert && memcmp(s->entries[i].facts.sha256, sha256, 32) == 0)
			return &s->entries[i];
	return NULL;
}

/* Blocked keys are listed beside the trusted ones; what counts is whether the kernel blocks them. */
static enum trust_ring ring_of(enum mok_list list, const struct key_entry *e)
{
	if (!e)
		return TRUST_RING_NONE;
	if (list == MOK_BLOCKED)
		return e->seen_in & 1u << TRUST_RING_BLACKLIST ? TRUST_RING_BLACKLIST : TRUST_RING_NONE;
	return key_entry_ring(e);
}

static struct mok_request_status judge(struct sys *sys, const struct key_stores *s, const struct mok_status *status,
				       const struct journal_entry *e)
{
	static const enum key_store_id pending[2][2] = {
		{ STORE_MOK_NEW, STORE_MOK_DELETE },
		{ STORE_MOKX_NEW, STORE_MOKX_DELETE },
	};
	const struct key_store *list = &s->stores[e->list == MOK_KEYS ? STORE_MOK : STORE_MOKX];
	const struct key_entry *in = find_entry(list, e->sha256);
	char boot_id[37];
	const struct mok_sight now = {
		.boot_id = boot_id,
		.published = status->machine.shim && (list->error == 0 || list->error == -ENOENT),
		.in_list = in != NULL,
		.pending = find_entry(&s->stores[pending[e->list][e->action]], e->sha256) != NULL,
		.witness = witness_is_there(&sys->root),
	};

	journal_boot_id(&sys->root, boot_id);
	return (struct mok_request_status){
		.outcome = mok_outcome(e, &now),
		.ring = ring_of(e->list, in),
		.on_no_ring = in && e->list == MOK_KEYS && !in->seen_in && key_stores_show_rings(s),
	};
}

/* Records the known outcomes. The witness is no longer needed once no request is open. */
static void settle(struct sys *sys, struct mok_status *r)
{
	bool changed = false, open = false;

	for (size_t i = 0; i < r->journal.n; i++) {
		struct journal_entry *e = &r->journal.items[i];
		enum journal_state next = mok_outcome_state(e, r->requests[i].outcome);

		changed = changed || next != e->state;
		e->state = next;
		open = open || next == JOURNAL_WITNESSED;
	}
	/* A user who may only read still gets the answer. */
	if (changed && journal_write(&sys->root, &r->journal) == 0 && !open)
		witness_delete(&sys->root);
}

static int read_requests(struct sys *sys, const struct key_stores *s, struct mok_status *ret)
{
	if (journal_read(&sys->root, &ret->journal) < 0)
		sys_warning(sys, "mok.journal-unreadable", "%s could not be read", JOURNAL_PATH);
	ret->requests = calloc(ret->journal.n + 1, sizeof(*ret->requests));
	if (!ret->requests)
		return -ENOMEM;
	for (size_t i = 0; i < ret->journal.n; i++)
		ret->requests[i] = judge(sys, s, ret, &ret->journal.items[i]);
	return 0;
}

int mok_status_look(struct sys *sys, struct mok_status *ret)
{
	_cleanup_key_stores_ struct key_stores stores = { 0 };
	int r = key_stores_read(sys, &stores);

	*ret = (struct mok_status){ 0 };
	if (r < 0)
		return r;
	read_status(sys, &stores, ret);
	r = read_requests(sys, &stores, ret);
	if (r < 0)
		mok_status_done(ret);
	return r;
}

int mok_status_read(struct sys *sys, struct mok_status *ret)
{
	int r = mok_status_look(sys, ret);

	if (r == 0)
		settle(sys, ret);
	return r;
}

void mok_status_done(struct mok_status *s)
{
	journal_done(&s->journal);
	free(s->requests);
	s->requests = NULL;
}
