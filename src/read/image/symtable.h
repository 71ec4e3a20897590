/* SPDX-License-Identifier: MIT */
#pragma once

/* .symtab with the names of .strtab, entry by entry: what symbols.c and linkage.c walk. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "read/image/elf.h"

struct symtable {
	struct span entries; /* from the first wanted on */
	struct span names;   /* ends in NUL */
	size_t entry_size, n;
	size_t left; /* bytes of names that symtable_take_name() still gives */
};

struct symtable_entry {
	const char *name;
	uint64_t value;
	uint16_t section;
	uint8_t type, bind;
};

/*
 * s: .symtab or NULL. Only the global entries (gABI: those from sh_info on), or all but the empty first one. -EINVAL:
 * no usable table.
 */
int symtable_read(const struct elf *e, const struct elf_section *s, bool only_globals, struct symtable *ret);
/* Entry i < n. -EINVAL: its name is out of range. */
int symtable_entry(const struct elf *e, const struct symtable *t, size_t i, struct symtable_entry *ret);
/*
 * The length of the name of an entry that is to be kept. -EINVAL: all that were taken are four times as long as the
 * table. The names of a sound one lie side by side, or are the end of another, as NAME is of __crc_NAME; those of a
 * made one may all run through the whole table, and reading each would take forever.
 */
int symtable_take_name(struct symtable *t, const char *name, size_t *ret_len);
/* Is this SPARC's declaration of a register, which does not have to be exported by a module? */
bool symtable_is_register(const struct elf *e, const struct symtable_entry *s);
