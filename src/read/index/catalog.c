// SPDX-License-Identifier: MIT
#include "read/index/catalog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "read/index/walk.h"

struct slot {
	struct index_reader reader;
	bool open;
	bool failed; /* opening it failed: not tried again */
};

/* Filled in by queries; not part of what a query answers. */
struct catalog_state {
	struct slot slots[CATALOG_N];
	struct mapping modinfo;
	int modinfo_error; /* 1: not tried yet, 0: mapped, -errno */
	struct diag *diag;
};

struct catalog {
	char *dir;
	char *prefix;
	struct root root;
	struct catalog_state *state;
};

static const char *const file_names[CATALOG_N] = {
	[CATALOG_DEP] = "modules.dep.bin",         [CATALOG_ALIAS] = "modules.alias.bin",
	[CATALOG_SYMBOL] = "modules.symbols.bin",  [CATALOG_BUILTIN_ALIAS] = "modules.builtin.alias.bin",
	[CATALOG_BUILTIN] = "modules.builtin.bin",
};

const char *catalog_file_name(enum catalog_index which)
{
	return file_names[which];
}

int catalog_open(const struct root *root, const char *dir, struct diag *diag, struct catalog **ret)
{
	_cleanup_(catalog_close_p) struct catalog *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->dir = strdup(dir);
	c->prefix = strdup(root->prefix);
	c->state = calloc(1, sizeof(*c->state));
	if (!c->dir || !c->prefix || !c->state)
		return -ENOMEM;
	c->root = (struct root){ c->prefix, root->anchors };
	c->state->modinfo_error = 1;
	c->state->diag = diag;
	*ret = take_ptr(c);
	return 0;
}

void catalog_close(struct catalog *c)
{
	if (c && c->state) {
		catalog_unload(c);
		mapping_close(&c->state->modinfo);
	}
	catalog_leave(c);
}

void catalog_leave(struct catalog *c)
{
	if (!c)
		return;
	free(c->state);
	free(c->dir);
	free(c->prefix);
	free(c);
}

const char *catalog_dir(const struct catalog *c)
{
	return c->dir;
}

int catalog_join(const struct catalog *c, const char *path, size_t len, char **ret)
{
	_cleanup_free_ char *joined = len && path[0] == '/' ? strndup(path, len) : root_join(c->dir, path, len);
	const char *anchor;

	if (!joined)
		return -ENOMEM;
	anchor = root_anchor_of(&c->root, c->dir);
	/* The index is a part of the tree: it must not choose files outside of it. */
	if (anchor && !root_is_anchored(&c->root, joined))
		*ret = root_join(anchor, path + 1, len - 1);
	else
		*ret = take_ptr(joined);
	return *ret ? 0 : -ENOMEM;
}

static int slot_open(const struct catalog *c, enum catalog_index which, struct diag *diag)
{
	struct slot *slot = &c->state->slots[which];
	_cleanup_free_ char *path = NULL;
	int r;

	if (slot->open)
		return 0;
	r = catalog_join(c, file_names[which], strlen(file_names[which]), &path);
	if (r == 0)
		r = index_reader_open(&c->root, path, diag, &slot->reader);
	slot->open = r == 0;
	slot->failed = r < 0;
	return r;
}

static void slot_close(struct slot *slot)
{
	if (slot->open)
		index_reader_close(&slot->reader);
	*slot = (struct slot){ 0 };
}

int catalog_load(struct catalog *c, struct diag *diag)
{
	for (enum catalog_index i = 0; i < CATALOG_N; i++) {
		int r = slot_open(c, i, c->state->slots[i].failed ? NULL : diag);

		if (r < 0 && i != CATALOG_BUILTIN_ALIAS) {
			for (enum catalog_index k = 0; k < i; k++)
				slot_close(&c->state->slots[k]);
			return r;
		}
	}
	return 0;
}

void catalog_unload(struct catalog *c)
{
	for (enum catalog_index i = 0; i < CATALOG_N; i++)
		slot_close(&c->state->slots[i]);
}

