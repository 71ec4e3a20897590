/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the administrator configured: modprobe.d(5), modules.softdep/weakdep of the release, and the kernel command
 * line, merged in order, each entry with the place it comes from.
 */

#include <stdbool.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/root.h"
#include "read/conf/policy_entry.h"

struct policy;
struct dropin;

struct policy_request {
	struct root root;
	const char *const *paths; /* NULL-terminated files and directories; NULL: policy_default_paths */
	const char *moduledir;    /* modules.softdep and modules.weakdep are read from there; NULL: they are not read */
	bool no_cmdline;          /* do not read /proc/cmdline */
};

extern const char *const policy_default_paths[]; /* NULL-terminated */

/* The files that are read, in their order: by name, modules.softdep and modules.weakdep among the others. */
int policy_files(const struct policy_request *req, struct diag *diag, struct dropin *ret);
/* Bad lines are reported and skipped; the result is still 0. Fails only without memory. */
int policy_load(const struct policy_request *req, struct diag *diag, struct policy **ret);
void policy_free(struct policy *p);
/*
 * 0: may be relied upon. -EPERM, reported: a part of what is configured could not be read, so that blacklist and
 * install lines may be missing; nothing must be loaded by it. NULL is no configuration, and may be relied upon.
 */
int policy_check(const struct policy *p, struct diag *diag);

size_t policy_count(const struct policy *p, enum policy_kind kind);
const struct policy_entry *policy_get(const struct policy *p, enum policy_kind kind, size_t i);
const char *policy_kind_name(enum policy_kind kind); /* "blacklist" */

/* blacklist: literal comparison with a normalized name. NULL: not blacklisted. */
const struct policy_entry *policy_blacklist(const struct policy *p, const char *name);
/* install, remove, softdep, weakdep: first entry whose pattern matches the name. NULL: none. */
const struct policy_entry *policy_match(const struct policy *p, enum policy_kind kind, const char *name);
/* alias: adds all entries whose pattern matches the name, in their order. 0 or -ENOMEM. */
int policy_find(const struct policy *p, enum policy_kind kind, const char *name, struct policy_found *into);
/* install, remove: first entry of exactly this name (source 4 of docs/formats/lookup.md). */
const struct policy_entry *policy_literal(const struct policy *p, enum policy_kind kind, const char *name);
/*
 * All options of a module (by its name, or by the alias that was requested; alias may be NULL), joined with blanks.
 * 1: found; 0: none, or only empty ones (`module.` on the kernel command line).
 */
int policy_options(const struct policy *p, const char *name, const char *alias, struct buf *into);
/*
 * Whether one of these options comes from the kernel command line and has a character that the shell interprets.
 * Whoever may edit that line in a boot loader must not run commands by an install line.
 */
bool policy_is_unsafe(const struct policy *p, const char *name, const char *alias);
/* Softdep value as `modprobe -c` prints it ("pre: a bpost: c" quirk included). */
int policy_format_deps(const struct policy_entry *e, struct buf *into);

DEFINE_CLEANUP(struct policy *, policy_free)
