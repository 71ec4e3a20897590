/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * All indexes of one kernel release: which modules exist, by name, alias and symbol. Each file is opened when it is
 * first needed; a missing or damaged one counts as empty. Queries take a const catalog: they never change an answer.
 * Not to be shared between threads unless preloaded.
 */

#include <stdbool.h>

#include "read/index/reader.h"

/* Values as enum kmod_index */
enum catalog_index {
	CATALOG_DEP,
	CATALOG_ALIAS,
	CATALOG_SYMBOL,
	CATALOG_BUILTIN_ALIAS,
	CATALOG_BUILTIN,
	CATALOG_N,
};

struct catalog;

/*
 * dir: logical, "/lib/modules/6.12.1". The directory need not exist. Damaged files found by a query are reported to
 * diag, which may be NULL.
 */
int catalog_open(const struct root *root, const char *dir, struct diag *diag, struct catalog **ret);
void catalog_close(struct catalog *c);
/* The same for a process that is about to exit: files stay mapped, because the kernel unmaps them faster at exit. */
void catalog_leave(struct catalog *c);
const char *catalog_dir(const struct catalog *c);

/*
 * Opens all five now. On the first failure (except of modules.builtin.alias.bin) drops all of them and returns its
 * -errno, which is reported to diag.
 */
int catalog_load(struct catalog *c, struct diag *diag);
void catalog_unload(struct catalog *c);
/* The next query tries again to open what could not be opened: it may exist by then. */
void catalog_retry(struct catalog *c);
/* true: the loaded files are still those on disk (mtime, inode). */
bool catalog_is_fresh(const struct catalog *c);

/* NULL when that index is missing. */
const struct index_reader *catalog_reader(const struct catalog *c, enum catalog_index which);
const char *catalog_file_name(enum catalog_index which); /* "modules.dep.bin" */

/* The modules.dep line of a normalized module name: "path: dep dep", or NULL. Borrowed. */
const char *catalog_dep_line(const struct catalog *c, const char *name);
bool catalog_is_builtin(const struct catalog *c, const char *name);
/*
 * One path of a dep line made absolute (joined to dir unless it is). When dir lies below an anchor, an absolute path
 * that does not is one of that tree: it starts at the anchor, as it would in a chroot.
 */
int catalog_join(const struct catalog *c, const char *path, size_t len, char **ret);
/* Strings of a built-in module from modules.builtin.modinfo: the mapped file; -ENOENT. Borrowed until close. */
#define BUILTIN_MODINFO "modules.builtin.modinfo"
int catalog_builtin_modinfo(const struct catalog *c, struct span *ret);
/* Prints an index as kmod_dump_index() does (docs/formats/lookup.md). -ENOSYS: cannot be opened. */
int catalog_dump(const struct catalog *c, enum catalog_index which, FILE *out);

DEFINE_CLEANUP(struct catalog *, catalog_close)
DEFINE_CLEANUP(struct catalog *, catalog_leave)