void catalog_retry(struct catalog *c)
{
	for (enum catalog_index i = 0; i < CATALOG_N; i++)
		c->state->slots[i].failed = false;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool catalog_is_fresh(const struct catalog *c)
{
	for (enum catalog_index i = 0; i < CATALOG_N; i++) {
		_cleanup_free_ char *path = NULL;
		struct stat st;

		if (!c->state->slots[i].open)
			continue;
		if (catalog_join(c, file_names[i], strlen(file_names[i]), &path) < 0)
			return false;
		if (root_stat(&c->root, path, &st) < 0 || !same_file(&st, &c->state->slots[i].reader.map.st))
			return false;
	}
	return true;
}

const struct index_reader *catalog_reader(const struct catalog *c, enum catalog_index which)
{
	struct slot *slot = &c->state->slots[which];

	if (!slot->open && !slot->failed)
		slot_open(c, which, c->state->diag);
	return slot->open ? &slot->reader : NULL;
}

const char *catalog_dep_line(const struct catalog *c, const char *name)
{
	const struct index_reader *r = catalog_reader(c, CATALOG_DEP);

	return r ? index_reader_get(r, name) : NULL;
}

bool catalog_is_builtin(const struct catalog *c, const char *name)
{
	const struct index_reader *r = catalog_reader(c, CATALOG_BUILTIN);

	return r && index_reader_get(r, name);
}

int catalog_builtin_modinfo(const struct catalog *c, struct span *ret)
{
	struct catalog_state *s = c->state;
	_cleanup_free_ char *path = NULL;
	int r;

	if (s->modinfo_error > 0) {
		r = catalog_join(c, BUILTIN_MODINFO, strlen(BUILTIN_MODINFO), &path);
		if (r < 0)
			return r;
		s->modinfo_error = mapping_open(&c->root, path, &s->modinfo);
	}
	if (s->modinfo_error < 0)
		return s->modinfo_error;
	*ret = s->modinfo.bytes;
	return 0;
}

/* Lines are collected up to this size, so that many share one write. */
#define DUMP_CHUNK 65536

static void dump_line(struct buf *lines, struct span prefix, const struct buf *key, const char *value)
{
	size_t n = strlen(value);

	if (buf_reserve(lines, prefix.n + key->n + n + 2) < 0)
		return;
	buf_add(lines, prefix.p, prefix.n);
	buf_add(lines, key->p, key->n);
	buf_addc(lines, ' ');
	buf_add(lines, value, n);
	buf_addc(lines, '\n');
}

static int dump_node(struct index_walk *w, struct index_node *node, struct span prefix, struct buf *lines)
{
	const char *value;
	uint32_t priority;
	int r;

	while ((r = index_walk_value(w, node, &value, &priority)) > 0)
		dump_line(lines, prefix, &w->key, value);
	return r < 0 ? r : buf_error(lines);
}

static int dump(const struct index_reader *reader, struct span prefix, FILE *out)
{
	_cleanup_buf_ struct buf lines = BUF_INIT;
	struct index_walk w;
	struct index_node node;
	int r;

	index_walk_init(&w, reader->bytes, reader->root);
	while ((r = index_walk_next(&w, &node)) > 0) {
		r = dump_node(&w, &node, prefix, &lines);
		if (r < 0)
			break;
		if (lines.n >= DUMP_CHUNK) {
			fwrite(lines.p, 1, lines.n, out);
			buf_clear(&lines);
		}
	}
	fwrite(buf_str(&lines), 1, lines.n, out);
	index_walk_done(&w);
	return r;
}

int catalog_dump(const struct catalog *c, enum catalog_index which, FILE *out)
{
	const struct index_reader *r = catalog_reader(c, which);
	bool aliases = which == CATALOG_ALIAS || which == CATALOG_SYMBOL;

	return r ? dump(r, span_of_str(aliases ? "alias " : ""), out) : -ENOSYS;
}
