/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Modules that are loaded at every boot: one managed file of modules-load.d(5) for each,
 * /etc/modules-load.d/kmodctl-NAME.conf, and the list of all that is asked for.
 */

#include "read/conf/modload.h"
#include "read/conf/policy.h"
#include "read/index/catalog.h"
#include "system/sys.h"

/*
 * Writes the managed file and reads it back. A file that asks for the module already is left alone, with all that
 * somebody may have added. What an installed kernel lacks is a warning. 0 or -errno; reports.
 */
int boot_enable(struct sys *sys, const char *module);
/*
 * Removes it. -ENOENT: it is still asked for elsewhere, or was not enabled; -EEXIST: the file asks for another one,
 * too. Reports.
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

/* 0 or -errno. entries.error: of a list that could not be read, which was reported. */
int boot_list_read(struct sys *sys, struct boot_list *ret);
void boot_list_done(struct boot_list *l);

#define _cleanup_boot_list_ _cleanup_(boot_list_done)
