/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Opens paths below a directory as if it were "/": ".." and links, absolute or relative, lead nowhere outside of it,
 * even when somebody else exchanges a part of the path at the same time. Links of /proc that lead to open files
 * ("magic links") are refused with -ELOOP. openat2(2) with RESOLVE_IN_ROOT does this; where the kernel (before 5.6) or
 * a seccomp filter does not allow it, the path is walked name by name.
 */

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct inroot {
	int fd;     /* the directory; O_PATH is enough. Borrowed */
	bool walks; /* does not try openat2(2): tests set it */
};

/* fd or -errno. flags and mode as for open(2). "" and "/" are the directory itself. */
int inroot_open(const struct inroot *in, const char *path, int flags, mode_t mode);
/*
 * The directory that holds the last name of the path, as an O_PATH descriptor, and that name, which may be that of a
 * link. -errno; -EINVAL: there is no last name, or it is ".." or ".".
 */
int inroot_open_parent(const struct inroot *in, const char *path, char ret_name[static NAME_MAX + 1]);
