/* SPDX-License-Identifier: MIT */
#pragma once

/* One module under examination, its file opened once for all checks. */

#include "decide/verdict/machine.h"
#include "read/image/facts.h"
#include "read/kernel/kmsg.h"
#include "read/kernel/lockstate.h"
#include "read/kernel/modalias.h"
#include "verb/why/query.h"

/* What may ask for a module otherwise than by its name. */
struct subject_aliases {
	size_t n;             /* of its file and of the configuration */
	size_t n_for_devices; /* that are patterns for devices */
	size_t n_devices;     /* of this machine that match */
	const char *device;   /* the first of them, for people */
};

struct subject {
	const struct why_query *q;
	const struct candidate *c;
	const char *path;             /* of its file; NULL: none known */
	char *own_path;               /* where the path is not the candidate's */
	int refused;                  /* -errno: the kernel has refused to load it; 0: not tried */
	const struct kmsg_list *kmsg; /* what it logged meanwhile; NULL: unknown */
	enum live_state state;
	bool builtin;
	struct source *src;     /* the file, once it could be read; NULL */
	int error;              /* -errno: why it could not be read; -ENOENT: there is no file */
	bool is_tiny;           /* for it has fewer octets than any magic number: the kernel reads it all the same */
	bool is_elf, is_module; /* for this kernel: what is_cut may be neither */
	bool is_cut; /* the object reaches into its signature, which a kernel that checks signatures takes off */
	enum trust_answer takes_off; /* if is_cut: does this one? */
	struct elf elf;              /* if is_elf */
	struct modinfo info;         /* if is_module */
	bool has_lock;
	struct lockstate lock; /* if has_lock; subject_lock() reads it */
	struct modaliases devices;
	struct subject_aliases aliases; /* why_aliases() fills it */
	struct why *found;
};

/* Looks up the state of the module c, and opens its file. q, c and found must outlive it. 0, -ENOMEM. */
int subject_open(const struct why_query *q, const struct candidate *c, struct why *found, struct subject *ret);
void subject_close(struct subject *s);

/* What keeps this process, or any, from loading modules: read once. Borrowed. 0, -ENOMEM. */
int subject_lock(struct subject *s, const struct lockstate **ret);

/* The module that modules.symbols names for a symbol; NULL: none. */
const char *subject_provider(const struct subject *s, const char *symbol);
/* Adds to the last finding the fix for a file that was built for another kernel. */
int subject_fix_build(struct subject *s);
/* The same for a line of the configuration that must not be there if the module is wanted. */
int subject_fix_line(struct subject *s, const struct policy_entry *line);
/* The same for what only root can read, or do. */
int subject_fix_as_root(struct subject *s);

#define _cleanup_subject_ _cleanup_(subject_close)
