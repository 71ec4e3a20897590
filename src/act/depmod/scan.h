/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Finds the module files of one release. Directory entries are taken in byte order of their names, so the
 * result never depends on the file system. Links are followed; a link back to a directory above is not.
 */

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/map.h"
#include "base/root.h"
#include "read/conf/search.h"
#include "act/depmod/filekey.h"
#include "act/depmod/record.h"

/* As in kmod: module numbers were 16 bits wide. */
#define SCAN_MAX_MODULES 65534

struct module {
	const char *path;  /* as modules.dep names it: below the module directory, or absolute */
	const char *name;  /* normalized */
	uint32_t position; /* in modules.order, or SCAN_UNORDERED */
	/* Of gather.h: */
	uint32_t known;     /* place in the cache + 1, 0: this file is not in it */
	bool storable;      /* key and facts belong together, and may be stored in the cache */
	bool lost;          /* found, but could not be looked at */
	struct filekey key; /* the file as it was looked at */
	struct record facts;
};

#define SCAN_UNORDERED UINT32_MAX

struct scan {
	struct root root;            /* borrowed prefix */
	const char *dir;             /* logical module directory; borrowed */
	const struct search *search; /* NULL: nothing was configured */
	bool strict;                 /* what cannot be read ends the scan, and a file without a name is left out */
	struct diag *diag;
	struct arena *arena; /* owns the names */

	struct module *modules; /* one per name; order of first appearance until order_sort() */
	size_t n, cap;
	struct map names; /* name -> place in the list + 1; void after order_sort() */
	bool incomplete;  /* something could not be read, or not be used as the module it is called; it was reported */
	bool hidden;      /* files that depmod -A looks at, but that are not in the list */
};

/*
 * Fills scan->modules from dir and the external directories. Of two files with the same module name the one that
 * depmod.d ranks higher stays; of equal ones the one found first, with a warning that names both.
 * A directory that cannot be read is reported, and the rest is scanned. -errno, reported: dir itself cannot be read, or
 * the process has no descriptors left (strict: any directory cannot be read). More than SCAN_MAX_MODULES: -E2BIG.
 */
int scan_tree(struct scan *s);
/* One file named by the user, absolute. -EEXIST when a module of that name is there; -errno; reported. */
int scan_file(struct scan *s, const char *path);
/* Takes the modules off the list that are lost. scan->names is void after that. */
void scan_drop_lost(struct scan *s);
/* An error of the process or the machine, not of the file or directory that it came up at. */
bool scan_is_shortage(int error);
void scan_done(struct scan *s);

/* The logical path of a module's file, in buf of PATH_MAX bytes or its own. NULL: too long. */
const char *scan_module_file(const char *dir, const struct module *m, char *buf);

/*
 * 1 when a module file below dir was modified after limit, else 0. As depmod -A looks: every file by its extension,
 * configuration not considered, and what cannot be read is no newer. -errno when dir cannot be read, not reported.
 */
int scan_is_newer(const struct root *root, const char *dir, struct timespec limit);

static inline bool timespec_after(struct timespec a, struct timespec b)
{
	return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}
