/* SPDX-License-Identifier: MIT */
#pragma once

/* Loads one module file into the kernel, in whichever way this kernel supports. */

#include "system/sys.h"

/* Values as enum kmod_insert */
enum insert_flags {
	INSERT_FORCE_VERMAGIC = 1,
	INSERT_FORCE_MODVERSION = 2,
};

/*
 * finit_module(2) first: for plain files, and for compressed ones if /sys/module/compression names their
 * format. A compressed file that the kernel cannot unpack, or refuses in a way that may come from unpacking
 * it, is unpacked here and passed to init_module(2); so is any file if the kernel has no finit_module(2).
 * options NULL: none. Returns 0 or the kernel's -errno (-EEXIST: already loaded). Files that cannot be read are
 * reported; errors of the kernel are not.
 */
int insert_module(struct sys *sys, const char *path, const char *options, unsigned flags);
