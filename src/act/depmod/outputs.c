// SPDX-License-Identifier: MIT
#include "act/depmod/outputs.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/collect.h"
#include "base/control.h"
#include "base/modname.h"
#include "base/map.h"
#include "base/pool.h"
#include "act/depmod/devnode.h"
#include "read/index/format.h"
#include "read/index/reader.h"
#include "read/index/writer.h"

/* One file being made. */
struct making {
	const struct outputs *o;
	struct buf *into;
	struct index_writer *writer; /* NULL: a text file */
	struct arena arena;          /* keys and values of the index */
	struct buf values;           /* and more of them */
	struct collect messages;
	bool incomplete;
};

/* ---- entries of an index ---- */

static void leave_out(struct making *m, const char *code, const char *where, const char *whose, const char *key,
		      const char *value)
{
	char shown_key[PATH_MAX], shown_value[PATH_MAX];

	diag_err(&m->messages.diag, code, "%s: left out of the %s: %s %s", whose, where,
		 control_masked(key, shown_key, sizeof(shown_key)),
		 control_masked(value, shown_value, sizeof(shown_value)));
	m->incomplete = true;
}

/* -EINVAL of the writer concerns only the entry: it is left out, and the rest of the index is made. */
static int add_entry(struct making *m, const char *key, const char *value, uint32_t priority, const char *whose)
{
	int r = index_writer_add(m->writer, key, value, priority);

	if (r != -EINVAL)
		return r;
	leave_out(m, "depmod.not-ascii", "index, which takes printable 7-bit ASCII only", whose, key, value);
	return 0;
}

/* An alias pattern as the indexes spell it. 1: in *ret; 0: it cannot be spelled, which was reported. */
static int normal_alias(struct making *m, const char *alias, const char *whose, const char **ret)
{
	char normal[PATH_MAX];
	int r;

	if (control_in(alias, strlen(alias))) {
		leave_out(m, "depmod.control", "index: control characters", whose, "alias", alias);
		return 0;
	}
	r = alias_normalize(alias, normal, sizeof(normal));
	if (r == -EINVAL) {
		diag_warn(&m->messages.diag, "depmod.bracket", "Unmatched bracket in %s", alias);
		return 0;
	}
	if (r < 0) {
		diag_err(&m->messages.diag, "depmod.alias-long", "%s: alias of %zu bytes left out of the index", whose,
			 strlen(alias));
		m->incomplete = true;
		return 0;
	}
	*ret = arena_str(&m->arena, normal);
	return *ret ? 1 : -ENOMEM;
}

/* ---- modules.dep ---- */

static int add_dep_line(const struct outputs *o, struct graph_closure *c, uint32_t i, struct buf *into)
{
	uint32_t n = graph_closure(o->graph, o->order, c, i);

	buf_adds(into, o->modules[i].path);
	buf_addc(into, ':');
	for (uint32_t k = 0; k < n; k++) {
		buf_addc(into, ' ');
		buf_adds(into, o->modules[c->list[k]].path);
	}
	buf_addc(into, '\n');
	return into->n > INDEX_NODE_OFFSET ? -EFBIG : buf_error(into);
}

static int make_dep(struct making *m)
{
	struct graph_closure c;
	int r = graph_closure_init(m->o->graph, &m->arena, &c);

	for (uint32_t i = 0; i < m->o->n && r == 0; i++) {
		r = add_dep_line(m->o, &c, i, m->into);
		m->o->dep_ends[i] = m->into->n;
	}
	return r;
}

/* The lines of modules.dep, which was made before. */
static int make_dep_bin(struct making *m)
{
	const struct outputs *o = m->o;
	int r = buf_add(&m->values, o->files[OUTPUT_DEP].p, o->files[OUTPUT_DEP].n);

	for (uint32_t i = 0; i < o->n && r == 0; i++) {
		m->values.p[o->dep_ends[i] - 1] = '\0';
		r = add_entry(m, o->modules[i].name, m->values.p + (i ? o->dep_ends[i - 1] : 0), i, o->modules[i].path);
	}
	return r;
}

/* ---- what modules say about themselves ---- */

#define LINE_WORDS 3

