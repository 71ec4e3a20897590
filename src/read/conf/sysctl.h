/* SPDX-License-Identifier: MIT */
#pragma once

/* Which line of sysctl.d(5) sets a value: `KEY = VALUE`, where dots and slashes in the key are the same. */

#include "base/root.h"
#include "base/span.h"

struct sysctl_entry {
	char *file; /* to be freed by the caller */
	unsigned line;
};

/*
 * The line that counts: the last one, in the order in which systemd-sysctl reads the files. 1; 0: no line sets it;
 * -ENOMEM.
 */
int sysctl_find(const struct root *root, const char *key, struct sysctl_entry *ret);
/* In the text of one file: the number of the last line that sets it, 0: none. */
unsigned sysctl_find_line(struct span text, const char *key);
