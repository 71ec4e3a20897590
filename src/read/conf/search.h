/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * depmod.d(5) for one kernel release: where modules are looked for, what is left out, and which of two files
 * of one module name counts.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/root.h"

struct search;

extern const char *const search_default_paths[]; /* NULL-terminated */

/*
 * paths: NULL-terminated files and directories, NULL: search_default_paths. release decides which `override`
 * and `external` lines apply. Bad lines are reported and skipped; fails only without memory.
 */
int search_load(const struct root *root, const char *const *paths, const char *release, struct diag *diag,
		struct search **ret);
void search_free(struct search *s);

/* A directory entry that is always skipped: the words of `exclude`. s may be NULL. */
bool search_excludes(const struct search *s, const char *basename);

/* Directories of the `external` lines that apply to the release, in the order of the lines. s may be NULL. */
size_t search_n_external(const struct search *s);
const char *search_external(const struct search *s, size_t i);

/*
 * How much a module file is preferred among those of one name; higher wins, 0 is the lowest. path is relative
 * to the module directory, or absolute in an external one. Overrides outrank every search word, and the last one
 * declared ranks highest. s NULL: as without any configuration (`search updates`).
 */
unsigned search_rank(const struct search *s, const char *path);

DEFINE_CLEANUP(struct search *, search_free)
