/* SPDX-License-Identifier: MIT */
#pragma once

/* Mounted file systems of every mount namespace that can be seen: /proc/PID/mountinfo (proc(5)). */

#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/root.h"

struct mount {
	dev_t device;       /* of its super block: the block device, or one of major 0 */
	const char *target; /* as its namespace sees it */
	const char *type;   /* "ext4", "fuse.sshfs" */
	const char *source; /* "/dev/sda1", or any text */
	pid_t pid;          /* a process that sees it; 0: the caller does */
};

/* One entry for each super block, by its first mount: that is what counts as a use of the file system's module. */
struct mounts {
	struct mount *items;
	size_t n, cap;
	struct arena strings;
};

/* 0, -ENOMEM, or -errno when not even the caller's own mountinfo can be read. */
int mounts_read(const struct root *root, struct mounts *ret);
/* Adds the entries of one mountinfo text, which is changed. Damaged lines are skipped. 0 or -ENOMEM. */
int mounts_parse(char *text, pid_t pid, struct mounts *into);
void mounts_done(struct mounts *m);

#define _cleanup_mounts_ _cleanup_(mounts_done)
