/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Walks a directory tree, entries in byte order of their names, and passes what looks like a module to a callback.
 *
 * The modules of a kernel release are those that depmod finds, for every caller (MODULETREE_RELEASE): links are
 * followed, but not back to a directory above, and the entries build and source, which lead to the kernel's sources,
 * are skipped. In any other directory links are not followed, so that nothing outside it is touched.
 */

#include <stdbool.h>
#include <sys/stat.h>

#include "base/root.h"
#include "base/vec.h"

/* Links can make a small tree endless: more directories than this give -ELOOP. */
#define MODULETREE_MAX_DIRS (1U << 16)

enum moduletree_flags {
	MODULETREE_RELEASE = 1 << 0,
};

struct moduletree_visitor {
	unsigned flags;
	/* true: the entry is skipped. NULL: none is. */
	bool (*skip)(void *data, const char *name);
	/*
	 * A regular file with a module extension. path is relative to the top. Non-zero ends the walk and is
	 * returned.
	 */
	int (*module)(void *data, int dirfd, const char *name, const char *path);
	/* An entry that cannot be used: -errno of stat, or 0 and its file type. May be NULL. */
	void (*unusable)(void *data, const char *path, int error, mode_t type);
	/*
	 * A directory below the top that could not be opened or read to its end, or (-ENAMETOOLONG) that has an entry
	 * whose path is too long: 0 goes on with what could be read; anything else ends the walk and is returned. NULL:
	 * the walk ends with this error.
	 */
	int (*unreadable)(void *data, const char *path, int error);
	void *data;
};

/*
 * 0, -errno, or what module() returned. ret_failed: the path (below dir; "" for dir itself) of the directory that could
 * not be read, PATH_MAX bytes; may be NULL.
 */
int moduletree_walk(const struct root *root, const char *dir, const struct moduletree_visitor *visitor,
		    char *ret_failed);
/* The same for an open directory, which stays open. */
int moduletree_walk_at(int dirfd, const struct moduletree_visitor *visitor, char *ret_failed);

/* Appends the logical paths of all modules below dir, sorted. Unusable entries are left out. ret_failed as above. */
int moduletree_list(const struct root *root, const char *dir, unsigned flags, struct strv *ret, char *ret_failed);
/* The same, but only the modules of this (normalized) name. */
int moduletree_find(const struct root *root, const char *dir, unsigned flags, const char *name, struct strv *ret);
