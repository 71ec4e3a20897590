/* SPDX-License-Identifier: MIT */
#pragma once

/* Whether a certificate is on the lists of the firmware, of shim and of the kernel. */

#include "system/sys.h"
#include "verb/mok/request.h"

struct cert;

/* Where a certificate was found. The first that applies, in this order. */
enum mok_standing {
	MOK_ABSENT,    /* nowhere: it may be requested */
	MOK_IN_KERNEL, /* in .builtin_trusted_keys: enrolling it adds nothing */
	MOK_IN_DB,
	MOK_IN_LIST,
	MOK_IN_REQUEST, /* waits to be enrolled */
	MOK_IN_DBX,
	MOK_IN_BLOCKED, /* in MokListXRT */
};

struct mok_search {
	struct sys *sys;
	enum mok_list list;
	bool ignore_keyring;
};

/* 0 or -ENOMEM. Lists that cannot be read are reported once per call and count as empty. */
int mok_find(const struct mok_search *s, const struct cert *cert, enum mok_standing *ret);
/* "already enrolled", "blocked in dbx": as mokutil words it. */
const char *mok_standing_text(enum mok_standing standing, enum mok_list list);

enum mok_ca { MOK_CA_NONE, MOK_CA_ENROLLED, MOK_CA_BLOCKED };
/* Did a certificate in db or the list, or in dbx or the blocked list, issue this one? 0, -EBADMSG: a damaged list. */
int mok_find_ca(const struct mok_search *s, const struct cert *cert, enum mok_ca *ret);
