/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Requests to MokManager, recorded across the reboot: MokManager deletes a request whatever its outcome, so only the
 * journal and the lists together distinguish an enrolled key from one that was refused or never shown. One line per
 * request in /var/lib/kmodctl/mok-requests: "enroll|delete keys|blocked SHA256 BOOT-ID STATE NAME".
 */

#include <stdbool.h>

#include "base/root.h"
#include "base/vec.h"
#include "verb/mok/request.h"

#define JOURNAL_PATH "/var/lib/kmodctl/mok-requests"

/* The last known state of a request. */
enum journal_state {
	JOURNAL_ASKED,     /* open */
	JOURNAL_WITNESSED, /* open, and a witness was written (efi/witness.h) */
	JOURNAL_DONE,
	JOURNAL_REFUSED,
	JOURNAL_VANISHED,
	JOURNAL_STATES,
};

struct journal_entry {
	enum mok_action action;
	enum mok_list list;
	enum journal_state state;
	uint8_t sha256[32]; /* of the certificate's DER */
	char boot_id[37];   /* the boot in which it was made */
	char *name;
};

struct journal {
	struct journal_entry *items;
	size_t n, cap;
};

/* Empty when there is none. Damaged lines are left out. 0, -ENOMEM, or why the file cannot be read. */
int journal_read(const struct root *root, struct journal *ret);
int journal_parse(struct span text, struct journal *ret);
/* Adds a copy of the entry; replaces those of the same key and list. */
int journal_add(struct journal *j, const struct journal_entry *e);
int journal_write(const struct root *root, const struct journal *j);
void journal_done(struct journal *j);

/* Removes the entry of that key. */
void journal_drop(struct journal *j, enum mok_list list, const uint8_t sha256[32]);
/* Removes the open requests of that kind, which were revoked. Returns how many. */
size_t journal_forget(struct journal *j, enum mok_list list, enum mok_action action);

/* /proc/sys/kernel/random/boot_id; "" when it cannot be read. */
void journal_boot_id(const struct root *root, char ret[37]);

/* The outcome of a request. */
enum mok_outcome {
	MOK_WAITS,        /* pending, not rebooted yet */
	MOK_NOT_SHOWN,    /* still pending after a reboot: MokManager did not start */
	MOK_ACCEPTED,     /* enrolled, or deleted, as asked */
	MOK_NOT_ACCEPTED, /* gone after a reboot without effect: refused, wrong password, or no key was pressed */
	MOK_TAKEN_BACK,   /* gone without a reboot */
	MOK_LOST,         /* gone after a reboot together with its witness */
	MOK_UNDONE,       /* it was done once, but is no longer in effect */
	MOK_UNTOLD,       /* shim's lists are not published: not booted through it */
};

/* What can be seen of a request now. */
struct mok_sight {
	const char *boot_id;
	bool published; /* shim shows its lists */
	bool in_list;   /* the key is in the published list */
	bool pending;   /* it is in the request */
	bool witness;
};

enum mok_outcome mok_outcome(const struct journal_entry *e, const struct mok_sight *now);
/* The state to record once that outcome was seen. */
enum journal_state mok_outcome_state(const struct journal_entry *e, enum mok_outcome o);
const char *mok_outcome_text(enum mok_outcome o);
/* "waits", "not-shown", "done", "refused", "vanished", "unknown": stable, for JSON */
const char *mok_outcome_word(enum mok_outcome o);

#define _cleanup_journal_ _cleanup_(journal_done)
