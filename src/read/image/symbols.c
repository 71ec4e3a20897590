// SPDX-License-Identifier: MIT
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/num.h"
#include "base/vec.h"
#include "read/image/facts.h"

#define VERSION_RECORD 64
#define CRC_PREFIX "__crc_"
#define CRC_PREFIX_LEN (sizeof(CRC_PREFIX) - 1)
#define ARRAY_PREFIX "__param_arr_"
#define ARRAY_PREFIX_LEN (sizeof(ARRAY_PREFIX) - 1)
/* .strtab mostly follows .symtab: up to this distance both are read at once */
#define TABLE_GAP 4096
#define SPARC_REGISTER 13 /* STT_SPARC_REGISTER: no symbol at all */

static int add(struct symbols *list, const char *name, uint64_t crc, char bind)
{
	if (vec_room(&list->items, list->n, &list->cap) < 0)
		return -ENOMEM;
	list->items[list->n++] = (struct symbol){ .name = name, .crc = crc, .bind = bind };
	return 0;
}

void symbols_done(struct symbols *s)
{
	free(s->items);
	*s = (struct symbols){ 0 };
}

/* Hands the list over when r is 0, else frees it. */
static int finish(int r, struct symbols *list, struct symbols *ret)
{
	if (r < 0)
		symbols_done(list);
	else
		*ret = *list;
	return r;
}

/* ---- __versions ---- */

static int version_record(const struct elf *e, struct span section, uint64_t at, struct symbol *ret)
{
	struct span record, text;
	size_t crc_size = e->is64 ? 8 : 4;
	const char *name;

	if (span_sub(section, at, VERSION_RECORD, &record) < 0 || span_from(record, crc_size, &text) < 0 ||
	    span_cstr(text, 0, &name) < 0)
		return -EINVAL;
	*ret = (struct symbol){
		.name = name,
		.crc = e->is64 ? load_u64(record.p, e->big != NUM_HOST_BIG) : load_u32(record.p, e->big != NUM_HOST_BIG),
		.bind = 'U',
	};
	return 0;
}

/* The records with their names as they stand there. */
static int raw_versions(const struct elf *e, struct symbols *ret)
{
	const struct elf_section *s = elf_find(e, "__versions");
	struct symbols list = { 0 };
	struct symbol v;
	struct span bytes;
	int r;

	if (!s)
		return -ENODATA;
	if (s->size % VERSION_RECORD != 0)
		return -EINVAL;
	r = elf_bytes(e, s, &bytes);
	for (uint64_t at = 0; r == 0 && at < bytes.n; at += VERSION_RECORD) {
		r = version_record(e, bytes, at, &v);
		if (r == 0)
			r = add(&list, v.name, v.crc, v.bind);
	}
	return finish(r, &list, ret);
}

int facts_versions(const struct elf *e, struct symbols *ret)
{
	struct symbols list = { 0 };
	int r = raw_versions(e, &list);

	for (size_t i = 0; i < list.n; i++) {
		if (list.items[i].name[0] == '.')
			list.items[i].name++;
		list.items[i].bind = 0;
	}
	return finish(r, &list, ret);
}

/* ---- .symtab ---- */

struct symtab {
	struct span entries; /* from the first wanted on */
	struct span names;   /* ends in NUL */
	size_t entry_size, n;
};

struct entry {
	const char *name;
	uint64_t value;
	uint16_t section;
	uint8_t type, bind;
};

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

/* s: .symtab or NULL. Only the global entries (gABI: those from sh_info on), or all but the empty first one. -EINVAL: no usable table. */
static int symtab_read(const struct elf *e, const struct elf_section *s, bool only_globals, struct symtab *ret)
{
	const struct elf_section *names = elf_find(e, ".strtab");
	struct symtab t = { .entry_size = entry_size(e) };
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
	*ret = t;
	return 0;
}

static int entry_at(const struct elf *e, const struct symtab *t, size_t i, struct entry *ret)
{
	const uint8_t *p = t->entries.p + i * t->entry_size;
	bool swap = e->big != NUM_HOST_BIG;
	uint32_t name = load_u32(p, swap);
	uint8_t info;

	if (name >= t->names.n)
		return -EINVAL;
	info = p[e->is64 ? offsetof(Elf64_Sym, st_info) : offsetof(Elf32_Sym, st_info)];
	*ret = (struct entry){
		.name = (const char *)t->names.p + name,
		.value = e->is64 ? load_u64(p + offsetof(Elf64_Sym, st_value), swap) :
				   load_u32(p + offsetof(Elf32_Sym, st_value), swap),
		.section = load_u16(p + (e->is64 ? offsetof(Elf64_Sym, st_shndx) : offsetof(Elf32_Sym, st_shndx)), swap),
		.type = ELF64_ST_TYPE(info),
		.bind = ELF64_ST_BIND(info),
	};
	return 0;
}

/* ---- exports ---- */

static char bind_letter(uint8_t bind)
{
	return bind == STB_LOCAL ? 'L' : bind == STB_GLOBAL ? 'G' : bind == STB_WEAK ? 'W' : 'U';
}

