// SPDX-License-Identifier: MIT
#include "verb/mok/batch.h"

#include <errno.h>
#include <string.h>

#include "verb/mok/journal.h"
#include "verb/mok/witness.h"
#include "act/sign/cert.h"
#include "act/sign/cms.h"
#include "system/sys.h"

static const struct efi_guid shim = EFI_GUID_SHIM;

/* Removes the key from the opposite request; 1: it was there. The record stays as long as keys are left. */
static int take_back(struct mok_batch *b, enum siglist_type type, struct span data)
{
	enum mok_action opposite = b->action == MOK_ENROLL ? MOK_DELETE : MOK_ENROLL;
	_cleanup_buf_ struct buf pending = BUF_INIT, rest = BUF_INIT;
	int r = mok_pending(&b->sys->root, b->list, opposite, &pending);

	if (r == 0)
		r = siglist_remove(buf_span(&pending), type, data, &rest);
	if (r <= 0)
		return r == -EBADMSG ? 0 : r;
	r = rest.n == 0 ? mok_revoke(&b->sys->root, &b->sys->diag, b->list, opposite) :
			  mok_set(&b->sys->root, &b->sys->diag, mok_names(b->list, opposite)->list, buf_span(&rest));
	return r < 0 ? r : 1;
}

static int is_pending(struct mok_batch *b, enum siglist_type type, struct span data)
{
	_cleanup_buf_ struct buf pending = BUF_INIT;
	int r = mok_pending(&b->sys->root, b->list, b->action, &pending);

	if (r == 0)
		r = siglist_contains(buf_span(&pending), type, data);
	if (r == 0)
		r = siglist_contains(buf_span(&b->keys), type, data);
	return r == -EBADMSG ? 0 : r;
}

/* A request that was revoked is not pending. A journal that cannot be written only keeps entries too many. */
static void unnote(const struct mok_batch *b, struct span certificate)
{
	_cleanup_journal_ struct journal j = { 0 };
	uint8_t sha256[CMS_DIGEST_MAX];
	size_t n;

	if (cms_digest(cms_hash_by_name("sha256"), certificate, sha256, &n) < 0 || journal_read(&b->sys->root, &j) < 0)
		return;
	n = j.n;
	journal_drop(&j, b->list, sha256);
	if (j.n < n)
		journal_write(&b->sys->root, &j);
}

int mok_batch_add(struct mok_batch *b, enum siglist_type type, struct span data, enum mok_done *ret)
{
	int r = take_back(b, type, data);

	if (r > 0) {
		unnote(b, data);
		*ret = MOK_REVERSED;
	}
	if (r != 0)
		return r < 0 ? r : 0;
	r = is_pending(b, type, data);
	if (r != 0) {
		*ret = MOK_SKIPPED;
		return r < 0 ? r : 0;
	}
	*ret = MOK_ADDED;
	b->n++;
	return siglist_append(&b->keys, type, &shim, data);
}

/* A hash goes into the list of hashes that is pending already, everything else in front. */
static int merge(struct mok_batch *b, struct span pending, struct buf *into)
{
	struct siglist_iter it;
	struct siglist_entry e;

	siglist_iter_init(&it, buf_span(&b->keys));
	if (b->n == 1 && siglist_next(&it, &e) == 1 && siglist_hash_len(e.type) > 0)
		return siglist_add_hash(pending, e.type, &shim, e.data, into);
	buf_add(into, b->keys.p, b->keys.n);
	return buf_add(into, pending.p, pending.n);
}

/* Adds the certificates of the batch, as requested in this boot. */
static int note_keys(const struct mok_batch *b, enum journal_state state, struct journal *j)
{
	struct journal_entry e = { .action = b->action, .list = b->list, .state = state };
	struct siglist_iter it;
	struct siglist_entry key;
	int r = 0;

	journal_boot_id(&b->sys->root, e.boot_id);
	siglist_iter_init(&it, buf_span(&b->keys));
	while (r == 0 && siglist_next(&it, &key) > 0) {
		_cleanup_(cert_free_p) struct cert *cert = NULL;
		_cleanup_buf_ struct buf name = BUF_INIT;
		struct cert_facts facts;

		if (key.type != SIGLIST_X509 || cert_parse(key.data, "", NULL, &cert) < 0)
			continue;
		cert_facts(cert, 0, &facts);
		cert_name(cert, &name);
		memcpy(e.sha256, facts.sha256, sizeof(e.sha256));
		e.name = name.n ? name.p : (char[]){ "" };
		r = journal_add(j, &e);
	}
	return r;
}

static void remember(const struct mok_batch *b, enum journal_state state)
{
	_cleanup_journal_ struct journal j = { 0 };
	int r = journal_read(&b->sys->root, &j);

	if (r == 0)
		r = note_keys(b, state, &j);
	if (r == 0)
		r = journal_write(&b->sys->root, &j);
	if (r < 0 && b->witness)
		sys_warning(b->sys, "mok.journal", "%s: %s; `kmodctl mok status` will not know of this request",
			    JOURNAL_PATH, strerror(-r));
}

/* Request and witness; the request is made even if the witness cannot be written. */
static int request(const struct mok_batch *b, struct span keys, const uint8_t *record, enum journal_state *ret)
{
	bool had_witness = witness_is_there(&b->sys->root);
	char boot_id[37];
	int r;

	journal_boot_id(&b->sys->root, boot_id);
	*ret = b->witness && witness_write(&b->sys->root, boot_id) == 0 ? JOURNAL_WITNESSED : JOURNAL_ASKED;
	r = mok_request(&b->sys->root, &b->sys->diag, b->list, b->action, keys, record);
	if (r < 0 && *ret == JOURNAL_WITNESSED && !had_witness)
		witness_delete(&b->sys->root);
	return r;
}

int mok_batch_commit(struct mok_batch *b, const uint8_t record[MOKPW_RECORD])
{
	_cleanup_buf_ struct buf pending = BUF_INIT, all = BUF_INIT;
	enum journal_state state;
	int r;

	if (b->n == 0)
		return 0;
	r = mok_pending(&b->sys->root, b->list, b->action, &pending);
	if (r == -EBADMSG) {
		sys_error(b->sys, "mok.damaged-request", "the pending request in %s is damaged; revoke it first",
			  mok_names(b->list, b->action)->list);
		return r;
	}
	if (r == 0)
		r = merge(b, buf_span(&pending), &all);
	if (r == 0)
		r = request(b, buf_span(&all), record, &state);
	if (r == 0)
		remember(b, state);
	return r;
}

void mok_batch_done(struct mok_batch *b)
{
	buf_done(&b->keys);
}
