/* SPDX-License-Identifier: MIT */
#pragma once

/* One line of the configuration, and all lines of one kind in their order, which are found by name. */

#include <stddef.h>

#include "base/map.h"
#include "read/conf/globs.h"

/* In the order of `modprobe -c` */
enum policy_kind {
	POLICY_BLACKLIST,
	POLICY_INSTALL,
	POLICY_REMOVE,
	POLICY_ALIAS,
	POLICY_OPTIONS,
	POLICY_SOFTDEP,
	POLICY_WEAKDEP,
	POLICY_N,
};

struct policy_entry {
	enum policy_kind kind;
	const char *name;       /* normalized name or pattern */
	const char *value;      /* alias: module name; options: text; install/remove: command; else NULL */
	const char *const *pre; /* softdep; names as written */
	size_t n_pre;
	const char *const *post; /* softdep; weakdep: its names are in pre */
	size_t n_post;
	const char *const *names;             /* softdep, weakdep: both, in the order of the line */
	const char *file;                     /* "/etc/modprobe.d/x.conf"; "/proc/cmdline" */
	unsigned line;                        /* of the last physical line; 0 for the command line */
	const struct policy_entry *next_same; /* the next one of exactly this name; NULL: none */
};

struct policy_entries {
	struct policy_entry *items;
	size_t n, cap;
	struct map first;   /* name → first entry of exactly this name */
	struct globs globs; /* the entries whose name is a pattern, by their position */
};

/* Entries that a search found, in their order. */
struct policy_found {
	const struct policy_entry **items;
	size_t n, cap;
};

/* Makes the entries, which stay in their places from now on, ready to be found. 0 or -ENOMEM. */
int policy_entries_index(struct policy_entries *of);
/* The first entry of exactly this name; those after it are next_same. NULL: none. */
const struct policy_entry *policy_entries_literal(const struct policy_entries *in, const char *name);
/* The first entry whose pattern matches the name. NULL: none. */
const struct policy_entry *policy_entries_match(const struct policy_entries *in, const char *name);
/* Adds all entries whose pattern matches the name. 0 or -ENOMEM. */
int policy_entries_find(const struct policy_entries *in, const char *name, struct policy_found *into);
void policy_entries_done(struct policy_entries *e);
void policy_found_done(struct policy_found *f);

#define _cleanup_policy_found_ _cleanup_(policy_found_done)