/* Words with blanks between them. (There are a hundred thousand lines: no printf, and one reservation for each.) */
static void add_line(struct buf *into, const char *const words[static LINE_WORDS])
{
	size_t len[LINE_WORDS], whole = LINE_WORDS;
	char *at;

	for (size_t i = 0; i < LINE_WORDS; i++)
		whole += len[i] = strlen(words[i]);
	if (buf_reserve(into, whole) < 0)
		return;
	at = into->p + into->n;
	for (size_t i = 0; i < LINE_WORDS; i++) {
		memcpy(at, words[i], len[i]);
		at += len[i];
		*at++ = i + 1 < LINE_WORDS ? ' ' : '\n';
	}
	*at = '\0';
	into->n += whole;
}

static int make_alias(struct making *m)
{
	buf_adds(m->into, "# Aliases extracted from modules themselves.\n");
	for (uint32_t i = 0; i < m->o->n; i++) {
		struct record_list l = m->o->modules[i].facts.lists[RECORD_ALIASES];
		const char *words[LINE_WORDS] = { "alias", NULL, m->o->modules[i].name };

		/* What modules.alias.bin cannot take either is reported with that. */
		while ((words[1] = record_next(&l)))
			if (!control_in(words[1], strlen(words[1])))
				add_line(m->into, words);
			else if (m->o->only_texts)
				leave_out(m, "depmod.control", "index: control characters", m->o->modules[i].path,
					  words[0], words[1]);
	}
	return buf_error(m->into);
}

/*
 * Would the line stay one line of one module? A backslash at its end joins it with the next one, and a blank in the
 * name (no module that the kernel loads has one) makes it a line about another module.
 */
static bool is_one_line(const char *name, const char *value)
{
	size_t n = strlen(value);

	return !control_in(value, n) && (n == 0 || value[n - 1] != '\\') && !strchr(name, ' ');
}

/* `WORD MODULE VALUE`, which modprobe reads back */
static int make_policy(struct making *m, enum record_list_id list, const char *header, const char *word)
{
	buf_adds(m->into, header);
	for (uint32_t i = 0; i < m->o->n; i++) {
		struct record_list l = m->o->modules[i].facts.lists[list];
		const char *words[LINE_WORDS] = { word, m->o->modules[i].name, NULL };

		while ((words[2] = record_next(&l)))
			if (is_one_line(words[1], words[2]))
				add_line(m->into, words);
			else
				leave_out(m, "depmod.control", "index, where it would not be one line",
					  m->o->modules[i].path, word, words[2]);
	}
	return buf_error(m->into);
}

static int make_softdep(struct making *m)
{
	return make_policy(m, RECORD_SOFTDEPS, "# Soft dependencies extracted from modules themselves.\n", "softdep");
}

static int make_weakdep(struct making *m)
{
	return make_policy(m, RECORD_WEAKDEPS, "# Weak dependencies extracted from modules themselves.\n", "weakdep");
}

/* -w: a module that says the same twice. Entries of different modules always differ in their value. */
static int note_repetition(struct making *m, struct map *seen, const char *alias, const char *name)
{
	int r;

	if (!m->o->warn_duplicates)
		return 0;
	r = map_put(seen, alias, m);
	if (r == 0)
		diag_warn(&m->messages.diag, "depmod.repeated", "duplicate module alias:\n%s %s", alias, name);
	return r < 0 ? r : 0;
}

static int add_aliases(struct making *m, uint32_t i)
{
	_cleanup_map_ struct map seen = { 0 };
	const struct module *module = &m->o->modules[i];
	struct record_list aliases = module->facts.lists[RECORD_ALIASES];
	const char *alias, *normal;
	int r = 0;

	while (r >= 0 && (alias = record_next(&aliases))) {
		r = normal_alias(m, alias, module->path, &normal);
		if (r <= 0)
			continue;
		r = add_entry(m, normal, module->name, i, module->path);
		if (r == 0)
			r = note_repetition(m, &seen, normal, module->name);
	}
	return r;
}

static int make_alias_bin(struct making *m)
{
	int r = 0;

	for (uint32_t i = 0; i < m->o->n && r == 0; i++)
		r = add_aliases(m, i);
	return r;
}

/* ---- modules.symbols ---- */

static int make_symbols(struct making *m)
{
	const struct outputs *o = m->o;

	buf_adds(m->into, "# Aliases for symbols, used by symbol_request().\n");
	for (uint32_t i = 0; i < o->n_symbols; i++) {
		const struct module *owner = &o->modules[o->symbols[i].owner];
		const char *words[LINE_WORDS] = { "alias", o->symbols[i].key, owner->name };

		/* As for aliases: modules.symbols.bin reports it. */
		if (!control_in(words[1], strlen(words[1])))
			add_line(m->into, words);
		else if (o->only_texts)
			leave_out(m, "depmod.control", "index: control characters", owner->path, words[1], words[2]);
	}
	return buf_error(m->into);
}

