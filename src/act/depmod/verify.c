// SPDX-License-Identifier: MIT
#include "act/depmod/verify.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/fileio.h"
#include "base/map.h"
#include "base/vec.h"
#include "read/index/format.h"
#include "read/index/reader.h"

const char *verify_kind_name(enum verify_kind kind)
{
	static const char *const names[] = {
		[VERIFY_MISSING] = "missing",
		[VERIFY_STALE] = "stale",
		[VERIFY_DAMAGED] = "damaged",
		[VERIFY_EXTRA] = "extra",
	};

	return names[kind];
}

static int add(struct verify_list *l, enum verify_kind kind, const char *file, const char *module)
{
	const char *copy = module ? arena_str(&l->arena, module) : NULL;

	if (vec_room(&l->items, l->n, &l->cap) < 0 || (module && !copy))
		return -ENOMEM;
	l->items[l->n++] = (struct verify_difference){ kind, file, copy };
	return 0;
}

/* ---- indexes ---- */

struct entry {
	const char *key, *value;
	uint32_t priority;
};

struct entries {
	struct entry *items;
	size_t n, cap;
	struct arena arena;
};

static void entries_done(struct entries *e)
{
	free(e->items);
	arena_done(&e->arena);
}

static int collect_entry(void *data, const char *key, const char *value, uint32_t priority)
{
	struct entries *e = data;
	struct entry entry = { arena_str(&e->arena, key), arena_str(&e->arena, value), priority };

	if (!entry.key || !entry.value || vec_room(&e->items, e->n, &e->cap) < 0)
		return -ENOMEM;
	e->items[e->n++] = entry;
	return 0;
}

/* An empty file is an index without entries. */
static int read_entries(struct span bytes, const char *label, struct entries *into)
{
	struct index_reader reader;
	int r;

	if (!bytes.n)
		return 0;
	r = index_reader_open_span(bytes, label, NULL, &reader);
	if (r < 0)
		return r;
	r = index_reader_check(&reader);
	if (r == 0)
		r = index_reader_walk(&reader, collect_entry, into);
	index_reader_close(&reader);
	return r;
}

static bool same_entry(const struct entry *a, const struct entry *b)
{
	return a->priority == b->priority && strcmp(a->key, b->key) == 0 && strcmp(a->value, b->value) == 0;
}

/* Both are in the order of their keys, and each module has one line. */
static int compare_modules(const struct entries *old, const struct entries *fresh, const char *file,
			   struct verify_list *into)
{
	size_t i = 0, k = 0;
	int r = 0;

	while (r == 0 && (i < old->n || k < fresh->n)) {
		int order = i == old->n ? 1 : k == fresh->n ? -1 : strcmp(old->items[i].key, fresh->items[k].key);

		if (order < 0)
			r = add(into, VERIFY_EXTRA, file, old->items[i].key);
		else if (order > 0)
			r = add(into, VERIFY_MISSING, file, fresh->items[k].key);
		else if (strcmp(old->items[i].value, fresh->items[k].value) != 0)
			r = add(into, VERIFY_STALE, file, old->items[i].key);
		i += order <= 0;
		k += order >= 0;
	}
	return r;
}

static int compare_entries(const struct entries *old, const struct entries *fresh, enum output_id id,
			   struct verify_list *into)
{
	size_t before = into->n, i = 0;
	int r = 0;

	if (id == OUTPUT_DEP_BIN)
		r = compare_modules(old, fresh, output_name(id), into);
	if (r < 0 || into->n > before)
		return r;
	while (i < old->n && i < fresh->n && same_entry(&old->items[i], &fresh->items[i]))
		i++;
	return i < old->n || i < fresh->n ? add(into, VERIFY_STALE, output_name(id), NULL) : 0;
}

static int compare_index(struct span old, struct span fresh, enum output_id id, struct verify_list *into)
{
	_cleanup_(entries_done) struct entries a = { 0 }, b = { 0 };
	int r;

	/* Only a missing input makes an index empty. */
	if (!old.n && fresh.n)
		return add(into, VERIFY_DAMAGED, output_name(id), NULL);
	r = read_entries(old, output_name(id), &a);
	if (r == -EINVAL)
		return add(into, VERIFY_DAMAGED, output_name(id), NULL);
	if (r == 0)
		r = read_entries(fresh, output_name(id), &b);
	return r < 0 ? r : compare_entries(&a, &b, id, into);
}

/* ---- all files ---- */

static int verify_one(const struct root *root, const char *dir, enum output_id id, struct span fresh,
		      struct verify_list *into)
{
	_cleanup_buf_ struct buf old = BUF_INIT;
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, output_name(id)), r;

	r = n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : file_read_regular(root, path, INDEX_NODE_OFFSET, &old);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return add(into, r == -ENOENT ? VERIFY_MISSING : VERIFY_DAMAGED, output_name(id), NULL);
	if (span_eq(buf_span(&old), fresh))
		return 0;
	if (output_is_index(id))
		return compare_index(buf_span(&old), fresh, id, into);
	return add(into, old.n || !fresh.n ? VERIFY_STALE : VERIFY_DAMAGED, output_name(id), NULL);
}

int verify_outputs(const struct root *root, const char *dir, const struct outputs *fresh, struct verify_list *into)
{
	int r = 0;

	for (int i = 0; i < OUTPUTS && r == 0; i++)
		r = verify_one(root, dir, (enum output_id)i, buf_span(&fresh->files[i]), into);
	return r;
}

void verify_list_done(struct verify_list *l)
{
	free(l->items);
	arena_done(&l->arena);
	*l = (struct verify_list){ 0 };
}
