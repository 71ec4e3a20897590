/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The distribution below a root, as its os-release(5) says, and the commands of its package manager. A manager counts
 * only if it is installed, too; where packages are layered on an image (ostree), there is no command.
 */

#include "base/root.h"
#include "base/vec.h"

enum distro {
	DISTRO_UNKNOWN,
	DISTRO_DEBIAN,
	DISTRO_UBUNTU,
	DISTRO_FEDORA, /* and Red Hat's */
	DISTRO_SUSE,
	DISTRO_ARCH,
};

enum distro distro_read(const struct root *root);

/* What is wanted of the package manager. */
enum distro_want {
	DISTRO_KERNEL_MODULES, /* the modules of a release, of which there is none */
	DISTRO_MORE_MODULES,   /* those that are in a package of their own */
	DISTRO_SAME_MODULES,   /* a file of them again, which is damaged or missing */
};

/* Adds the command's words to *ret; none when it is not known. file: of DISTRO_SAME_MODULES. 0, -ENOMEM. */
int distro_modules(const struct root *root, enum distro_want want, const char *release, const char *file,
		   struct strv *ret);
int distro_headers(const struct root *root, const char *release, struct strv *ret);
/* file: below the directory of firmware, "iwlwifi-cc-46.ucode". */
int distro_firmware(const struct root *root, const char *file, struct strv *ret);
/* Does a package manager's list of a package's files have this one? slash: its paths begin with one. */
bool distro_list_has(const struct root *root, const char *list, const char *file, bool slash);
