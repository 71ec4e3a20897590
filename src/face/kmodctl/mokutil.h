/* SPDX-License-Identifier: MIT */
#pragma once

/* What the files of mokutil share: one run of it, and a function for each verb. These return the exit status. */

#include "face/common/env.h"
#include "verb/mok/password.h"
#include "verb/mok/request.h"

#define EXIT_FAILED 255 /* what mokutil's main() returns for -1 */

struct mokutil {
	struct env *env;
	const struct verb *verb;
	const char *argument; /* of the verb */
	int word;             /* which of its words that is */
	char **files;         /* operands, the verb's argument first */
	int n_files;
	struct mok_secret secret;
	enum mok_list list;
	bool ca_check, ignore_keyring;
	bool brief, all; /* for listings */
};

struct verb {
	const char *name;
	int letter;          /* 0: none */
	const char *metavar; /* "<der file...>" */
	const char *help;
	int (*run)(struct mokutil *m);
	enum { WITH_LIST = 1, OPTIONAL_ARGUMENT = 2, ONCE = 4 /* with its argument */ } flags;
	int value;                /* for run */
	const char *const *words; /* the argument is one of these, which end with NULL */
};

/* ---- mokutil_show.c: lists and states ---- */

/* What mokutil_list() lists. */
enum { MOKUTIL_ENROLLED, MOKUTIL_PK, MOKUTIL_KEK, MOKUTIL_DB, MOKUTIL_DBX };

int mokutil_list(struct mokutil *m);
int mokutil_list_pending(struct mokutil *m);
int mokutil_list_sbat(struct mokutil *m);
int mokutil_export_keys(struct mokutil *m);
int mokutil_sb_state(struct mokutil *m);

/* ---- mokutil_request.c: keys, and requests for the next boot ---- */

int mokutil_test_key(struct mokutil *m);
int mokutil_request_keys(struct mokutil *m);
int mokutil_request_hash(struct mokutil *m);
int mokutil_revoke_request(struct mokutil *m);
int mokutil_reset(struct mokutil *m);
int mokutil_set_password(struct mokutil *m);
int mokutil_toggle(struct mokutil *m);
int mokutil_generate_hash(struct mokutil *m);
int mokutil_set_timeout(struct mokutil *m);
int mokutil_set_flag(struct mokutil *m);
/* Its words, as numbered; the value that shim reads is one more. "previous" is what "automatic" was called once. */
enum { MOKUTIL_LATEST, MOKUTIL_AUTOMATIC, MOKUTIL_DELETE, MOKUTIL_PREVIOUS };
int mokutil_set_policy(struct mokutil *m);
