/* SPDX-License-Identifier: MIT */
#pragma once

/* The files of firmware that a module names, and whether the kernel would find them. */

#include "base/root.h"
#include "read/image/facts.h"

struct firmware_file {
	const char *name; /* borrowed from the modinfo; its last component may be a pattern */
	bool is_there;    /* in a form that this kernel reads */
	bool is_packed;   /* only in a form that it cannot unpack */
};

struct firmware_files {
	struct firmware_file *items; /* in the order of the module */
	size_t n, cap;
};

/* Where a kernel of that release looks. Adds to *ret; 0 or -ENOMEM. */
int firmware_read(const struct root *root, const char *release, const struct modinfo *info, struct firmware_files *ret);
void firmware_done(struct firmware_files *f);
/* Appends the directory where it would find this one now, in a form that it reads; or nothing. 0 or -ENOMEM. */
int firmware_find(const struct root *root, const char *release, const char *name, struct buf *into);

#define _cleanup_firmware_ _cleanup_(firmware_done)
