/* SPDX-License-Identifier: MIT */
#pragma once

/* The package that a file came with, by the lists that the package managers keep as text: dpkg and pacman. */

#include "base/arena.h"
#include "base/root.h"

enum owner_answer {
	OWNER_UNKNOWN, /* no list could be read (rpm keeps a database) */
	OWNER_NONE,    /* the lists do not have the file */
	OWNER_PACKAGE,
};

/* *ret_package is "linux-image-6.12.0" then, from the arena. 0 or -ENOMEM. */
int owner_find(const struct root *root, const char *file, struct arena *strings, enum owner_answer *ret,
	       const char **ret_package);
