// SPDX-License-Identifier: MIT
#include "read/image/symtable.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "base/num.h"

/* .strtab mostly follows .symtab: up to this distance both are read at once */
#define TABLE_GAP 4096
/* how often each byte of a sound .strtab may be a part of a name */
#define NAMES_TAKEN 4
#define SPARC_REGISTER 13 /* STT_SPARC_REGISTER: not a symbol at all */

static size_t entry_size(const struct elf *e)
{
	return e->is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
}

/* Reads the wanted entries and the names with one system call where they are neighbours. */
static void read_together(const struct elf *e, uint64_t entries, const struct elf_section *names)
{
	struct span both;

	if (names->type != SHT_NOBITS && names->offset >= entries && names->offset - entries <= SOURCE_UNPACKED_MAX &&
	    names->size <= SOURCE_UNPACKED_MAX)
		(void)source_fetch(e->src, entries, names->offset - entries + names->size, &both);
}

int symtable_read(const struct elf *e, const struct elf_section *s, bool only_globals, struct symtable *ret)
{
	const struct elf_section *names = elf_find(e, ".strtab");
	struct symtable t = { .entry_size = entry_size(e) };
	uint64_t first, total;
	int r;

	if (!s || !names)
		return -EINVAL;
	total = s->size / t.entry_size;
	first = only_globals && s->info > 1 && s->info <= total ? s->info : 1;
	t.n = total > first ? (size_t)(total - first) : 0;
	if (names->offset >= s->offset + s->size && names->offset - (s->offset + s->size) <= TABLE_GAP)
		read_together(e, s->offset + (total - t.n) * t.entry_size, names);
	r = source_fetch(e->src, s->offset + (total - t.n) * t.entry_size, t.n * t.entry_size, &t.entries);
	if (r == 0)
		r = elf_bytes(e, names, &t.names);
	if (r < 0)
		return r;
	if (t.n > 0 && (t.names.n == 0 || t.names.p[t.names.n - 1] != '\0'))
		return -EINVAL;
	t.left = NAMES_TAKEN * t.names.n;
	*ret = t;
	return 0;
}

int symtable_take_name(struct symtable *t, const char *name, size_t *ret_len)
{
	size_t len = strnlen(name, t->left);

	if (len == t->left)
		return -EINVAL;
	t->left -= len;
	*ret_len = len;
	return 0;
}

int symtable_entry(const struct elf *e, const struct symtable *t, size_t i, struct symtable_entry *ret)
{
	const uint8_t *p = t->entries.p + i * t->entry_size;
	bool swap = e->big != NUM_HOST_BIG;
	uint32_t name = load_u32(p, swap);
	uint8_t info;

	if (name >= t->names.n)
		return -EINVAL;
	info = p[e->is64 ? offsetof(Elf64_Sym, st_info) : offsetof(Elf32_Sym, st_info)];
	*ret = (struct symtable_entry){
		.name = (const char *)t->names.p + name,
		.value = e->is64 ? load_u64(p + offsetof(Elf64_Sym, st_value), swap) :
				   load_u32(p + offsetof(Elf32_Sym, st_value), swap),
		.section =
			load_u16(p + (e->is64 ? offsetof(Elf64_Sym, st_shndx) : offsetof(Elf32_Sym, st_shndx)), swap),
		.type = ELF64_ST_TYPE(info),
		.bind = ELF64_ST_BIND(info),
	};
	return 0;
}

bool symtable_is_register(const struct elf *e, const struct symtable_entry *s)
{
	bool sparc = e->machine == EM_SPARC || e->machine == EM_SPARC32PLUS || e->machine == EM_SPARCV9;

	return sparc && s->type == SPARC_REGISTER;
}
