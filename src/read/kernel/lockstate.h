/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What may keep this process from loading modules of any kind: lockdown (kernel_lockdown(7)), module.sig_enforce,
 * modules_disabled (sysctl kernel), capabilities(7), module_blacklist= (kernel-parameters.txt).
 * Each value comes with the place where it was read, or why it could not be.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"
#include "base/vec.h"

struct lock_source {
	const char *path; /* the file it was read from */
	int error;        /* 0: read; -ENOENT: this kernel does not have it; else why it could not be read */
};

enum lockdown { LOCKDOWN_UNKNOWN = -1, LOCKDOWN_NONE, LOCKDOWN_INTEGRITY, LOCKDOWN_CONFIDENTIALITY };

/* An answer of the kernel; unknown when its source could not be read. */
enum lock_answer { LOCK_UNKNOWN = -1, LOCK_NO, LOCK_YES };

struct lockstate {
	enum lockdown lockdown;
	struct lock_source lockdown_source;
	enum lock_answer sig_enforce; /* unsigned modules are refused */
	struct lock_source sig_enforce_source;
	enum lock_answer modules_disabled; /* nothing can be loaded or unloaded until the next boot */
	struct lock_source modules_disabled_source;
	enum lock_answer cap_sys_module; /* this process may load modules */
	struct lock_source cap_source;
	enum lock_answer is_filtered; /* a filter of seccomp(2) may answer its system calls; from the same file */
	enum lock_answer
		in_user_namespace; /* its capabilities do not count: module loading checks the initial namespace */
	struct lock_source userns_source;
	/*
	 * Names as written: the kernel compares bytes, so that one with '-' is no module's. A parameter that holds a
	 * string has the last one that was given: the last module_blacklist=. What came before it does not count; nor
	 * does a list of more than OPTION_STRING_MAX bytes, which leaves the one before it in effect.
	 */
	struct strv blacklist, replaced, oversized;
	struct strv initcalls; /* functions of every initcall_blacklist= */
	struct lock_source blacklist_source;
};

/* Fails only without memory (-ENOMEM): what could not be read is unknown, with the reason. */
int lockstate_read(const struct root *root, struct lockstate *ret);
void lockstate_done(struct lockstate *s);

const char *lockdown_name(enum lockdown level); /* "none", "integrity", "confidentiality"; NULL: unknown */
/* name: of a module, normalized. */
bool lockstate_is_blacklisted(const struct lockstate *s, const char *name);

/*
 * Does procfs show that this kernel has no support for modules? Where a mount shows nothing but processes, it shows
 * nothing of that, either.
 */
bool lockstate_is_without_modules(const struct root *root);

/* Parses the text "none [integrity] confidentiality". */
enum lockdown lockdown_parse(const char *text);

#define _cleanup_lockstate_ _cleanup_(lockstate_done)
