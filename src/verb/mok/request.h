/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Requests to shim's MokManager (docs/formats/mok.md, after shim's MokVars.txt): a list of keys with a password
 * record, a switch with a password in clear, or a plain setting. A request of two variables is written whole or not at
 * all: when the second one fails, the first gets back what it held before.
 */

#include "base/diag.h"
#include "verb/mok/mokpw.h"
#include "read/efi/vars.h"

enum mok_list { MOK_KEYS, MOK_BLOCKED }; /* MokList, MokListX */
enum mok_action { MOK_ENROLL, MOK_DELETE };

struct mok_names {
	const char *list;  /* "MokNew" */
	const char *auth;  /* "MokAuth" */
	const char *title; /* the entry of MokManager's menu */
};

const struct mok_names *mok_names(enum mok_list list, enum mok_action action);
/* The list as shim publishes it: "MokListRT", "MokListXRT". */
const char *mok_enrolled_name(enum mok_list list);

/* The pending list; empty when there is none. -EBADMSG: not a signature list. */
int mok_pending(const struct root *root, enum mok_list list, enum mok_action action, struct buf *into);
/* The enrolled list; empty when there is none. */
int mok_enrolled(const struct root *root, enum mok_list list, struct buf *into);

/*
 * Writes list and record. An empty list requests what a record alone means to shim: to erase the whole list
 * (with MOK_ENROLL only). Failures are reported and what was there before is put back.
 */
int mok_request(const struct root *root, struct diag *diag, enum mok_list list, enum mok_action action,
		struct span keys, const uint8_t record[MOKPW_RECORD]);
/* Removes a request. 1: there was one, 0: none. */
int mok_revoke(const struct root *root, struct diag *diag, enum mok_list list, enum mok_action action);
/* True when the request is to erase the list: a record without a list. */
bool mok_reset_pending(const struct root *root, enum mok_list list);

enum mok_switch { MOK_VALIDATION, MOK_USE_DB, MOK_TRUST };

/*
 * on: validate, use db, let the kernel trust the list. password: 8 to 16 characters, which MokManager asks for one by
 * one.
 */
int mok_switch(const struct root *root, struct diag *diag, enum mok_switch which, bool on, const char *password);
/* 1 and the wanted state when a request is pending, 0 none. */
int mok_switch_pending(const struct root *root, enum mok_switch which, bool *ret_on);

/* MokManager's own password. NULL record: removes the password. */
int mok_password(const struct root *root, struct diag *diag, const uint8_t record[MOKPW_RECORD]);

/* A variable of shim with a plain value; written or, for an empty value, deleted. */
int mok_set(const struct root *root, struct diag *diag, const char *name, struct span value);
#define MOK_TIMEOUT_DEFAULT 10
/*
 * Seconds that MokManager waits for a key. Measured with shim 16.1: below 0 it shows its menu at once and stays there;
 * at 0 it counts down forever.
 */
int mok_timeout(const struct root *root, struct diag *diag, int32_t seconds);
/* The value that is set; MOK_TIMEOUT_DEFAULT when none is, or when it cannot be read. */
int32_t mok_timeout_read(const struct root *root);
