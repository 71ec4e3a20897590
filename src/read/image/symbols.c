// SPDX-License-Identifier: MIT
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/num.h"
#include "base/vec.h"
#include "read/image/facts.h"
#include "read/image/symbols.h"
#include "read/image/symtable.h"

/* A namespace has no longer name: it stands in import_ns= of each user. */
#define NAMESPACE_MAX 512
#define ARRAY_PREFIX "__param_arr_"

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

/* Passes the list on when r is 0, else frees it. */
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
		.crc = e->is64 ? load_u64(record.p, e->big != NUM_HOST_BIG) :
				 load_u32(record.p, e->big != NUM_HOST_BIG),
		.bind = 'U',
	};
	return 0;
}

int symbols_raw_versions(const struct elf *e, struct symbols *ret)
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
	int r = symbols_raw_versions(e, &list);

	for (size_t i = 0; i < list.n; i++) {
		if (list.items[i].name[0] == '.')
			list.items[i].name++;
		list.items[i].bind = 0;
	}
	return finish(r, &list, ret);
}

/* ---- exports ---- */

static char bind_letter(uint8_t bind)
{
	return bind == STB_LOCAL ? 'L' : bind == STB_GLOBAL ? 'G' : bind == STB_WEAK ? 'W' : 'U';
}

/* cache: one span per section, read when first needed. */
static uint64_t export_crc(const struct elf *e, const struct symtable_entry *s, struct span *cache)
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

/* A symbol of the table whose name begins there. */
static int add_taken(struct symbols *list, struct symtable *t, const char *name, uint64_t crc, char bind)
{
	size_t len;
	int r = symtable_take_name(t, name, &len);

	return r < 0 ? r : add(list, name, crc, bind);
}

static int crc_exports(const struct elf *e, struct symbols *list)
{
	_cleanup_free_ struct span *cache = NULL;
	struct symtable t;
	struct symtable_entry s;
	int r = symtable_read(e, elf_find(e, ".symtab"), !elf_find(e, "__ksymtab_strings"), &t);

	if (r < 0)
		return r == -EINVAL ? 0 : r; /* missing or unusable table: no symbols */
	for (size_t i = 0; r == 0 && i < t.n; i++) {
		r = symtable_entry(e, &t, i, &s);
		if (r < 0 || s.name[0] != CRC_PREFIX[0] || strncmp(s.name, CRC_PREFIX, CRC_PREFIX_LEN) != 0)
			continue;
		if (!cache)
			cache = calloc(e->n_sections, sizeof(*cache));
		r = cache ? add_taken(list, &t, s.name + CRC_PREFIX_LEN, export_crc(e, &s, cache),
				      bind_letter(s.bind)) :
			    -ENOMEM;
	}
	return r;
}

int symbols_string_exports(const struct elf *e, struct symbols *list)
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
		r = symbols_string_exports(e, &list);
	return finish(r, &list, ret);
}

/* ---- rules of exports ---- */

/* The string that an entry of the table stands for; "" when there is none. */
static const char *string_at(const struct elf *e, const struct symtable_entry *s)
{
	struct span bytes;
	const char *text;

	if (s->section >= e->n_sections || elf_bytes(e, &e->sections[s->section], &bytes) < 0 ||
	    span_from(bytes, s->value, &bytes) < 0)
		return "";
	if (bytes.n > NAMESPACE_MAX)
		bytes.n = NAMESPACE_MAX;
	return span_cstr(bytes, 0, &text) < 0 ? "" : text;
}

/* 1: the name begins with the prefix, and what follows leads to the entry; 0, or -errno. */
static int put_entry(struct symtable *t, size_t i, const char *name, const char *prefix, struct map *to)
{
	size_t n = strlen(prefix), len;
	int r;

	if (strncmp(name, prefix, n) != 0)
		return 0;
	r = symtable_take_name(t, name + n, &len);
	if (r == 0)
		r = map_put(to, name + n, (void *)(uintptr_t)(i + 1));
	return r < 0 ? r : 1;
}

