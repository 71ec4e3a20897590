/* SPDX-License-Identifier: MIT */
#pragma once

/* All known symbols: name -> owner. Built once, then only read. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/root.h"

#define SYMTAB_KERNEL UINT32_MAX /* owner: the kernel itself, from the list of -E or -F */

struct symtab_entry {
	const char *name; /* NULL: free slot */
	uint64_t crc;
	uint32_t hash;
	uint32_t owner; /* number of the module in the list */
};

struct symtab {
	struct symtab_entry *slots;
	uint32_t mask; /* slots - 1 */
	uint32_t n;
	char prefix; /* depmod -P: dropped in front of every name; 0: none */
};

/* expected: about how many names will be added; it grows if there are more. */
int symtab_init(struct symtab *t, uint32_t expected, char prefix);
void symtab_done(struct symtab *t);
/* name is borrowed. A module takes a name from the kernel, and from a module before it in the list. -ENOMEM. */
int symtab_add(struct symtab *t, const char *name, uint64_t crc, uint32_t owner);
/* hash: symbol_hash(name). One leading '.' and then the prefix are not part of a name. NULL: unknown. */
const struct symtab_entry *symtab_find(const struct symtab *t, const char *name, uint32_t hash);

/*
 * The kernel's own symbols, from a System.map (-F) or a Module.symvers (-E). Lines that cannot be understood are
 * reported and skipped. 1; 0: the list has none (then nothing is reported: it is a placeholder, or another file).
 * -errno: the file cannot be read, reported as FATAL. Names are copied to the arena.
 */
int symtab_read_map(struct symtab *t, const struct root *root, const char *path, struct arena *arena,
		    struct diag *diag);
int symtab_read_symvers(struct symtab *t, const struct root *root, const char *path, struct arena *arena,
			struct diag *diag);