static int make_symbols_bin(struct making *m)
{
	const struct outputs *o = m->o;
	int r = 0;

	for (uint32_t i = 0; i < o->n_symbols && r == 0; i++) {
		const struct symbol_line *l = &o->symbols[i];
		const struct module *owner = &o->modules[l->owner];

		r = add_entry(m, l->key, owner->name, l->owner, owner->path);
	}
	return r;
}

/* ---- built-in modules ---- */

static int add_builtin_line(struct making *m, const char *line)
{
	char name[MODNAME_MAX];
	const char *key;

	if (!((*line >= 'a' && *line <= 'z') || (*line >= 'A' && *line <= 'Z')) || modname_from_path(line, name) < 0) {
		diag_err(&m->messages.diag, "depmod.builtin-line", "Invalid modules.builtin line: %s", line);
		m->incomplete = true;
		return 0;
	}
	key = arena_str(&m->arena, name);
	return key ? add_entry(m, key, "", 0, "modules.builtin") : -ENOMEM;
}

static int make_builtin_bin(struct making *m)
{
	const struct buf *b = m->o->builtin;
	int r = 0;

	for (size_t at = 0; at < b->n && r == 0;) {
		size_t n = strcspn(b->p + at, "\n");
		const char *line = arena_strn(&m->arena, b->p + at, n);

		r = line ? add_builtin_line(m, line) : -ENOMEM;
		at += n + 1;
	}
	return r;
}

/* `module.alias=pattern` */
static int add_builtin_alias(struct making *m, const char *item)
{
	const char *dot = strchr(item, '.'), *word = ".alias=", *name, *normal;
	int r;

	if (!dot || strncmp(dot, word, strlen(word)) != 0)
		return 0;
	name = arena_strn(&m->arena, item, (size_t)(dot - item));
	if (!name)
		return -ENOMEM;
	r = normal_alias(m, dot + strlen(word), "modules.builtin.modinfo", &normal);
	return r > 0 ? add_entry(m, normal, name, 0, "modules.builtin.modinfo") : r;
}

static int make_builtin_alias_bin(struct making *m)
{
	const struct buf *b = m->o->builtin_modinfo;
	int r = 0;

	/* A buffer ends in NUL, whether the file did or not. */
	for (size_t at = 0; at < b->n && r == 0; at += strlen(b->p + at) + 1)
		r = add_builtin_alias(m, b->p + at);
	return r;
}

/* ---- modules.devname ---- */

static int make_devname(struct making *m)
{
	for (uint32_t i = 0; i < m->o->n; i++) {
		const struct module *module = &m->o->modules[i];
		struct devnode d;

		devnode_find(module, &d);
		if (!d.name)
			continue;
		if (control_in(d.name, strlen(d.name))) {
			leave_out(m, "depmod.control", "index, where it would not be one line", module->path, "devname",
				  d.name);
			continue;
		}
		if (!d.type) {
			diag_err(&m->messages.diag, "depmod.devname",
				 "Module '%s' has devname (%s) but lacks major and minor information. Ignoring.",
				 module->name, d.name);
			continue;
		}
		if (!m->into->n)
			buf_adds(m->into, "# Device nodes to trigger on-demand module loading.\n");
		buf_addf(m->into, "%s %s %c%u:%u\n", module->name, d.name, d.type, d.major, d.minor);
	}
	return buf_error(m->into);
}

/* ---- all of them ---- */

static const struct output_kind {
	const char *name;
	int (*make)(struct making *m);
	bool is_index;
} kinds[OUTPUTS] = {
	[OUTPUT_DEP] = { "modules.dep", make_dep, false },
	[OUTPUT_DEP_BIN] = { "modules.dep.bin", make_dep_bin, true },
	[OUTPUT_ALIAS] = { "modules.alias", make_alias, false },
	[OUTPUT_ALIAS_BIN] = { "modules.alias.bin", make_alias_bin, true },
	[OUTPUT_SOFTDEP] = { "modules.softdep", make_softdep, false },
	[OUTPUT_WEAKDEP] = { "modules.weakdep", make_weakdep, false },
	[OUTPUT_SYMBOLS] = { "modules.symbols", make_symbols, false },
	[OUTPUT_SYMBOLS_BIN] = { "modules.symbols.bin", make_symbols_bin, true },
	[OUTPUT_BUILTIN_BIN] = { "modules.builtin.bin", make_builtin_bin, true },
	[OUTPUT_BUILTIN_ALIAS_BIN] = { "modules.builtin.alias.bin", make_builtin_alias_bin, true },
	[OUTPUT_DEVNAME] = { "modules.devname", make_devname, false },
};

