/* SPDX-License-Identifier: MIT */
#pragma once

/* The loaded modules as a person looks at them: with their files and versions, filtered, by who uses whom. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"
#include "read/kernel/live.h"
#include "system/sys.h"

/* Which modules are wanted; all zero: every one. */
struct loaded_filter {
	struct strv patterns; /* glob(7), one of which the name matches; none: any name */
	bool tainted;     /* the module taints the kernel: letters of Documentation/admin-guide/tainted-kernels.rst */
	bool unsigned_;   /* E: loaded without a signature that the kernel accepted */
	bool out_of_tree; /* O */
	bool unused;      /* use count 0, and not permanent */
};

/*
 * Adds what a word means: "tainted", "unsigned", "out-of-tree", "unused", or else a pattern of names, in which - is _.
 * -EINVAL, -ENAMETOOLONG: not a pattern (base/modname.h); -ENOMEM. The owner ends it with strv_done(&f->patterns).
 */
int loaded_filter_add(struct loaded_filter *f, const char *word);

/* Where nothing matches one pattern: the filter or the loaded module that was probably meant (base/nearest.h). */
int loaded_filter_hint(struct sys *sys, const struct loaded_filter *f, struct buf *into);

struct loaded_module {
	const struct live_module *live;
	const char *path; /* in modules.dep; NULL: not there */
	const char *
		place; /* the first directory below /lib/modules/RELEASE: "kernel", "updates", "extra"; NULL: no path */
	const char *version; /* /sys/module/NAME/version; NULL: the module has none */
};

struct loaded {
	struct live *live;
	struct loaded_module *items; /* in the order of /proc/modules */
	size_t n, cap;
	struct arena strings;
};

/* A release without indexes leaves the paths out. -errno of /proc/modules; failures are reported. */
int loaded_read(struct sys *sys, const struct loaded_filter *filter, struct loaded *ret);
void loaded_done(struct loaded *l);

/*
 * A walk by who uses whom: visit() gets each module that nothing loaded uses, below it (parent: what visit() returned
 * for it) those that it uses, and so on. What stands below a module is visited once: where it comes up again, is_again
 * is set and nothing follows, so that there are no more visits than modules and uses. visit() returns the number of its
 * row, or -errno, which ends the walk.
 */
int loaded_walk(const struct loaded *l,
		ssize_t (*visit)(void *data, const struct loaded_module *m, size_t parent, bool is_again), void *data);

#define LOADED_TOP ((size_t)-1)

#define _cleanup_loaded_ _cleanup_(loaded_done)
