/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The facts of one module file that the indexes are made of. Strings are packed: NUL-terminated, one after the other,
 * so that a whole record is a few runs of bytes, which the cache stores and lends unchanged.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "read/image/elf.h"

enum record_list_id {
	RECORD_ALIASES,  /* alias= of modinfo, in file order */
	RECORD_SOFTDEPS, /* softdep= */
	RECORD_WEAKDEPS, /* weakdep= */
	RECORD_EXPORTS,  /* names of exported symbols */
	RECORD_IMPORTS,  /* needed symbols, each after its binding: 'U', or 'W' for weak ones */
	RECORD_LISTS,
};

/* A list has no more bytes; the longest in Debian's 6.12 (aliases of option.ko) has 66,427. */
#define RECORD_LIST_MAX ((size_t)4 << 20)

struct record_list {
	const char *p; /* ends in NUL when n is not 0 */
	size_t n;      /* bytes */
};

/* A string of a list of symbols, prepared for look-ups. */
struct record_name {
	uint32_t at;   /* of the name, after its binding, in the list */
	uint32_t hash; /* symbol_hash() */
};

struct record {
	struct record_list lists[RECORD_LISTS];
	const struct record_name *imports; /* each string of RECORD_IMPORTS */
	size_t n_imports;
	const uint64_t *export_crcs, *import_crcs; /* per symbol; NULL unless requested */
};

/*
 * All memory comes from the arena. with_crcs costs a join of symbols and versions, which only depmod -E needs.
 * -EINVAL, -ENODATA and the like: the file is damaged; -EFBIG: a list is too long; -ENOMEM. Does not report.
 */
int record_read(const struct elf *elf, bool with_crcs, struct arena *arena, struct record *ret);

/*
 * Fills imports from the list, for a record that was not read from a module. -EINVAL: a string has no binding;
 * -ENOMEM.
 */
int record_index(struct record *record, struct arena *arena);

/* The next string of a list, which shrinks by it; NULL at its end. */
const char *record_next(struct record_list *list);
