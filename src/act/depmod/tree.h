/* SPDX-License-Identifier: MIT */
#pragma once

/* Walks a directory tree, entries in byte order of their names, and hands out what looks like a module. */

#include <stdbool.h>
#include <sys/stat.h>

#include "base/root.h"

/* Links may multiply a small tree into an endless one: more directories than this are -ELOOP. */
#define TREE_MAX_DIRS (1U << 16)

struct tree_visitor {
	/* true: the entry is not looked at. */
	bool (*skip)(void *data, const char *name);
	/* A regular file with a module extension. path is relative to the top. Non-zero ends the walk and is returned. */
	int (*module)(void *data, int dirfd, const char *name, const char *path);
	/* An entry that cannot be used: -errno of stat, or 0 and its file type. May be NULL. */
	void (*unusable)(void *data, const char *path, int error, mode_t type);
	void *data;
};

/*
 * Follows links, but not back to a directory above. ret_failed: the path (below dir; "" for dir itself) of
 * the directory that could not be read, PATH_MAX bytes; may be NULL.
 */
int tree_walk(const struct root *root, const char *dir, const struct tree_visitor *visitor, char *ret_failed);
