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

struct publish_file {
	const char *name; /* in the directory */
	struct span content;
};

/*
 * Opens the directory and locks it against other writers of the same set, waiting for them. Removes what a killed
 * writer has left. Closing *ret_fd unlocks. On a file system without locks it continues without one (a notice).
 * -errno: reported.
 */
int publish_lock(const struct root *root, const char *dir, struct diag *diag, int *ret_fd);

/*
 * Files that already have the content are not touched. All others are written to temporary files, synced, and renamed
 * in the order of the list; then the directory is synced. On any failure the old files are restored, byte for byte, no
 * temporary is left, the cause is reported and -errno is returned. A signal to terminate counts as a failure (-EINTR)
 * until the first rename; it is delivered after the clean-up. ret_written: how many files were replaced.
 */
int publish_set(int dir_fd, const char *dir, const struct publish_file *files, size_t n, struct diag *diag,
		size_t *ret_written);
