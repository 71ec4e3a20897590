/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A file replaced in steps, so that the new content can be checked where it lies before it takes the old one's place:
 * begin, write, settle (attributes, fsync), look at .temporary, commit. Until commit the old file is untouched, and
 * done() removes what is left over. A symbolic link stays, and what it points to is replaced; of several hard links
 * only the one that is named becomes the new file. Signals that would end the process wait from begin to done.
 */

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/root.h"
#include "base/signals.h"
#include "base/span.h"

struct replacement {
	char target[PATH_MAX];    /* with the root's prefix, links resolved */
	char temporary[PATH_MAX]; /* beside it; "" when there is none (any more) */
	int fd;
	bool exists;
	struct stat old;
	mode_t mode; /* of a file that is new */
	struct signals signals;
	bool holds;
};

/* A new file gets this mode. -errno; -EISDIR or -EINVAL: something other than a file is there. */
int replacement_begin(const struct root *root, const char *path, mode_t mode, struct replacement *ret);
int replacement_write(struct replacement *r, struct span bytes);
/* Copies mode, owner, access list, extended attributes and labels from the old file, then syncs everything to disk. */
int replacement_settle(struct replacement *r);
/* Renames, and makes the rename durable. */
int replacement_commit(struct replacement *r);
void replacement_done(struct replacement *r);

/*
 * All steps at once. If the path exists and is not a file (a terminal, a pipe, /dev/null), it is written to instead of
 * being replaced.
 */
int file_replace(const struct root *root, const char *path, struct span content, mode_t mode);

#define REPLACEMENT_INIT ((struct replacement){ .fd = -1 })
#define _cleanup_replacement_ _cleanup_(replacement_done)