static int put_entries(struct export_rules *x)
{
	struct symtable_entry s;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < x->table.n; i++) {
		r = symtable_entry(x->e, &x->table, i, &s);
		if (r == 0)
			r = put_entry(&x->table, i, s.name, "__kstrtabns_", &x->spaces);
		if (r == 0 && s.section < x->e->n_sections)
			r = put_entry(&x->table, i, s.name, "__ksymtab_", &x->entries);
	}
	return r < 0 ? r : 0;
}

int export_rules_read(const struct elf *e, struct export_rules *ret)
{
	struct export_rules x = { .e = e };
	int r = symtable_read(e, elf_find(e, ".symtab"), false, &x.table);

	if (r == 0)
		r = put_entries(&x);
	if (r < 0)
		export_rules_done(&x);
	else
		*ret = x;
	return r;
}

static bool find_entry(const struct export_rules *x, const struct map *in, const char *symbol,
		       struct symtable_entry *ret)
{
	size_t at = (uintptr_t)map_get(in, symbol);

	return at && symtable_entry(x->e, &x->table, at - 1, ret) == 0;
}

bool export_rules_find(const struct export_rules *x, const char *symbol, struct export_rule *ret)
{
	struct symtable_entry entry, space;

	if (!find_entry(x, &x->entries, symbol, &entry))
		return false;
	ret->gpl_only = strcmp(x->e->sections[entry.section].name, "__ksymtab_gpl") == 0;
	ret->ns = find_entry(x, &x->spaces, symbol, &space) ? string_at(x->e, &space) : "";
	return true;
}

void export_rules_done(struct export_rules *x)
{
	map_done(&x->entries);
	map_done(&x->spaces);
	*x = (struct export_rules){ 0 };
}

/* ---- array parameters ---- */

static int word_at(const struct elf *e, const struct symtable_entry *s, uint32_t *ret)
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

int array_sizes_read(const struct elf *e, struct array_sizes *ret)
{
	struct array_sizes x = { .e = e };
	struct symtable_entry s;
	int r = symtable_read(e, elf_find(e, ".symtab"), false, &x.table);

	for (size_t i = 0; r >= 0 && i < x.table.n; i++) {
		r = symtable_entry(e, &x.table, i, &s);
		if (r == 0)
			r = put_entry(&x.table, i, s.name, ARRAY_PREFIX, &x.arrays);
	}
	if (r < 0)
		array_sizes_done(&x);
	else
		*ret = x;
	return r < 0 ? r : 0;
}

int array_sizes_find(const struct array_sizes *x, const char *name, uint32_t *ret)
{
	size_t at = (uintptr_t)map_get(&x->arrays, name);
	struct symtable_entry s;
	int r = at ? symtable_entry(x->e, &x->table, at - 1, &s) : -ENODATA;

	return r < 0 ? r : word_at(x->e, &s, ret);
}

void array_sizes_done(struct array_sizes *x)
{
	map_done(&x->arrays);
	*x = (struct array_sizes){ 0 };
}

/* ---- imports ---- */

static int undefined_symbols(const struct elf *e, struct symbols *list)
{
	struct symtable t;
	struct symtable_entry s;
	int r = symtable_read(e, elf_find(e, ".symtab"), true, &t);

	for (size_t i = 0; r == 0 && i < t.n; i++) {
		r = symtable_entry(e, &t, i, &s);
		if (r == 0 && s.section == SHN_UNDEF && s.name[0] != '\0' && !symtable_is_register(e, &s))
			r = add_taken(list, &t, s.name, 0, s.bind == STB_WEAK ? 'W' : 'U');
	}
	return r;
}

/*
 * The undefined symbols, and a map from their names to their numbers in *ret plus one; of equal names the first
 * counts.
 */
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
		r = symbols_raw_versions(e, &versions);
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
