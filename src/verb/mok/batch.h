/* SPDX-License-Identifier: MIT */
#pragma once

/* Requests for several keys, as `kmodctl mok` and `mokutil` make them. */

#include "verb/mok/request.h"
#include "read/efi/siglist.h"
#include "system/sys.h"

/* What a request did with one key. */
enum mok_done { MOK_ADDED, MOK_SKIPPED, MOK_REVERSED /* taken out of the opposite request */ };

struct mok_batch {
	struct sys *sys;
	enum mok_list list;
	enum mok_action action;
	bool witness;    /* write one beside the request, and report when the journal cannot be written */
	struct buf keys; /* new lists, in the order given */
	size_t n;
};

/*
 * Takes one certificate or hash into the batch. A pending opposite request for it is revoked at once. 0 or -errno;
 * failed accesses to variables are reported.
 */
int mok_batch_add(struct mok_batch *b, enum siglist_type type, struct span data, enum mok_done *ret);
/*
 * Writes the batch in front of what is pending, with its record, and notes its certificates in the journal. Nothing is
 * done for an empty batch.
 */
int mok_batch_commit(struct mok_batch *b, const uint8_t record[MOKPW_RECORD]);
void mok_batch_done(struct mok_batch *b);

#define _cleanup_mok_batch_ _cleanup_(mok_batch_done)
