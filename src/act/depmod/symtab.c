// SPDX-License-Identifier: MIT
#include "act/depmod/symtab.h"

#include <errno.h>
#include <string.h>

#include "base/fileio.h"
#include "base/strhash.h"
#include "read/index/symvers.h"

#define KSYMTAB_MARK "__ksymtab_"

static uint32_t hash_name(const char *name)
{
	return (uint32_t)strhash(name);
}

int symtab_init(struct symtab *t, uint32_t expected, char prefix)
{
	uint32_t slots = 1024;

	while (slots / 2 < expected && slots < UINT32_C(1) << 30)
		slots *= 2;
	*t = (struct symtab){ .mask = slots - 1, .prefix = prefix };
	t->slots = calloc(slots, sizeof(*t->slots));
	return t->slots ? 0 : -ENOMEM;
}

void symtab_done(struct symtab *t)
{
	free(t->slots);
	t->slots = NULL;
}

/* The slot of that name, or the free one where it belongs. */
static struct symtab_entry *slot_of(const struct symtab *t, const char *name, uint32_t hash)
{
	uint32_t i = hash & t->mask;

	while (t->slots[i].name && (t->slots[i].hash != hash || strcmp(t->slots[i].name, name) != 0))
		i = (i + 1) & t->mask;
	return &t->slots[i];
}

static int grow(struct symtab *t)
{
	struct symtab bigger;
	int r = symtab_init(&bigger, t->mask + 1, t->prefix);

	if (r < 0)
		return r;
	for (uint32_t i = 0; i <= t->mask; i++)
		if (t->slots[i].name)
			*slot_of(&bigger, t->slots[i].name, t->slots[i].hash) = t->slots[i];
	bigger.n = t->n;
	free(t->slots);
	*t = bigger;
	return 0;
}

/* The name as the table stores it. */
static const char *bare_name(const struct symtab *t, const char *name)
{
	if (name[0] == '.')
		name++;
	return t->prefix && name[0] == t->prefix ? name + 1 : name;
}

static int add_bare(struct symtab *t, const char *name, uint64_t crc, uint32_t owner)
{
	uint32_t hash = hash_name(name);
	struct symtab_entry *e;

	if (t->n > t->mask / 2 && grow(t) < 0)
		return -ENOMEM;
	e = slot_of(t, name, hash);
	t->n += !e->name;
	*e = (struct symtab_entry){ .name = name, .crc = crc, .hash = hash, .owner = owner };
	return 0;
}

int symtab_add(struct symtab *t, const char *name, uint64_t crc, uint32_t owner)
{
	return add_bare(t, bare_name(t, name), crc, owner);
}

const struct symtab_entry *symtab_find(const struct symtab *t, const char *name, uint32_t hash)
{
	const char *bare = bare_name(t, name);
	const struct symtab_entry *e = slot_of(t, bare, t->prefix ? hash_name(bare) : hash);

	return e->name ? e : NULL;
}

/* ---- the kernel's lists ---- */

/* A list that is read line by line into the table. */
struct symbol_list {
	struct symtab *table;
	struct arena *arena;
	struct diag *diag;
	const char *path;
	unsigned line;
	size_t n; /* of the kernel's symbols */
};

static int add_kernel(struct symbol_list *l, const char *name, uint64_t crc)
{
	char *copy = arena_str(l->arena, name);

	l->n++;
	return copy ? add_bare(l->table, copy, crc, SYMTAB_KERNEL) : -ENOMEM;
}

/* "address type name": exported ones have a __ksymtab_ entry. */
static int add_map_line(struct symbol_list *l, char *line)
{
	char *name = strchr(line, ' ');

	name = name ? strchr(name + 1, ' ') : NULL;
	if (!name) {
		diag_report(l->diag, LOG_ERR, "depmod.bad-list-line", NULL, l->line, "%s:%u: invalid line: %s", l->path,
			    l->line, line);
		return 0;
	}
	name++;
	if (l->table->prefix && *name == l->table->prefix)
		name++;
	if (strncmp(name, KSYMTAB_MARK, strlen(KSYMTAB_MARK)) != 0)
		return 0;
	return add_kernel(l, name + strlen(KSYMTAB_MARK), 0);
}

/* These are never in a list, and never missing. */
static int add_always_known(struct symbol_list *l)
{
	static const char *const names[] = { "__this_module", "_GLOBAL_OFFSET_TABLE_", "TOC." };
	int r = 0;

	for (size_t i = 0; i < ELEMENTSOF(names) && r == 0; i++)
		r = add_bare(l->table, names[i], 0, SYMTAB_KERNEL);
	return r;
}

static int read_whole(struct symbol_list *l, const struct root *root, struct buf *into)
{
	int r = file_read(root, l->path, SYMVERS_MAX, into);

	if (r == -EISDIR)
		return 0; /* as good as an empty file, as for kmod */
	if (r < 0)
		diag_report(l->diag, LOG_CRIT, "depmod.symbol-list", l->path, 0, "could not load %s: %s", l->path,
			    strerror(-r));
	return r;
}

/* A module, a kernel image, a compressed list. */
static bool is_binary(const struct buf *text)
{
	return text->n == 0 || memchr(text->p, '\0', text->n);
}

int symtab_read_map(struct symtab *t, const struct root *root, const char *path, struct arena *arena, struct diag *diag)
{
	struct symbol_list l = { .table = t, .arena = arena, .diag = diag, .path = path };
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = read_whole(&l, root, &text);
	char *rest = text.p, *line;

	if (r >= 0)
		r = add_always_known(&l);
	if (r < 0 || is_binary(&text) || !strstr(text.p, KSYMTAB_MARK))
		return r;
	while (r >= 0 && (line = strsep(&rest, "\n"))) {
		l.line++;
		if (*line)
			r = add_map_line(&l, line);
	}
	return r < 0 ? r : l.n > 0;
}

/* Of the kernel's own symbols. */
static int add_symvers_entry(struct symbol_list *l, const struct symvers_entry *e)
{
	if (!symvers_is_kernel(e))
		return 0;
	if (e->has_crc)
		return add_kernel(l, bare_name(l->table, e->symbol), e->crc);
	diag_report(l->diag, LOG_ERR, "depmod.bad-list-line", NULL, e->line,
		    "%s:%u Invalid symbol version %s: not a hexadecimal number", l->path, e->line, e->crc_word);
	return 0;
}

int symtab_read_symvers(struct symtab *t, const struct root *root, const char *path, struct arena *arena,
			struct diag *diag)
{
	struct symbol_list l = { .table = t, .arena = arena, .diag = diag, .path = path };
	_cleanup_symvers_ struct symvers list = SYMVERS_INIT;
	struct symvers_entry e;
	int r = read_whole(&l, root, &list.text);

	if (r >= 0)
		r = add_always_known(&l);
	if (r < 0 || is_binary(&list.text))
		return r;
	while (r >= 0 && symvers_next(&list, &e) > 0)
		r = add_symvers_entry(&l, &e);
	return r < 0 ? r : l.n > 0;
}
