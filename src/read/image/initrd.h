/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The files in an initial root file system (Documentation/driver-api/early-userspace/buffer-format.rst): archives of
 * cpio's "newc" format, one behind the other, plain or packed.
 */

#include "base/span.h"

/* No image unpacks to more than this. */
#define INITRD_UNPACKED_MAX (UINT64_C(1) << 30)

struct initrd_file {
	struct span name;    /* "etc/modprobe.d/x.conf", as archived: it may begin with "/" or "./" */
	struct span content; /* of a link: where it leads to */
	uint32_t mode;       /* as of stat(2) */
	bool is_elsewhere;   /* one of several names of a file, whose content stands with another one */
};

/*
 * Calls visit() with each file in the order of the archives, so that the last one of a name counts; a negative result
 * ends it. 0; -ENOEXEC: it is no such image; -EINVAL: it is damaged; -ENOSYS: it is packed in a way that cannot be
 * undone here; -EFBIG; -ENOMEM. Reports nothing. What follows a packed archive is not looked at.
 */
int initrd_walk(struct span image, int (*visit)(void *data, const struct initrd_file *file), void *data);
