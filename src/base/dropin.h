/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Configuration fragments: `*.conf` files of several directories, as modprobe.d(5), depmod.d(5) and
 * modules-load.d(5) define them. A file name seen in an earlier directory masks the same name in later
 * ones; all survivors are sorted by file name, bytewise.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/root.h"
#include "base/vec.h"

struct dropin_file {
	char *path;       /* logical path */
	const char *name; /* its last component, the sort key */
	bool is_regular;  /* not a pipe or a device */
	size_t found;     /* how many were found before it */
};

struct dropin {
	struct dropin_file *items;
	size_t n;
	size_t cap;
	int error; /* -errno of a path that may be there, or of a directory that was not read to its end; 0: none */
};

/*
 * paths: NULL-terminated, earlier wins. Each is a directory or a single file (taken whatever its name and type: a pipe
 * may be intended). Missing ones are skipped. Dangling links, and directory entries that are not files, are reported
 * and skipped. A path that cannot be looked up or read counts in error, and the others are still read.
 */
int dropin_collect(const struct root *root, const char *const *paths, struct diag *diag, struct dropin *ret);
/*
 * Appends the files in these directories whose names keep them from being read: no `.conf` at the end, or a dot at the
 * beginning of one that has it. Neither README nor other hidden files count. 0 or -ENOMEM; a directory that cannot be
 * read has none.
 */
int dropin_unread(const struct root *root, const char *const *paths, struct strv *ret);
void dropin_done(struct dropin *d);

#define _cleanup_dropin_ _cleanup_(dropin_done)