/* cache: one span per section, read when first needed. */
static uint64_t export_crc(const struct elf *e, const struct entry *s, struct span *cache)
{
	struct span w;

	if (s->section == SHN_ABS || s->section == SHN_UNDEF)
		return s->value;
	if (s->section >= e->n_sections)
		return UINT64_MAX;
	if (!cache[s->section].p && elf_bytes(e, &e->sections[s->section], &cache[s->section]) < 0)
		cache[s->section] = span_of("", 0);
	if (span_sub(cache[s->section], s->value, 4, &w) < 0)
		return UINT64_MAX;
	return load_u32(w.p, e->big != NUM_HOST_BIG);
}

static int crc_exports(const struct elf *e, struct symbols *list)
{
	_cleanup_free_ struct span *cache = NULL;
	struct symtab t;
	struct entry s;
	int r = symtab_read(e, elf_find(e, ".symtab"), !elf_find(e, "__ksymtab_strings"), &t);

	if (r < 0)
		return r == -EINVAL ? 0 : r; /* no or an unusable table: none */
	for (size_t i = 0; r == 0 && i < t.n; i++) {
		r = entry_at(e, &t, i, &s);
		if (r < 0 || s.name[0] != CRC_PREFIX[0] || strncmp(s.name, CRC_PREFIX, CRC_PREFIX_LEN) != 0)
			continue;
		if (!cache)
			cache = calloc(e->n_sections, sizeof(*cache));
		r = cache ? add(list, s.name + CRC_PREFIX_LEN, export_crc(e, &s, cache), bind_letter(s.bind)) : -ENOMEM;
	}
	return r;
}

static int string_exports(const struct elf *e, struct symbols *list)
{
	const struct elf_section *s = elf_find(e, "__ksymtab_strings");
	struct span rest;
	const char *name;
	int r = s ? elf_bytes(e, s, &rest) : -ENODATA;

	while (r == 0 && span_cstr(rest, 0, &name) == 0) {
		size_t n = strlen(name);

		if (n > 0)
			r = add(list, name, 0, 'G');
		rest = span_of(rest.p + n + 1, rest.n - n - 1);
	}
	return r;
}

int facts_exports(const struct elf *e, struct symbols *ret)
{
	struct symbols list = { 0 };
	int r = crc_exports(e, &list);

	if (r == 0 && list.n == 0)
		r = string_exports(e, &list);
	return finish(r, &list, ret);
}

static bool is_about(const char *entry, const char *prefix, const char *symbol)
{
	size_t n = strlen(prefix);

	return strncmp(entry, prefix, n) == 0 && strcmp(entry + n, symbol) == 0;
}

/* The string that an entry of the table stands for; "" when there is none. */
static const char *string_at(const struct elf *e, const struct entry *s)
{
	struct span bytes;
	const char *text;

	if (s->section >= e->n_sections || elf_bytes(e, &e->sections[s->section], &bytes) < 0 ||
	    span_cstr(bytes, s->value, &text) < 0)
		return "";
	return text;
}

int facts_export_rule(const struct elf *e, const char *symbol, struct export_rule *ret)
{
	struct export_rule rule = { .ns = "" };
	bool found = false;
	struct symtab t;
	struct entry s;
	int r = symtab_read(e, elf_find(e, ".symtab"), false, &t);

	for (size_t i = 0; r == 0 && i < t.n; i++) {
		r = entry_at(e, &t, i, &s);
		if (r == 0 && is_about(s.name, "__kstrtabns_", symbol)) {
			rule.ns = string_at(e, &s);
		} else if (r == 0 && s.section < e->n_sections && is_about(s.name, "__ksymtab_", symbol)) {
			found = true;
			rule.gpl_only = strcmp(e->sections[s.section].name, "__ksymtab_gpl") == 0;
		}
	}
	if (r < 0 || !found)
		return r < 0 ? r : -ENODATA;
	*ret = rule;
	return 0;
}

/* ---- array parameters ---- */

static int word_at(const struct elf *e, const struct entry *s, uint32_t *ret)
{
	struct span section, word;
	int r = s->section != SHN_UNDEF && s->section < e->n_sections ? 0 : -ENODATA;

	if (r == 0)
		r = elf_bytes(e, &e->sections[s->section], &section);
	if (r < 0 || span_sub(section, s->value, sizeof(*ret), &word) < 0)
		return r < 0 ? r : -ENODATA;
	*ret = load_u32(word.p, e->big != NUM_HOST_BIG);
	return 0;
}

int facts_array_max(const struct elf *e, const char *name, uint32_t *ret)
{
	struct symtab t;
	struct entry s;
	int r = symtab_read(e, elf_find(e, ".symtab"), false, &t);

	for (size_t i = 0; r == 0 && i < t.n; i++) {
		r = entry_at(e, &t, i, &s);
		if (r == 0 && strncmp(s.name, ARRAY_PREFIX, ARRAY_PREFIX_LEN) == 0 && strcmp(s.name + ARRAY_PREFIX_LEN, name) == 0)
			return word_at(e, &s, ret);
	}
	return r == 0 || r == -EINVAL ? -ENODATA : r;
}

/* ---- imports ---- */

