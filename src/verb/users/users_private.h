/* SPDX-License-Identifier: MIT */
#pragma once

/* Shared by the files that look for users: users.c, users_owner.c, users_block.c. */

#include "read/kernel/devices.h"
#include "read/kernel/mounts.h"
#include "read/kernel/proctables.h"
#include "verb/users/users.h"

/* What is read once for all searches, and the users found so far. */
struct users_search {
	const struct users_query *q;
	const struct open_probe *probe;
	struct block_devices blocks;
	struct open_files files;
	struct device_majors majors;
	struct owned { /* device numbers already judged */
		dev_t number;
		bool block, owned, nearest;
	} * seen;
	size_t n_seen, cap_seen;
	struct users *found;
};

/* Adds a copy of x to the users found. 0, -ENOMEM. */
int users_add(struct users_search *s, const struct user *x);

/* ---- users_owner.c: which module a name or a device number belongs to ---- */

bool users_is_module(const struct users_search *s, const char *name);
bool users_alias_leads_here(const struct users_search *s, const char *alias);
/*
 * 1: the module drives this device, or one further up the bus; 0; -ENOMEM. *ret_nearest: the device is the module's
 * own.
 */
int users_owns(struct users_search *s, bool block, dev_t number, bool *ret_nearest);

/* ---- users_block.c: file systems, swap, block devices and open nodes. 0, -ENOMEM. ---- */

int users_find_mounts(struct users_search *s);
int users_find_swap(struct users_search *s);
int users_find_blocks(struct users_search *s);
int users_find_nodes(struct users_search *s);
