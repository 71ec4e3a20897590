/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The file that is written before it takes a name: .kmodctl-PID-RANDOM, in the same directory. It has a name because
 * rename(2) needs one: linkat(2) of an O_TMPFILE file cannot take the place of an existing file. The process holds a
 * lock on it (flock(2)) for as long as it lives, and the next one that makes a temporary in the directory removes what
 * a killed one left behind.
 */

#include <stdbool.h>

#define TEMPORARY_NAME 64

/* Mode 0600, open for reading and writing. A descriptor, or -errno. */
int temporary_make(int dir, char ret_name[TEMPORARY_NAME]);

/*
 * Removes what killed processes left in a directory under names that is_left() recognizes: regular files of this user
 * that have no other link and no lock. They only waste space, so one that cannot be removed is tried again next time.
 */
void temporary_remove_left(int dir, bool (*is_left)(const char *name));
