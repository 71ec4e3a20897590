/* SPDX-License-Identifier: MIT */
#pragma once

/* Programs by their names, below a root. */

#include "base/buf.h"
#include "base/root.h"

/* Looks in the directories for administrators and users. 1: *ret is its path. 0: not installed. -ENOMEM. */
int program_find(const struct root *root, const char *name, struct buf *ret);
bool program_is_installed(const struct root *root, const char *name);
