/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One writer of the indexes of a directory at a time. docs/decisions/0001-depmod-publish.md, item 1, gives the reasons.
 * What is locked is a file that nobody but its owner can open: a lock on anything that other users can open is theirs
 * to hold.
 */

#include "base/diag.h"

/* Hidden, and not of the form modules.*, which packages remove and copy. */
#define DIRLOCK_NAME ".depmod.lock"
/* No run takes as long as this. */
#define DIRLOCK_WAIT_S 60

struct dirlock {
	int fd;     /* of the lock file; -1: nothing is locked */
	int dir_fd; /* borrowed */
};

#define DIRLOCK_NONE ((struct dirlock){ -1, -1 })

/*
 * 1: locked. 0: no lock is available here, which is reported: a file system without locks or that is read-only
 * (a notice), or the name belongs to a file that others can open (a warning). -ETIMEDOUT: another process, which a
 * warning has named, held it for so many seconds; an error was reported. dir_fd must stay open until the release.
 */
int dirlock_take(int dir_fd, const char *dir, unsigned seconds, struct diag *diag, struct dirlock *ret);
/* Removes the file. Nothing happens to DIRLOCK_NONE, which it leaves behind. */
void dirlock_release(struct dirlock *l);
