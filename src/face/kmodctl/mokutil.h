/* SPDX-License-Identifier: MIT */
#pragma once

/* What the files of mokutil share: one run of it, and a function for each verb. These return the exit status. */

#include "face/common/env.h"
#include "verb/mok/password.h"
#include "verb/mok/request.h"

#define EXIT_USAGE 255 /* what mokutil's main() returns for -1 */

struct mokutil {
	struct env *env;
	const struct verb *verb;
	const char *argument; /* of the verb */
	char **files;         /* operands, the verb's argument first */
	int n_files;
	struct mok_secret secret;
	enum mok_list list;
	bool ca_check, ignore_keyring;
};

struct verb {
	const char *name;
	int letter;          /* 0: none */
	const char *metavar; /* "<der file...>" */
	const char *help;
	int (*run)(struct mokutil *m);
	enum { WITH_PASSWORD = 1, WITH_LIST = 2, WITH_KEYS = 4, OPTIONAL_ARGUMENT = 8 } flags;
	int value; /* for run */
};

/* ---- mokutil_show.c: lists and states ---- */

int mokutil_list_enrolled(struct mokutil *m);
int mokutil_list_pending(struct mokutil *m);
int mokutil_list_firmware(struct mokutil *m);
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
int mokutil_set_sbat_policy(struct mokutil *m);

/* mokutil.c: prints the options. Returns the status of a wrong command line. */
int mokutil_usage(struct mokutil *m);
