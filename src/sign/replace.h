/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A file replaced in steps, so that the new content can be checked where it lies before it takes the old one's place:
 * begin, write, settle (attributes, fsync), look at .temporary, commit. Until commit the old file is untouched, and
 * done() removes what is left over.
 */

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/root.h"
#include "base/span.h"

struct replacement {
	char target[PATH_MAX];    /* with the root's prefix, links resolved */
	char temporary[PATH_MAX]; /* beside it; "" when there is none (any more) */
	int fd;
	bool exists;
	struct stat old;
};

/* A new file will have the mode 0666 & ~umask. -errno. */
int replacement_begin(const struct root *root, const char *path, struct replacement *ret);
int replacement_write(struct replacement *r, struct span bytes);
/* Mode, owner, extended attributes and labels of the old file; then everything to the disk. */
int replacement_settle(struct replacement *r);
/* Renames, and makes the renaming durable. */
int replacement_commit(struct replacement *r);
void replacement_done(struct replacement *r);

#define REPLACEMENT_INIT ((struct replacement){ .fd = -1 })
#define _cleanup_replacement_ _cleanup_(replacement_done)
