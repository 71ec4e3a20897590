/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * All indexes of one kernel release: what modules exist, by name, alias and symbol. Each file is opened
 * when first asked for; a missing or damaged one counts as empty. Queries are const for the callers: they
 * never change an answer. Not to be shared between threads unless preloaded.
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
 * dir: logical, "/lib/modules/6.12.1". Needs not exist. diag hears of damaged files that a query opens; NULL: nobody.
 */
int catalog_open(const struct root *root, const char *dir, struct diag *diag, struct catalog **ret);
void catalog_close(struct catalog *c);
/* The same for a process that ends in a moment: files stay mapped, which the kernel undoes faster then. */
void catalog_leave(struct catalog *c);
const char *catalog_dir(const struct catalog *c);

/*
 * Opens all five now. On the first failure (modules.builtin.alias.bin excepted) drops all and returns its -errno,
 * told to diag.
 */
int catalog_load(struct catalog *c, struct diag *diag);
void catalog_unload(struct catalog *c);
/* What could not be opened is tried again by the next query: it may be there by now. */
void catalog_retry(struct catalog *c);
/* true: the loaded files are still those on disk (mtime, inode). */
bool catalog_is_fresh(const struct catalog *c);

/* NULL when that index is missing. */
const struct index_reader *catalog_reader(const struct catalog *c, enum catalog_index which);
const char *catalog_file_name(enum catalog_index which); /* "modules.dep.bin" */

/* The modules.dep line of a normalised module name: "path: dep dep", or NULL. Borrowed. */
const char *catalog_dep_line(const struct catalog *c, const char *name);
bool catalog_is_builtin(const struct catalog *c, const char *name);
/* One path of a dep line made absolute (joined to dir unless it is). */
int catalog_join(const struct catalog *c, const char *path, size_t len, char **ret);
/* Strings of a built-in module from modules.builtin.modinfo: the mapped file; -ENOENT. Borrowed until close. */
int catalog_builtin_modinfo(const struct catalog *c, struct span *ret);
/* Prints an index as kmod_dump_index() does (docs/formats/lookup.md). -ENOSYS: cannot be opened. */
int catalog_dump(const struct catalog *c, enum catalog_index which, FILE *out);

DEFINE_CLEANUP(struct catalog *, catalog_close)
DEFINE_CLEANUP(struct catalog *, catalog_leave)
