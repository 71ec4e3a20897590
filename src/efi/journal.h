/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What was asked of MokManager, remembered over the reboot: MokManager deletes the request whatever became of it, so
 * only the two together tell an enrolled key from one that was refused or never shown. One line per request in
 * /var/lib/kmodctl/mok-requests: "enrol|delete keys|blocked SHA256 BOOT-ID NAME".
 */

#include <stdbool.h>

#include "base/root.h"
#include "base/vec.h"
#include "efi/mok.h"

#define JOURNAL_PATH "/var/lib/kmodctl/mok-requests"

struct journal_entry {
	enum mok_action action;
	enum mok_list list;
	uint8_t sha256[32];  /* of the certificate's DER */
	char boot_id[37];    /* when it was asked for */
	char *name;
};

struct journal {
	struct journal_entry *items;
	size_t n, cap;
};

/* Empty when there is none. Damaged lines are left out. 0, -ENOMEM, or why the file cannot be read. */
int journal_read(const struct root *root, struct journal *ret);
int journal_parse(struct span text, struct journal *ret);
/* Replaces entries of the same key and list. */
int journal_add(struct journal *j, enum mok_action action, enum mok_list list, const uint8_t sha256[32],
		const char *boot_id, const char *name);
int journal_write(const struct root *root, const struct journal *j);
void journal_done(struct journal *j);

/* /proc/sys/kernel/random/boot_id; "" when it cannot be read. */
void journal_boot_id(const struct root *root, char ret[37]);

/* What became of a request. */
enum mok_outcome {
	MOK_WAITS,        /* pending, not rebooted yet */
	MOK_NOT_SHOWN,    /* still pending after a reboot: MokManager did not start */
	MOK_ACCEPTED,     /* enrolled, or deleted, as asked */
	MOK_NOT_ACCEPTED, /* gone after a reboot without effect: refused, wrong password, or nobody pressed a key */
	MOK_VANISHED,     /* gone without a reboot: taken back */
};

/* in_list: the key is in the published list; pending: in the request. */
enum mok_outcome mok_outcome(const struct journal_entry *e, const char *boot_id, bool in_list, bool pending);
const char *mok_outcome_text(enum mok_outcome o);

#define _cleanup_journal_ _cleanup_(journal_done)
