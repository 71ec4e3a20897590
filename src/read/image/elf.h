/* SPDX-License-Identifier: MIT */
#pragma once

/* Section-level view of an ELF file of either class and byte order, read through a source. */

#include <stdbool.h>
#include <stdint.h>

#include "read/image/source.h"

struct elf_section {
	const char *name; /* in the section name table; valid as long as the source */
	uint32_t type, link, info;
	uint64_t flags, offset, size;
};

struct elf {
	struct source *src; /* borrowed */
	bool is64, big;
	uint16_t type, machine;
	struct elf_section *sections;
	uint32_t n_sections;
	/* the undocumented place where force flags must edit: offset of each section header in the file */
	uint64_t shoff;
	uint16_t shentsize;
};

/*
 * -ENOEXEC: no ELF magic, or 16 bytes or less. -EINVAL: bad class or data encoding, header too short, wrong
 * section header size, sections or names out of range, name table not NUL-terminated. Does not report.
 */
int elf_open(struct source *src, struct elf *ret);
void elf_done(struct elf *e);
/* All that was opened lies in the first n bytes of the file: the kernel takes a signature off before it looks. */
bool elf_lies_within(const struct elf *e, uint64_t n);
#define _cleanup_elf_ _cleanup_(elf_done)
/* The first section of that name with content in the file; NULL: none. */
const struct elf_section *elf_find(const struct elf *e, const char *name);
/* Its bytes. A SHT_NOBITS section has none. */
int elf_bytes(const struct elf *e, const struct elf_section *s, struct span *ret);
