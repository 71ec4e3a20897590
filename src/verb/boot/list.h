/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Modules that are loaded at every boot: one managed file of modules-load.d(5) for each,
 * /etc/modules-load.d/kmodctl-NAME.conf, and the list of all modules requested.
 */

#include "read/conf/modload.h"
#include "read/conf/policy.h"
#include "read/index/catalog.h"
#include "system/sys.h"

/*
 * Writes the managed file and reads it back. A file that already names the module is left alone, with whatever an
 * administrator added to it. An installed kernel that lacks the module causes a warning; that all lack it, -ENOENT, but
 * for force. 1: it was enabled before; 0; -errno, reported.
 */
int boot_enable(struct sys *sys, const char *module, bool force);
/*
 * Removes it. -ENOENT: another list still names the module, or it was not enabled; -EEXIST: the file also names
 * another module. Errors are reported.
 */
int boot_disable(struct sys *sys, const char *module);

struct boot_row {
	const struct modload_entry *entry;
	const char *state;                 /* as of live_state_name(), "not-loaded" or "unknown" */
	const struct policy_entry *denied; /* the blacklist line, or NULL */
	bool managed;                      /* by the file that boot_enable() writes */
};

struct boot_list {
	struct boot_row *rows; /* borrow from the three below */
	size_t n;
	struct modload entries;
	struct policy *policy;
	struct catalog *catalog; /* of the running kernel */
};

/* 0 or -errno. entries.error: the error of a list that could not be read; it was reported. */
int boot_list_read(struct sys *sys, struct boot_list *ret);
void boot_list_done(struct boot_list *l);

#define _cleanup_boot_list_ _cleanup_(boot_list_done)
