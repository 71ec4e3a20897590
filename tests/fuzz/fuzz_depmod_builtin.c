// SPDX-License-Identifier: MIT
/*
 * modules.builtin and modules.builtin.modinfo, in one input: our own reader accepts the indexes that are made of them,
 * which have what the two files say, and nothing else.
 */
#include <stdlib.h>

#include "parts.h"

#include "base/control.h"
#include "base/modname.h"
#include "act/depmod/outputs.h"
#include "read/index/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What an index has no place for is left out, and reported. */
static bool fits_an_index(const char *s)
{
	if (control_in(s, strlen(s)))
		return false;
	for (; *s; s++)
		if (*s & 0x80)
			return false;
	return true;
}

static int count_key(void *data, const char *key, const char *value, uint32_t priority)
{
	size_t *n = data;

	if (!*key || !value || priority != 0)
		abort();
	++*n;
	return 0;
}

/* Every line that names a module is a key. */
static void check_names(const struct index_reader *r, struct span text)
{
	size_t n = 0, named = 0;
	struct span line;

	while (fuzz_line(&text, &line)) {
		_cleanup_free_ char *path = span_dup(line);
		char name[MODNAME_MAX];
		bool letter = (*path >= 'a' && *path <= 'z') || (*path >= 'A' && *path <= 'Z');

		if (!letter || modname_from_path(path, name) < 0 || !fits_an_index(name))
			continue;
		named++;
		if (!index_reader_get(r, name))
			abort();
	}
	if (index_reader_walk(r, count_key, &n) < 0 || n > named)
		abort();
}

static void check_alias(const struct index_reader *r, const char *item, size_t *aliases)
{
	const char *dot = strchr(item, '.');
	char normal[4096];

	if (!dot || strncmp(dot, ".alias=", 7) != 0 || !fits_an_index(item) ||
	    alias_normalize(dot + 7, normal, sizeof(normal)) < 0)
		return;
	++*aliases;
	/* The key without a letter cannot be asked for. */
	if (*normal && !index_reader_get(r, normal))
		abort();
}

static int count_alias(void *data, const char *key _unused_, const char *value, uint32_t priority _unused_)
{
	size_t *n = data;

	if (!value)
		abort();
	++*n;
	return 0;
}

static void check_aliases(const struct index_reader *r, struct span modinfo)
{
	size_t n = 0, aliases = 0;

	while (modinfo.n) {
		size_t len = strnlen((const char *)modinfo.p, modinfo.n);
		_cleanup_free_ char *item = span_dup(span_of(modinfo.p, len));

		check_alias(r, item, &aliases);
		len += len < modinfo.n;
		modinfo = span_of(modinfo.p + len, modinfo.n - len);
	}
	if (index_reader_walk(r, count_alias, &n) < 0 || n > aliases)
		abort();
}

static void open_index(const struct outputs *o, enum output_id id, struct index_reader *ret)
{
	if (index_reader_open_span(buf_span(&o->files[id]), output_name(id), NULL, ret) < 0 ||
	    index_reader_check(ret) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_of(data, size), names = fuzz_part(&rest), infos = rest;
	_cleanup_buf_ struct buf builtin = BUF_INIT, modinfo = BUF_INIT;
	uint32_t first[1] = { 0 };
	struct graph graph = { 0, first, NULL };
	struct graph_order order = { 0 };
	struct outputs o = { .graph = &graph, .order = &order, .builtin = &builtin, .builtin_modinfo = &modinfo };
	struct index_reader reader;
	struct symtab symtab;

	/* The list is text, which ends at a NUL. */
	if (size > 8192 || (names.n && memchr(names.p, '\0', names.n)) || symtab_init(&symtab, 0, 0) < 0)
		return 0;
	if (buf_add(&builtin, names.p, names.n) < 0 || buf_add(&modinfo, infos.p, infos.n) < 0)
		abort();
	o.symtab = &symtab;
	if (outputs_build(&o, 1) < 0)
		abort();
	open_index(&o, OUTPUT_BUILTIN_BIN, &reader);
	check_names(&reader, names);
	open_index(&o, OUTPUT_BUILTIN_ALIAS_BIN, &reader);
	check_aliases(&reader, infos);
	outputs_done(&o);
	symtab_done(&symtab);
	return 0;
}
