/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Puts a set of files into a directory, all or nothing. docs/decisions/0001-depmod-publish.md explains the order.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/root.h"
#include "base/span.h"
#include "act/depmod/dirlock.h"

struct publish_file {
	const char *name; /* in the directory */
	struct span content;
};

/*
 * Opens the directory and locks it against other writers of the same set, waiting for them as dirlock_take() does;
 * where that has no lock, *ret_lock stays as it is. Removes the temporary files of this user that a killed writer has
 * left. -errno: reported.
 */
int publish_lock(const struct root *root, const char *dir, struct diag *diag, int *ret_fd, struct dirlock *ret_lock);

/*
 * Files that already have the content are not touched. All others are written to temporary files, synced, and renamed
 * in the order of the list; then the directory is synced. On any failure the old files are restored, byte for byte, no
 * temporary is left, the cause is reported and -errno is returned. A signal to terminate counts as a failure (-EINTR)
 * until the first rename; it is delivered after the clean-up. ret_written: how many files were replaced.
 */
int publish_set(int dir_fd, const char *dir, const struct publish_file *files, size_t n, struct diag *diag,
		size_t *ret_written);
