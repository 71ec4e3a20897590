/* SPDX-License-Identifier: MIT */
#pragma once

/* What `kmodctl mok` and `mokutil` have in common: where a key stands, passwords, and requests for several keys. */

#include "verb/mok/request.h"
#include "verb/trust/keystore.h"

/* Where a certificate stands with a list. The first that fits, in this order. */
enum mok_standing {
	MOK_ABSENT,        /* nowhere: it may be asked for */
	MOK_IN_KERNEL,     /* in .builtin_trusted_keys: enrolling it adds nothing */
	MOK_IN_DB,
	MOK_IN_LIST,
	MOK_IN_REQUEST,    /* waits to be enrolled */
	MOK_IN_DBX,
	MOK_IN_BLOCKED,    /* in MokListXRT */
};

struct mok_search {
	struct sys *sys;
	enum mok_list list;
	bool ignore_keyring;
};

/* 0 or -ENOMEM. Lists that cannot be read are told once per call and count as empty. */
int mok_find(const struct mok_search *s, const struct cert *cert, enum mok_standing *ret);
/* "already enrolled", "blocked in dbx": as mokutil words it. */
const char *mok_standing_text(enum mok_standing standing, enum mok_list list);

enum mok_ca { MOK_CA_NONE, MOK_CA_ENROLLED, MOK_CA_BLOCKED };
/* Does a certificate in db or the list, or in dbx or the blocked list, have issued this one? */
int mok_find_ca(const struct mok_search *s, const struct cert *cert, enum mok_ca *ret);

/* What a request did with one key. */
enum mok_done { MOK_ADDED, MOK_SKIPPED, MOK_REVERSED /* taken out of the opposite request */ };

struct mok_batch {
	struct sys *sys;
	enum mok_list list;
	enum mok_action action;
	bool witness;        /* write one beside the request, and tell when it cannot be noted down */
	struct buf keys;     /* new lists, in the order given */
	size_t n;
};

/*
 * Takes one certificate or hash into the batch. With an opposite request for it pending, that one is taken back at
 * once. Reports failures of variables. 0 or -errno.
 */
int mok_batch_add(struct mok_batch *b, enum siglist_type type, struct span data, enum mok_done *ret);
/*
 * Writes the batch in front of what is pending, with its record, and notes its certificates in the journal. Nothing is
 * done for an empty batch.
 */
int mok_batch_commit(struct mok_batch *b, const uint8_t record[MOKPW_RECORD]);
void mok_batch_done(struct mok_batch *b);

/* The lists by name; empty when they are not there. -EBADMSG damaged. */
int mok_read_db(struct sys *sys, bool forbidden, struct buf *into);

#define _cleanup_mok_batch_ _cleanup_(mok_batch_done)
