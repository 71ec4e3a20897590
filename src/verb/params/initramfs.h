/* SPDX-License-Identifier: MIT */
#pragma once

/* The initial root file system of a kernel: which tool builds it on this system, and whether a module is in it. */

#include "base/buf.h"
#include "base/root.h"
#include "base/span.h"

enum initramfs_has { INITRAMFS_UNKNOWN, INITRAMFS_LACKS, INITRAMFS_HAS };

struct initramfs {
	const char *rebuild; /* the command that rebuilds it; NULL: no known tool is installed */
	enum initramfs_has has;
};

/*
 * module is normalized. Unknown unless the tool's own lister (lsinitramfs, lsinitrd, lsinitcpio) is installed and can
 * list the image of that release. 0 or -ENOMEM.
 */
int initramfs_look(const struct root *root, const char *release, const char *module, struct initramfs *ret);
/* 1: *ret is the path of the image of that release; 0: it is in no place where one usually is. -ENOMEM. */
int initramfs_image(const struct root *root, const char *release, struct buf *ret);
/* In what a lister printed: is a file of the module among the lines? Lacks it or has it. */
enum initramfs_has initramfs_search(struct span list, const char *module);