static bool is_register(const struct elf *e, const struct entry *s)
{
	bool sparc = e->machine == EM_SPARC || e->machine == EM_SPARC32PLUS || e->machine == EM_SPARCV9;

	return sparc && s->type == SPARC_REGISTER;
}

static int undefined_symbols(const struct elf *e, struct symbols *list)
{
	struct symtab t;
	struct entry s;
	int r = symtab_read(e, elf_find(e, ".symtab"), true, &t);

	for (size_t i = 0; r == 0 && i < t.n; i++) {
		r = entry_at(e, &t, i, &s);
		if (r == 0 && s.section == SHN_UNDEF && s.name[0] != '\0' && !is_register(e, &s))
			r = add(list, s.name, 0, s.bind == STB_WEAK ? 'W' : 'U');
	}
	return r;
}

/* The undefined symbols, and a map from their names to their numbers in *ret plus one; of equal names the first counts. */
static int needed_by_name(const struct elf *e, struct symbols *ret, struct map *ret_map)
{
	int r = undefined_symbols(e, ret);

	for (size_t i = ret->n; r >= 0 && i > 0; i--)
		r = map_put(ret_map, ret->items[i - 1].name, (void *)(uintptr_t)i);
	return r < 0 ? r : 0;
}

int facts_imports(const struct elf *e, struct symbols *ret)
{
	_cleanup_symbols_ struct symbols versions = { 0 };
	_cleanup_map_ struct map by_name = { 0 };
	struct symbols list = { 0 };
	int r = needed_by_name(e, &list, &by_name);

	if (r == 0)
		r = raw_versions(e, &versions);
	if (r == -ENODATA)
		r = 0;
	for (size_t i = 0; r == 0 && i < versions.n; i++) {
		const struct symbol *v = &versions.items[i];
		size_t at = (uintptr_t)map_get(&by_name, v->name);

		if (at == 0)
			r = add(&list, v->name, v->crc, 'U');
		else if (list.items[at - 1].crc == 0)
			list.items[at - 1].crc = v->crc;
	}
	return finish(r, &list, ret);
}

/* ---- both, by name ---- */

struct linkage {
	const struct elf *e;
	struct symtab table;
	struct symbols exports, imports;
};

static int link_name(struct symbols *list, const char *name, size_t len, uint32_t hash, char bind)
{
	if (vec_room(&list->items, list->n, &list->cap) < 0)
		return -ENOMEM;
	list->items[list->n++] = (struct symbol){ .name = name, .len = (uint32_t)len, .hash = hash, .bind = bind };
	return 0;
}

/* at: in names, which end in NUL. */
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
	return link_name(&l->exports, name, strlen(name), 0, 'G');
}

static int link_import(struct linkage *l, size_t i)
{
	struct entry s;
	size_t len;

	if (entry_at(l->e, &l->table, i, &s) < 0)
		return -EINVAL;
	if (s.name[0] == '\0' || is_register(l->e, &s))
		return 0;
	len = strlen(s.name);
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

/* The table without its local symbols where these cannot matter: no strings of exports, no exports. */
static int link_symbols(struct linkage *l, bool only_globals)
{
	const struct elf_section *s = elf_find(l->e, ".symtab");
	size_t first_global = 0;
	int r = symtab_read(l->e, s, only_globals, &l->table);

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
	int r = string_exports(l->e, &strings);

	for (size_t i = 0; i < strings.n && r == 0; i++)
		r = link_export(l, strings.items[i].name);
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

	while (slots[i].number &&
	       (slots[i].hash != hash || strcmp(list->items[slots[i].number - 1].name, name) != 0))
		i = (i + 1) & mask;
	return &slots[i];
}

/* Adds the names of __versions that are no undefined symbols. */
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
	/* No file of SOURCE_UNPACKED_MAX bytes has as many symbols as would make this overflow. */
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

/* ---- build id ---- */

static uint64_t align4(uint64_t n)
{
	return (n + 3) & ~UINT64_C(3);
}

int facts_build_id(const struct elf *e, struct span *ret)
{
	const struct elf_section *s = elf_find(e, ".note.gnu.build-id");
	struct span rest, name;
	bool swap = e->big != NUM_HOST_BIG;
	int r = s ? elf_bytes(e, s, &rest) : -ENODATA;

	while (r == 0) {
		uint64_t name_len, desc_len;

		if (rest.n < sizeof(Elf64_Nhdr))
			return -ENODATA;
		name_len = load_u32(rest.p, swap);
		desc_len = load_u32(rest.p + 4, swap);
		if (span_sub(rest, sizeof(Elf64_Nhdr), name_len, &name) < 0)
			return -ENODATA;
		if (load_u32(rest.p + 8, swap) == NT_GNU_BUILD_ID && span_eq(name, span_of("GNU", 4)))
			return span_sub(rest, sizeof(Elf64_Nhdr) + align4(name_len), desc_len, ret) < 0 ? -ENODATA : 0;
		if (span_from(rest, sizeof(Elf64_Nhdr) + align4(name_len) + align4(desc_len), &rest) < 0)
			return -ENODATA;
	}
	return r;
}
