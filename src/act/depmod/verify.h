/* SPDX-License-Identifier: MIT */
#pragma once

/* Compares the files of a module directory with what depmod would write. */

#include "base/arena.h"
#include "act/depmod/outputs.h"

enum verify_kind {
	VERIFY_MISSING, /* a file that should be there; a module that is not in the index */
	VERIFY_STALE,   /* says something other than the module files */
	VERIFY_DAMAGED, /* cannot be read, or is not an index */
	VERIFY_EXTRA,   /* a module that is in the index but not in the tree */
};

struct verify_difference {
	enum verify_kind kind;
	const char *file;   /* "modules.dep.bin" */
	const char *module; /* NULL: the file as a whole */
};

struct verify_list {
	struct verify_difference *items;
	size_t n, cap;
	struct arena arena; /* owns the module names */
};

const char *verify_kind_name(enum verify_kind kind); /* "missing" */

/*
 * dir: the directory to look at. An index with another layout but the same entries is not a difference: older versions
 * of kmod write such indexes. Adds to *into. 0, -ENOMEM.
 */
int verify_outputs(const struct root *root, const char *dir, const struct outputs *fresh, struct verify_list *into);
void verify_list_done(struct verify_list *l);
