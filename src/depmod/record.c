// SPDX-License-Identifier: MIT
#include "depmod/record.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "image/facts.h"

static int pack(const struct buf *b, struct arena *arena, struct record_list *ret)
{
	const char *p = arena_bytes(arena, b->p, b->n);

	if (buf_error(b) < 0)
		return buf_error(b);
	if (!p)
		return -ENOMEM;
	*ret = (struct record_list){ p, b->n };
	return 0;
}

static int pack_key(const struct modinfo *info, const char *key, struct arena *arena, struct record_list *ret)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	size_t len = strlen(key);

	for (size_t i = 0; i < info->n; i++)
		if (info->items[i].key_len == len && memcmp(info->items[i].key, key, len) == 0)
			buf_add(&b, info->items[i].value, strlen(info->items[i].value) + 1);
	return pack(&b, arena, ret);
}

static int read_modinfo(const struct elf *elf, struct arena *arena, struct record *into)
{
	_cleanup_(modinfo_done) struct modinfo info = { 0 };
	int r = modinfo_read(elf, &info);

	if (r < 0)
		return r == -ENODATA ? 0 : r;
	r = pack_key(&info, "alias", arena, &into->lists[RECORD_ALIASES]);
	if (r == 0)
		r = pack_key(&info, "softdep", arena, &into->lists[RECORD_SOFTDEPS]);
	if (r == 0)
		r = pack_key(&info, "weakdep", arena, &into->lists[RECORD_WEAKDEPS]);
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

static int pack_symbols(const struct symbols *s, bool with_bind, struct arena *arena, struct record_list *ret)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	for (size_t i = 0; i < s->n; i++) {
		if (with_bind)
			buf_addc(&b, s->items[i].bind == 'W' ? 'W' : 'U');
		buf_add(&b, s->items[i].name, strlen(s->items[i].name) + 1);
	}
	return pack(&b, arena, ret);
}

static int read_exports(const struct elf *elf, bool with_crcs, struct arena *arena, struct record *into)
{
	_cleanup_(symbols_done) struct symbols s = { 0 };
	int r = facts_exports(elf, &s);

	if (r < 0)
		return r == -ENODATA ? 0 : r;
	r = pack_symbols(&s, false, arena, &into->lists[RECORD_EXPORTS]);
	return r < 0 || !with_crcs ? r : pack_crcs(&s, arena, &into->export_crcs);
}

static int read_imports(const struct elf *elf, bool with_crcs, struct arena *arena, struct record *into)
{
	_cleanup_(symbols_done) struct symbols s = { 0 };
	int r = with_crcs ? facts_imports(elf, &s) : facts_import_names(elf, &s);

	if (r < 0)
		return r;
	r = pack_symbols(&s, true, arena, &into->lists[RECORD_IMPORTS]);
	return r < 0 || !with_crcs ? r : pack_crcs(&s, arena, &into->import_crcs);
}

int record_read(const struct elf *elf, bool with_crcs, struct arena *arena, struct record *ret)
{
	struct record rec = { 0 };
	int r = read_modinfo(elf, arena, &rec);

	if (r == 0)
		r = read_exports(elf, with_crcs, arena, &rec);
	if (r == 0)
		r = read_imports(elf, with_crcs, arena, &rec);
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
