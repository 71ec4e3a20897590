// SPDX-License-Identifier: MIT
/*
 * mkindex DIR: makes the modules.*.bin files of a module directory from the text files that are there (modules.dep,
 * modules.alias, modules.symbols, modules.builtin, modules.builtin.alias: `alias PATTERN MODULE` lines). For tests that
 * want an index which no depmod would write, or do not want to depend on it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/replace.h"
#include "base/modname.h"
#include "base/vec.h"
#include "read/index/writer.h"

enum kind { DEP, ALIAS, BUILTIN };

static void die(const char *what)
{
	fprintf(stderr, "mkindex: %s\n", what);
	exit(1);
}

static const char *keep(struct strv *strings, const char *s)
{
	if (strv_add(strings, s) < 0)
		die("out of memory");
	return strings->items[strings->n - 1];
}

static void add_line(struct index_writer *w, enum kind kind, char *line, uint32_t priority, struct strv *strings)
{
	char name[MODNAME_MAX], path[4096], pattern[4096], module[256];
	const char *key, *value = "";

	switch (kind) {
	case DEP:
		value = keep(strings, line);
		line[strcspn(line, ":")] = '\0';
		/* fallthrough */
	case BUILTIN:
		snprintf(path, sizeof(path), "%s", line);
		if (modname_from_path(path, name) < 0)
			die(line);
		key = name;
		break;
	case ALIAS:
		if (sscanf(line, "alias %4095s %255s", pattern, module) != 2 ||
		    alias_normalize(pattern, pattern, sizeof(pattern)) < 0)
			die(line);
		key = pattern;
		value = keep(strings, module);
		break;
	}
	if (index_writer_add(w, keep(strings, key), value, priority) < 0)
		die(line);
}

/* A missing text file gives an index without entries. */
static void convert(const struct root *dir, const char *text_name, const char *index_name, enum kind kind)
{
	_cleanup_(index_writer_free_p) struct index_writer *w = index_writer_new();
	_cleanup_strv_ struct strv strings = { 0 };
	_cleanup_buf_ struct buf text = BUF_INIT, bytes = BUF_INIT;
	uint32_t priority = 0;
	char *line, *next;

	file_read(dir, text_name, 1 << 20, &text);
	for (line = text.p; line && *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		if (*line && *line != '#')
			add_line(w, kind, line, priority++, &strings);
	}
	if (index_writer_finish(w, &bytes) < 0 || file_replace(dir, index_name, buf_span(&bytes), 0644) < 0)
		die(index_name);
}

int main(int argc, char **argv)
{
	const struct root dir = { .prefix = argc == 2 ? argv[1] : "" };

	if (argc != 2)
		die("usage: mkindex DIR");
	convert(&dir, "/modules.dep", "/modules.dep.bin", DEP);
	convert(&dir, "/modules.alias", "/modules.alias.bin", ALIAS);
	convert(&dir, "/modules.symbols", "/modules.symbols.bin", ALIAS);
	convert(&dir, "/modules.builtin", "/modules.builtin.bin", BUILTIN);
	convert(&dir, "/modules.builtin.alias", "/modules.builtin.alias.bin", ALIAS);
	return 0;
}
