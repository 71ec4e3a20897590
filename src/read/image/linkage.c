// SPDX-License-Identifier: MIT
/* Exports and imports by name, in one walk over the symbol table. */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/vec.h"
#include "read/image/facts.h"
#include "read/image/symbols.h"
#include "read/image/symtable.h"

struct linkage {
	const struct elf *e;
	struct symtable table;
	struct symbols exports, imports;
};

static int link_name(struct symbols *list, const char *name, size_t len, uint32_t hash, char bind)
{
	if (vec_room(&list->items, list->n, &list->cap) < 0)
		return -ENOMEM;
	list->items[list->n++] = (struct symbol){ .name = name, .len = (uint32_t)len, .hash = hash, .bind = bind };
	return 0;
}

/* at: an offset in names, which end in NUL. */
static bool is_crc_name(struct span names, uint32_t at)
{
	const char *name = (const char *)names.p + at;

	/* Most names differ in their first bytes. */
	if (names.n - at <= CRC_PREFIX_LEN || load_u32(name, false) != load_u32(CRC_PREFIX, false))
		return false;
	return memcmp(name, CRC_PREFIX, CRC_PREFIX_LEN) == 0;
}

static int link_export(struct linkage *l, const char *name)
{
	size_t len;
	int r = symtable_take_name(&l->table, name, &len);

	return r < 0 ? r : link_name(&l->exports, name, len, 0, 'G');
}

static int link_import(struct linkage *l, size_t i)
{
	struct symtable_entry s;
	size_t len;

	if (symtable_entry(l->e, &l->table, i, &s) < 0)
		return -EINVAL;
	if (s.name[0] == '\0' || symtable_is_register(l->e, &s))
		return 0;
	if (symtable_take_name(&l->table, s.name, &len) < 0)
		return -EINVAL;
	return link_name(&l->imports, s.name, len, symbol_hash(s.name, len), s.bind == STB_WEAK ? 'W' : 'U');
}

static int walk_symbols(struct linkage *l, size_t first_global)
{
	size_t section_at = l->e->is64 ? offsetof(Elf64_Sym, st_shndx) : offsetof(Elf32_Sym, st_shndx);
	struct span names = l->table.names;
	const uint8_t *p = l->table.entries.p;
	bool swap = l->e->big != NUM_HOST_BIG;
	int r = 0;

	for (size_t i = 0; i < l->table.n && r == 0; i++, p += l->table.entry_size) {
		uint32_t at = load_u32(p, swap);

		if (at >= names.n)
			return -EINVAL;
		if (is_crc_name(names, at))
			r = link_export(l, (const char *)names.p + at + CRC_PREFIX_LEN);
		if (r == 0 && i >= first_global && load_u16(p + section_at, swap) == SHN_UNDEF)
			r = link_import(l, i);
	}
	return r;
}

/* Skips the local symbols where they cannot matter: without __ksymtab_strings nothing is exported. */
static int link_symbols(struct linkage *l, bool only_globals)
{
	const struct elf_section *s = elf_find(l->e, ".symtab");
	size_t first_global = 0;
	int r = symtable_read(l->e, s, only_globals, &l->table);

	if (r < 0)
		return r;
	if (!only_globals && s->info > 1 && s->info <= s->size / l->table.entry_size)
		first_global = s->info - 1;
	/* Most global symbols of most modules are undefined ones. */
	if (l->table.n > first_global) {
		l->imports.cap = l->table.n - first_global;
		l->imports.items = reallocarray(NULL, l->imports.cap, sizeof(*l->imports.items));
		if (!l->imports.items)
			return -ENOMEM;
	}
	return walk_symbols(l, first_global);
}

static int link_strings(struct linkage *l)
{
	_cleanup_symbols_ struct symbols strings = { 0 };
	int r = symbols_string_exports(l->e, &strings);

	for (size_t i = 0; i < strings.n && r == 0; i++)
		r = link_name(&l->exports, strings.items[i].name, strlen(strings.items[i].name), 0, 'G');
	return r;
}

/* A table of imports by name. */
struct name_slot {
	uint32_t hash;
	uint32_t number; /* of the import, + 1; 0: free */
};

/* The slot of that name, or the free one where it belongs. */
static struct name_slot *name_slot(struct name_slot *slots, uint32_t mask, const struct symbols *list, const char *name,
				   uint32_t hash)
{
	uint32_t i = hash & mask;

	while (slots[i].number && (slots[i].hash != hash || strcmp(list->items[slots[i].number - 1].name, name) != 0))
		i = (i + 1) & mask;
	return &slots[i];
}

/* Adds the names of __versions that are not undefined symbols. */
static int link_versions(struct linkage *l, struct span records, struct name_slot *slots, uint32_t mask)
{
	size_t crc_size = l->e->is64 ? 8 : 4, room = VERSION_RECORD - crc_size;

	for (size_t i = 0; i < l->imports.n; i++) {
		const struct symbol *s = &l->imports.items[i];

		*name_slot(slots, mask, &l->imports, s->name, s->hash) = (struct name_slot){ s->hash, (uint32_t)i + 1 };
	}
	for (size_t at = 0; at < records.n; at += VERSION_RECORD) {
		const char *name = (const char *)records.p + at + crc_size, *end = memchr(name, '\0', room);
		size_t len = end ? (size_t)(end - name) : 0;
		uint32_t hash = symbol_hash(name, len);

		if (!end)
			return -EINVAL;
		if (!name_slot(slots, mask, &l->imports, name, hash)->number &&
		    link_name(&l->imports, name, len, hash, 'U') < 0)
			return -ENOMEM;
	}
	return 0;
}

static int join_versions(struct linkage *l)
{
	const struct elf_section *s = elf_find(l->e, "__versions");
	_cleanup_free_ struct name_slot *slots = NULL;
	struct span records;
	uint32_t n = 16;
	int r;

	if (!s)
		return 0;
	r = s->size % VERSION_RECORD == 0 ? elf_bytes(l->e, s, &records) : -EINVAL;
	if (r < 0)
		return r;
	/* Cannot overflow: no file of SOURCE_UNPACKED_MAX bytes has that many symbols. */
	while (n < 2 * l->imports.n)
		n *= 2;
	slots = calloc(n, sizeof(*slots));
	return slots ? link_versions(l, records, slots, n - 1) : -ENOMEM;
}

int facts_linkage(const struct elf *e, struct symbols *ret_exports, struct symbols *ret_imports)
{
	struct linkage l = { .e = e };
	bool has_strings = elf_find(e, "__ksymtab_strings");
	int r = link_symbols(&l, !has_strings);

	if (r == 0 && has_strings && l.exports.n == 0)
		r = link_strings(&l);
	if (r == 0)
		r = join_versions(&l);
	if (r < 0) {
		symbols_done(&l.exports);
		symbols_done(&l.imports);
		return r;
	}
	*ret_exports = l.exports;
	*ret_imports = l.imports;
	return 0;
}
