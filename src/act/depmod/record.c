// SPDX-License-Identifier: MIT
#include "act/depmod/record.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "read/image/facts.h"

/* All records are in memory at the same time, and small compressed files may have large lists. */
static int check_size(size_t n)
{
	return n > RECORD_LIST_MAX ? -EFBIG : 0;
}

static int pack(const struct buf *b, struct arena *arena, struct record_list *ret)
{
	int r = buf_error(b) < 0 ? buf_error(b) : check_size(b->n);
	const char *p = r < 0 ? NULL : arena_bytes(arena, b->p, b->n);

	if (r < 0)
		return r;
	if (!p)
		return -ENOMEM;
	*ret = (struct record_list){ p, b->n };
	return 0;
}

/* What follows `KEY=`, or "" when there is only the key; NULL: it is another key. */
static const char *value_of(const char *string, const char *key)
{
	size_t n = strlen(key);

	if (strncmp(string, key, n) != 0 || (string[n] != '=' && string[n] != '\0'))
		return NULL;
	return string[n] ? string + n + 1 : string + n;
}

static const struct {
	enum record_list_id list;
	const char *key;
} kept_keys[] = {
	{ RECORD_ALIASES, "alias" },
	{ RECORD_SOFTDEPS, "softdep" },
	{ RECORD_WEAKDEPS, "weakdep" },
};

static void sort_string(const char *string, struct buf lists[static RECORD_LISTS])
{
	for (size_t i = 0; i < ELEMENTSOF(kept_keys); i++) {
		const char *value = string[0] == kept_keys[i].key[0] ? value_of(string, kept_keys[i].key) : NULL;

		if (value)
			buf_add(&lists[kept_keys[i].list], value, strlen(value) + 1);
	}
}

static int read_modinfo(const struct elf *elf, struct arena *arena, struct record *into)
{
	const struct elf_section *section = elf_find(elf, ".modinfo");
	struct buf lists[RECORD_LISTS] = { 0 };
	struct span strings = { 0 };
	const char *string;
	int r = section ? elf_bytes(elf, section, &strings) : 0;

	while (r == 0 && (string = modinfo_next(&strings)))
		sort_string(string, lists);
	for (size_t i = 0; i < ELEMENTSOF(kept_keys); i++) {
		enum record_list_id list = kept_keys[i].list;

		r = r < 0 ? r : pack(&lists[list], arena, &into->lists[list]);
		buf_done(&lists[list]);
	}
	return r;
}

static int pack_crcs(const struct symbols *s, struct arena *arena, const uint64_t **ret)
{
	uint64_t *crcs = arena_array(arena, s->n, sizeof(*crcs));

	if (!crcs)
		return -ENOMEM;
	for (size_t i = 0; i < s->n; i++)
		crcs[i] = s->items[i].crc;
	*ret = crcs;
	return 0;
}

static size_t packed_size(const struct symbols *s, size_t more)
{
	size_t size = 0;

	for (size_t i = 0; i < s->n; i++)
		size += s->items[i].len + 1 + more;
	return size;
}

static char *put_name(char *at, const struct symbol *s)
{
	memcpy(at, s->name, (size_t)s->len + 1);
	return at + s->len + 1;
}

static int pack_exports(const struct symbols *s, struct arena *arena, struct record *into)
{
	size_t size = packed_size(s, 0);
	int r = check_size(size);
	char *list = r < 0 ? NULL : arena_unaligned(arena, size), *at = list;

	if (!list)
		return r < 0 ? r : -ENOMEM;
	for (size_t i = 0; i < s->n; i++)
		at = put_name(at, &s->items[i]);
	into->lists[RECORD_EXPORTS] = (struct record_list){ list, size };
	return 0;
}

static int pack_imports(const struct symbols *s, struct arena *arena, struct record *into)
{
	size_t size = packed_size(s, 1);
	int r = check_size(size);
	struct record_name *names = r < 0 ? NULL : arena_alloc(arena, s->n * sizeof(*names));
	char *list = names ? arena_unaligned(arena, size) : NULL, *at = list;

	if (!list)
		return r < 0 ? r : -ENOMEM;
	for (size_t i = 0; i < s->n; i++) {
		*at++ = s->items[i].bind == 'W' ? 'W' : 'U';
		names[i] = (struct record_name){ (uint32_t)(at - list), s->items[i].hash };
		at = put_name(at, &s->items[i]);
	}
	into->lists[RECORD_IMPORTS] = (struct record_list){ list, size };
	into->imports = names;
	into->n_imports = s->n;
	return 0;
}

static size_t count_strings(struct record_list list)
{
	size_t n = 0;

	while (record_next(&list))
		n++;
	return n;
}

int record_index(struct record *record, struct arena *arena)
{
	struct record_list rest = record->lists[RECORD_IMPORTS];
	const char *start = rest.p, *s;
	struct record_name *names = arena_alloc(arena, count_strings(rest) * sizeof(*names));
	size_t n = 0;

	if (!names)
		return -ENOMEM;
	while ((s = record_next(&rest))) {
		if (*s != 'U' && *s != 'W')
			return -EINVAL;
		s++;
		names[n++] = (struct record_name){ (uint32_t)(s - start), symbol_hash(s, strlen(s)) };
	}
	record->imports = names;
	record->n_imports = n;
	return 0;
}

/* The hashes that facts_linkage() computes on its way. */
static void measure(struct symbols *s)
{
	for (size_t i = 0; i < s->n; i++) {
		s->items[i].len = (uint32_t)strlen(s->items[i].name);
		s->items[i].hash = symbol_hash(s->items[i].name, s->items[i].len);
	}
}

static int read_symbols(const struct elf *elf, bool with_crcs, struct symbols *exports, struct symbols *imports)
{
	int r;

	if (!with_crcs)
		return facts_linkage(elf, exports, imports);
	r = facts_exports(elf, exports);
	if (r == 0 || r == -ENODATA)
		r = facts_imports(elf, imports);
	if (r == 0) {
		measure(exports);
		measure(imports);
	}
	return r;
}

static int read_linkage(const struct elf *elf, bool with_crcs, struct arena *arena, struct record *into)
{
	_cleanup_symbols_ struct symbols exports = { 0 }, imports = { 0 };
	int r = read_symbols(elf, with_crcs, &exports, &imports);

	if (r == 0)
		r = pack_exports(&exports, arena, into);
	if (r == 0)
		r = pack_imports(&imports, arena, into);
	if (r == 0 && with_crcs)
		r = pack_crcs(&exports, arena, &into->export_crcs);
	if (r == 0 && with_crcs)
		r = pack_crcs(&imports, arena, &into->import_crcs);
	return r;
}

int record_read(const struct elf *elf, bool with_crcs, struct arena *arena, struct record *ret)
{
	struct record rec = { 0 };
	int r = read_modinfo(elf, arena, &rec);

	if (r == 0)
		r = read_linkage(elf, with_crcs, arena, &rec);
	if (r < 0)
		return r;
	*ret = rec;
	return 0;
}

const char *record_next(struct record_list *list)
{
	const char *s = list->p;
	size_t len;

	if (!list->n)
		return NULL;
	len = strlen(s) + 1;
	list->p += len;
	list->n -= len;
	return s;
}
