// SPDX-License-Identifier: MIT
#include "verb/why/cause_symbols.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/fileio.h"
#include "base/map.h"
#include "read/image/facts.h"
#include "read/kernel/live.h"

/* A list of symbols in a message ends after so many names. */
#define NAMES_SHOWN 6
#define KALLSYMS_MAX (64U << 20)

struct needed {
	const char *name;
	bool resolved;
};

struct unresolved {
	const struct cause_query *q;
	struct symbols imports;
	struct needed *needed;
	size_t n;
	struct map by_name;
};

static int collect(struct unresolved *u, const struct elf *e)
{
	int r = facts_imports(e, &u->imports);

	if (r < 0)
		return r;
	u->needed = calloc(u->imports.n + 1, sizeof(*u->needed));
	if (!u->needed)
		return -ENOMEM;
	for (size_t i = 0; i < u->imports.n; i++) {
		if (u->imports.items[i].bind != 'U')
			continue;
		u->needed[u->n].name = u->imports.items[i].name;
		if (map_put(&u->by_name, u->needed[u->n].name, &u->needed[u->n]) < 0)
			return -ENOMEM;
		u->n++;
	}
	return 0;
}

/* Lines are `ADDRESS TYPE NAME[\t[MODULE]]`. */
static void mark_line(struct unresolved *u, char *line)
{
	char *type = strchr(line, ' '), *name = type ? strchr(type + 1, ' ') : NULL;
	struct needed *needed;

	if (!name)
		return;
	name++;
	name[strcspn(name, "\t")] = '\0';
	needed = map_get(&u->by_name, name);
	if (needed)
		needed->resolved = true;
}

static int mark_present(struct unresolved *u)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	char *line, *next;
	int r = file_read(u->q->root, "/proc/kallsyms", KALLSYMS_MAX, &text);

	if (r < 0)
		return r;
	for (line = text.p; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		mark_line(u, line);
	}
	return text.n ? 0 : -ENODATA;
}

const char *cause_provider(const struct cause_query *q, const char *symbol)
{
	const struct index_reader *reader = q->catalog ? catalog_reader(q->catalog, CATALOG_SYMBOL) : NULL;
	char key[512];

	if (!reader || snprintf(key, sizeof(key), "symbol:%s", symbol) >= (int)sizeof(key))
		return NULL;
	return index_reader_get(reader, key);
}

/* Without a readable symbol table of the kernel, only what a module on disk exports can be judged. */
static bool is_missing(const struct unresolved *u, const struct needed *s, bool table)
{
	const char *module = cause_provider(u->q, s->name);

	if (module && !live_is_live(u->q->root, module))
		return true;
	return table && !module && !s->resolved;
}

static void describe(const struct unresolved *u, const struct needed *s, struct buf *text)
{
	const char *module = cause_provider(u->q, s->name);

	buf_addf(text, "%s", s->name);
	if (module)
		buf_addf(text, " (of module %s, not loaded)", module);
}

static int list_missing(struct unresolved *u, bool table, struct strv *lines)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	size_t missing = 0;

	buf_addf(&text, "%s: unresolved symbols: ", u->q->name);
	for (size_t i = 0; i < u->n; i++) {
		if (!is_missing(u, &u->needed[i], table))
			continue;
		if (missing++ >= NAMES_SHOWN)
			continue;
		buf_adds(&text, missing > 1 ? ", " : "");
		describe(u, &u->needed[i], &text);
	}
	if (!missing)
		return 0;
	if (missing > NAMES_SHOWN)
		buf_addf(&text, " and %zu more", missing - NAMES_SHOWN);
	return strv_take(lines, buf_steal(&text));
}

int cause_unresolved(const struct cause_query *q, const struct elf *e, struct strv *lines)
{
	struct unresolved u = { .q = q };
	int r = collect(&u, e);

	if (r >= 0) {
		bool table = mark_present(&u) >= 0;

		r = list_missing(&u, table, lines);
	}
	map_done(&u.by_name);
	symbols_done(&u.imports);
	free(u.needed);
	return r == -ENOMEM ? r : 0;
}
