/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A name in a directory that is held open. Whoever may write to the directory can exchange what has the name at any
 * time, but cannot lead anything that is done through a place out of the directory: only the name is looked up again,
 * never the path, and never through a link.
 */

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/root.h"

struct place {
	int dir;
	bool named; /* the user named the last component too: it may be a link to be followed */
	char name[NAME_MAX + 1];
};

#define PLACE_INIT ((struct place){ .dir = -1 })
/* All of a path was named by the user. */
#define PLACE_NAMED SIZE_MAX

/*
 * Opens the directory of the path. The first `top` octets of the path are what the user named, and links in them are
 * followed; the components after them were found in a directory, and a link among those is refused (-ENOTDIR).
 */
int place_find(const struct root *root, const char *path, size_t top, struct place *ret);
void place_done(struct place *p);

/* What has the name; never what a link leads to (-ELOOP). A descriptor, or -errno. */
int place_open(const struct place *p, int flags);
/*
 * The file to work on: where the user named a link, the place becomes that of its target, links on the way included.
 * -ENOENT with the place unchanged: nothing has the name; -ENOLINK: the link leads nowhere; -ELOOP: too many links, or
 * one that the user did not name; -EACCES: a link that neither root nor the caller made leads to a file of yet another
 * user, as with fs.protected_symlinks (proc_sys_fs(5)). A descriptor, whose status is in *ret.
 */
int place_open_target(struct place *p, int flags, struct stat *ret);

#define _cleanup_place_ _cleanup_(place_done)
