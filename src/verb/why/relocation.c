// SPDX-License-Identifier: MIT
#ifndef KMODCTL_SMALL
/*
 * Relocations of x86-64 are written to places that must be empty; Linux 4.15 and later refuse a file where one is not,
 * with ENOEXEC ("Invalid relocation target, existing value is nonzero"). Such places are left by a second link, and by
 * tools that resolve relocations and leave them there.
 */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "verb/why/parts.h"

#define TYPE_PC64 24
#define FLAG_LIVEPATCH 0x00100000 /* SHF_RELA_LIVEPATCH: applied later, by other rules */

struct places {
	size_t n; /* that are not empty */
	const char *section;
	uint64_t offset; /* of the first one */
	uint64_t left;   /* bytes of relocations still looked at: a file whose sections do not overlap has no more */
};

/* Bytes that a relocation is written to; 0: none, or not known here. */
static unsigned size_of(uint32_t type)
{
	switch (type) {
	case R_X86_64_64:
	case TYPE_PC64:
		return 8;
	case R_X86_64_32:
	case R_X86_64_32S:
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		return 4;
	default:
		return 0;
	}
}

static bool is_empty(struct span bytes, uint64_t offset, unsigned size)
{
	static const uint8_t zero[8];
	struct span place;

	/* The kernel's own checks are for offsets outside of the section. */
	return span_sub(bytes, offset, size, &place) < 0 || memcmp(place.p, zero, size) == 0;
}

static int look_at_section(const struct elf *e, const struct elf_section *rela, struct places *p)
{
	const struct elf_section *target = &e->sections[rela->info];
	bool swap = e->big != NUM_HOST_BIG;
	struct span entries, bytes;
	int r = elf_bytes(e, rela, &entries);

	if (r == 0)
		r = elf_bytes(e, target, &bytes);
	for (size_t i = 0; r == 0 && i + sizeof(Elf64_Rela) <= entries.n; i += sizeof(Elf64_Rela)) {
		uint64_t offset = load_u64(entries.p + i + offsetof(Elf64_Rela, r_offset), swap);
		uint64_t info = load_u64(entries.p + i + offsetof(Elf64_Rela, r_info), swap);
		unsigned size = size_of((uint32_t)ELF64_R_TYPE(info));

		if (size == 0 || is_empty(bytes, offset, size))
			continue;
		if (p->n++ == 0) {
			p->section = target->name;
			p->offset = offset;
		}
	}
	return r == -ENOMEM ? r : 0;
}

static bool is_applied(const struct elf *e, const struct elf_section *rela)
{
	return rela->type == SHT_RELA && !(rela->flags & FLAG_LIVEPATCH) && rela->info < e->n_sections &&
	       e->sections[rela->info].flags & SHF_ALLOC && e->sections[rela->info].type != SHT_NOBITS;
}

int why_relocations(struct subject *s)
{
	const struct elf *e = &s->elf;
	struct places p = { 0 };
	int r = 0;

	if (!s->is_module || e->machine != EM_X86_64 || !e->is64 || source_size(e->src, &p.left) < 0)
		return 0;
	for (uint32_t i = 0; i < e->n_sections && r == 0; i++) {
		const struct elf_section *rela = &e->sections[i];

		if (is_applied(e, rela) && rela->size <= p.left) {
			p.left -= rela->size;
			r = look_at_section(e, rela, &p);
		}
	}
	if (r < 0 || p.n == 0)
		return r;
	r = why_add(s->found, WHY_OBSTACLE, WHY_RELOCATIONS, NULL,
		    "%zu place%s that relocations are to be written to %s not empty, the first one at %#llx of section"
		    " %s: the file was linked twice, or changed after it was linked",
		    p.n, p.n == 1 ? "" : "s", p.n == 1 ? "is" : "are", (unsigned long long)p.offset, p.section);
	return r < 0 ? r : why_fix(s->found, "build it again, with nothing that changes the file after the link");
}
#endif