const char *output_name(enum output_id id)
{
	return kinds[id].name;
}

bool output_is_index(enum output_id id)
{
	return kinds[id].is_index;
}

/* Without its input a built-in index is an empty file, which readers accept. */
static bool is_left_empty(const struct outputs *o, enum output_id id)
{
	return (o->only_texts && kinds[id].is_index) || (id == OUTPUT_BUILTIN_BIN && !o->builtin) ||
	       (id == OUTPUT_BUILTIN_ALIAS_BIN && !o->builtin_modinfo);
}

/* No index is returned that our own reader would not accept. */
static int check_index(struct making *m, const char *name)
{
	struct index_reader reader;
	int r = index_reader_open_span(buf_span(m->into), name, &m->messages.diag, &reader);

	if (r == 0) {
		r = index_reader_check(&reader);
		index_reader_close(&reader);
	}
	if (r < 0)
		diag_err(&m->messages.diag, "depmod.self-check", "%s is not sound: %s", name, strerror(-r));
	return r;
}

static int make_index(struct making *m, const struct output_kind *kind)
{
	_cleanup_(index_writer_free_p) struct index_writer *w = index_writer_new();
	int r;

	if (!w)
		return -ENOMEM;
	m->writer = w;
	r = kind->make(m);
	if (r == 0)
		r = index_writer_finish(w, m->into);
	m->writer = NULL;
	return r < 0 ? r : check_index(m, kind->name);
}

static int make_one(struct making *all, enum output_id id)
{
	struct making *m = &all[id];
	int r;

	if (is_left_empty(m->o, id))
		return 0;
	r = kinds[id].is_index ? make_index(m, &kinds[id]) : kinds[id].make(m);
	if (r == -EFBIG)
		diag_err(&m->messages.diag, "depmod.too-big", "%s would be larger than the index format can address",
			 kinds[id].name);
	arena_done(&m->arena);
	buf_done(&m->values);
	return r;
}

/* The slowest first, so that no thread waits long at the end. OUTPUT_DEP also makes modules.dep.bin. */
static const enum output_id job_order[] = {
	OUTPUT_ALIAS_BIN, OUTPUT_SYMBOLS_BIN, OUTPUT_DEP,     OUTPUT_ALIAS,       OUTPUT_SYMBOLS,
	OUTPUT_DEVNAME,   OUTPUT_SOFTDEP,     OUTPUT_WEAKDEP, OUTPUT_BUILTIN_BIN, OUTPUT_BUILTIN_ALIAS_BIN,
};

static int run_job(void *data, unsigned worker _unused_, size_t i)
{
	int r = make_one(data, job_order[i]);

	return r == 0 && job_order[i] == OUTPUT_DEP ? make_one(data, OUTPUT_DEP_BIN) : r;
}

int outputs_build(struct outputs *o, unsigned workers)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct making making[OUTPUTS];
	int r = symlist_make(o->symtab, &arena, &o->symbols, &o->n_symbols);

	o->dep_ends = arena_array(&arena, o->n, sizeof(*o->dep_ends));
	if (r < 0 || !o->dep_ends)
		return -ENOMEM;
	for (size_t i = 0; i < OUTPUTS; i++) {
		making[i] = (struct making){ .o = o, .into = &o->files[i] };
		collect_init(&making[i].messages, o->diag);
	}
	r = pool_run(workers, ELEMENTSOF(job_order), run_job, making);
	for (size_t i = 0; i < OUTPUTS; i++) {
		collect_flush(&making[i].messages, o->diag);
		o->incomplete |= making[i].incomplete;
	}
	o->symbols = NULL;
	o->n_symbols = 0;
	o->dep_ends = NULL;
	return r;
}

void outputs_done(struct outputs *o)
{
	for (size_t i = 0; i < OUTPUTS; i++)
		buf_done(&o->files[i]);
}
