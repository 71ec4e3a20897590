// SPDX-License-Identifier: MIT
#include "read/conf/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/fileio.h"
#include "base/modname.h"
#include "base/oom.h"
#include "base/paths.h"
#include "base/vec.h"
#include "read/conf/cmdline.h"
#include "read/conf/lexer.h"

#define CMDLINE_PATH "/proc/cmdline"

struct policy {
	struct policy_entries kinds[POLICY_N];
	bool is_whole;      /* everything that is configured was read */
	struct arena arena; /* everything that the entries point to */
};

/* A line being read. */
struct reading {
	struct policy *policy;
	struct diag *diag;
	const char *file; /* owned by the policy */
	const char *path; /* the dropin's name of the same file */
	unsigned line;
	const char *moduledir; /* whose indexes are made of strings in module files; may be NULL */
	enum policy_kind only; /* the one directive that counts in this file; POLICY_N: all do */
};

const char *const policy_default_paths[] = {
	DROPIN_PATHS("modprobe.d"),
};

static const char *const kind_names[POLICY_N] = {
	[POLICY_BLACKLIST] = "blacklist", [POLICY_INSTALL] = "install", [POLICY_REMOVE] = "remove",
	[POLICY_ALIAS] = "alias",         [POLICY_OPTIONS] = "options", [POLICY_SOFTDEP] = "softdep",
	[POLICY_WEAKDEP] = "weakdep",
};

static const struct {
	const char *name;
	enum policy_kind kind;
} indexes[] = {
	{ "modules.softdep", POLICY_SOFTDEP },
	{ "modules.weakdep", POLICY_WEAKDEP },
};

const char *policy_kind_name(enum policy_kind kind)
{
	return kind_names[kind];
}

void policy_free(struct policy *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < POLICY_N; i++)
		policy_entries_done(&p->kinds[i]);
	arena_done(&p->arena);
	free(p);
}

/* A copy that lives as long as the policy, or NULL. */
static char *keep(struct policy *p, const char *s)
{
	return arena_str(&p->arena, s);
}

/* The same, normalized by the alias rule. 1, 0: unmatched brackets, -ENOMEM. */
static int keep_normalized(struct policy *p, const char *s, const char **ret)
{
	char *copy = keep(p, s);

	if (!copy)
		return -ENOMEM;
	if (alias_normalize(copy, copy, strlen(copy) + 1) < 0)
		return 0;
	*ret = copy;
	return 1;
}

/* Option strings have no tabs: they become blanks. */
static const char *keep_text(struct policy *p, enum policy_kind kind, const char *text)
{
	char *copy = keep(p, text);

	for (char *c = copy; kind == POLICY_OPTIONS && c && *c; c++)
		*c = *c == '\t' ? ' ' : *c;
	return copy;
}

static int add_entry(const struct reading *at, struct policy_entry e)
{
	struct policy_entries *to = &at->policy->kinds[e.kind];

	if (vec_room(&to->items, to->n, &to->cap) < 0)
		return -ENOMEM;
	e.file = at->file;
	e.line = at->line;
	to->items[to->n++] = e;
	return 1;
}

/* The parsers of the directives return 1, 0 for a bad line, or -ENOMEM. */

static int parse_alias(const struct reading *at, enum policy_kind kind, char *rest)
{
	struct policy_entry e = { .kind = kind };
	const char *pattern = lexer_word(&rest), *module = lexer_word(&rest);
	int r;

	if (!pattern || !module)
		return 0;
	r = keep_normalized(at->policy, pattern, &e.name);
	if (r > 0)
		r = keep_normalized(at->policy, module, &e.value);
	return r > 0 ? add_entry(at, e) : r;
}

static int parse_blacklist(const struct reading *at, enum policy_kind kind, char *rest)
{
	struct policy_entry e = { .kind = kind };
	const char *module = lexer_word(&rest);
	int r = module ? keep_normalized(at->policy, module, &e.name) : 0;

	return r > 0 ? add_entry(at, e) : r;
}

static int parse_text(const struct reading *at, enum policy_kind kind, char *rest)
{
	struct policy_entry e = { .kind = kind };
	const char *module = lexer_word(&rest);
	char *text = module ? lexer_rest(&rest) : NULL;
	int r = text ? keep_normalized(at->policy, module, &e.name) : 0;

	if (r <= 0)
		return r;
	e.value = keep_text(at->policy, kind, text);
	return e.value ? add_entry(at, e) : -ENOMEM;
}

static size_t count_words(const char *s)
{
	size_t n = 0;

	while (*(s += strspn(s, LEXER_SPACE))) {
		s += strcspn(s, LEXER_SPACE);
		n++;
	}
	return n;
}

/* Sorts the words into pre and post; a weakdep has no keywords, all its words are pre. */
static int split_names(struct policy *p, struct policy_entry *e, char *rest)
{
	size_t most = count_words(rest) + 1;
	const char **pre = arena_array(&p->arena, 3 * most, sizeof(*pre)), **post = pre + most, **names = post + most;
	enum { NOWHERE, PRE, POST } to = e->kind == POLICY_WEAKDEP ? PRE : NOWHERE;
	const char *word;

	if (!pre)
		return -ENOMEM;
	while ((word = lexer_name(&rest))) {
		if (e->kind == POLICY_SOFTDEP && strcmp(word, "pre:") == 0)
			to = PRE;
		else if (e->kind == POLICY_SOFTDEP && strcmp(word, "post:") == 0)
			to = POST;
		else if (to != NOWHERE && !(word = keep(p, word)))
			return -ENOMEM;
		else if (to != NOWHERE)
			*names++ = *(to == PRE ? &pre[e->n_pre++] : &post[e->n_post++]) = word;
	}
	e->pre = pre;
	e->post = post;
	e->names = post + most;
	return 0;
}

static int parse_deps(const struct reading *at, enum policy_kind kind, char *rest)
{
	struct policy_entry e = { .kind = kind };
	const char *module = lexer_word(&rest);
	int r = module && *rest ? keep_normalized(at->policy, module, &e.name) : 0;

	if (r <= 0)
		return r;
	return split_names(at->policy, &e, rest) < 0 ? -ENOMEM : add_entry(at, e);
}

static int parse_gone(const struct reading *at, const char *word)
{
	diag_report(at->diag, LOG_ERR, "conf.deprecated", at->file, at->line,
		    "%s: command %s is deprecated and not parsed anymore", at->file, word);
	return 1;
}

static int parse_directive(const struct reading *at, const char *word, char *rest)
{
	static const struct {
		enum policy_kind kind;
		int (*parse)(const struct reading *at, enum policy_kind kind, char *rest);
	} directives[] = {
		{ POLICY_ALIAS, parse_alias },  { POLICY_BLACKLIST, parse_blacklist }, { POLICY_OPTIONS, parse_text },
		{ POLICY_INSTALL, parse_text }, { POLICY_REMOVE, parse_text },         { POLICY_SOFTDEP, parse_deps },
		{ POLICY_WEAKDEP, parse_deps },
	};

	for (size_t i = 0; i < ELEMENTSOF(directives); i++)
		if (strcmp(word, kind_names[directives[i].kind]) == 0)
			return directives[i].parse(at, directives[i].kind, rest);
	if (strcmp(word, "include") == 0 || strcmp(word, "config") == 0)
		return parse_gone(at, word);
	return 0;
}

/*
 * depmod copies modules.softdep and modules.weakdep from strings in module files. Whoever may add a module must not
 * configure by them what root runs.
 */
static enum policy_kind only_kind(const struct reading *at, const char *path)
{
	size_t n = at->moduledir ? strlen(at->moduledir) : 0;

	if (!at->moduledir || strncmp(path, at->moduledir, n) != 0 || path[n] != '/')
		return POLICY_N;
	for (size_t i = 0; i < ELEMENTSOF(indexes); i++)
		if (strcmp(path + n + 1, indexes[i].name) == 0)
			return indexes[i].kind;
	return POLICY_N;
}

static int start_file(struct reading *at, const char *path)
{
	at->path = path;
	at->only = only_kind(at, path);
	at->file = keep(at->policy, path);
	return at->file ? 0 : -ENOMEM;
}

static bool is_out_of_place(const struct reading *at, const char *word)
{
	if (at->only == POLICY_N || strcmp(word, kind_names[at->only]) == 0)
		return false;
	diag_report(at->diag, LOG_WARNING, "conf.index-line", at->file, at->line,
		    "%s line %u: ignoring line starting with '%s': only %s lines count in this file", at->file,
		    at->line, word, kind_names[at->only]);
	return true;
}

static int read_line(void *data, const struct lexer_place *place, char *line)
{
	struct reading *at = data;
	const char *word;
	int r = at->path == place->file ? 0 : start_file(at, place->file);

	if (r < 0)
		return r;
	at->line = place->line;
	word = lexer_word(&line);
	if (!word || is_out_of_place(at, word))
		return 0;
	r = parse_directive(at, word, line);
	if (r == 0)
		diag_report(at->diag, LOG_ERR, "conf.bad-line", at->file, at->line,
			    "%s line %u: ignoring bad line starting with '%.*s%s'", at->file, at->line,
			    LEXER_SHOWN(word));
	return r < 0 ? r : 0;
}

/* Each piece between commas, even an empty one, unchanged. */
static int add_cmdline_blacklist(const struct reading *at, const char *list)
{
	for (;;) {
		size_t n = strcspn(list, ",");
		const char *name = arena_strn(&at->policy->arena, list, n);
		int r;

		if (!name)
			return -ENOMEM;
		r = add_entry(at, (struct policy_entry){ .kind = POLICY_BLACKLIST, .name = name });
		if (r < 0 || !list[n])
			return r;
		list += n + 1;
	}
}

static int add_cmdline_options(const struct reading *at, const struct cmdline_item *item)
{
	struct policy_entry e = { .kind = POLICY_OPTIONS };
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = keep_normalized(at->policy, item->module, &e.name);

	if (r == 0)
		diag_report(at->diag, LOG_ERR, "conf.cmdline", at->file, 0,
			    "Ignoring bad option on kernel command line while parsing module name: '%s'", item->module);
	if (r <= 0)
		return r;
	buf_adds(&text, item->param);
	if (item->value) {
		buf_addc(&text, '=');
		buf_adds(&text, item->value);
	}
	e.value = buf_error(&text) ? NULL : keep_text(at->policy, POLICY_OPTIONS, buf_str(&text));
	return e.value ? add_entry(at, e) : -ENOMEM;
}

static int read_cmdline(struct policy *p, const struct root *root, struct diag *diag)
{
	const struct reading at = { .policy = p, .diag = diag, .file = CMDLINE_PATH, .path = CMDLINE_PATH };
	_cleanup_buf_ struct buf content = BUF_INIT;
	_cleanup_cmdline_ struct cmdline scanner = { 0 };
	struct cmdline_item item;
	int r = file_read(root, CMDLINE_PATH, 1U << 20, &content);

	/* Without /proc there is none; an error may hide a blacklist. */
	if (r < 0) {
		p->is_whole &= r == -ENOENT;
		return only_oom(r);
	}
	cmdline_init(&scanner, span_of(content.p, content.n < CMDLINE_CAP ? content.n : CMDLINE_CAP));
	while ((r = cmdline_next(&scanner, &item)) > 0) {
		if (item.value && strcmp(item.module, "modprobe") == 0 && strcmp(item.param, "blacklist") == 0)
			r = add_cmdline_blacklist(&at, item.value);
		else
			r = add_cmdline_options(&at, &item);
		if (r < 0)
			break;
	}
	return r;
}

int policy_files(const struct policy_request *req, struct diag *diag, struct dropin *ret)
{
	const char *const *paths = req->paths ? req->paths : policy_default_paths;
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	const char **all;
	size_t n = 0, count = 0;

	while (paths[count])
		count++;
	all = arena_array(&arena, count + ELEMENTSOF(indexes) + 1, sizeof(*all));
	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < ELEMENTSOF(indexes) && req->moduledir; i++) {
		all[n] = arena_strf(&arena, "%s/%s", req->moduledir, indexes[i].name);
		if (!all[n])
			return -ENOMEM;
		n += root_is_regular(&req->root, all[n]);
	}
	memcpy(all + n, paths, (count + 1) * sizeof(*all));
	return dropin_collect(&req->root, all, diag, ret);
}

int policy_load(const struct policy_request *req, struct diag *diag, struct policy **ret)
{
	_cleanup_(policy_free_p) struct policy *p = calloc(1, sizeof(*p));
	_cleanup_dropin_ struct dropin files = { 0 };
	struct reading at = { .policy = p, .diag = diag, .moduledir = req->moduledir };
	int r;

	if (!p)
		return -ENOMEM;
	r = policy_files(req, diag, &files);
	if (r == 0)
		r = lexer_read_files(&req->root, &files, diag, read_line, &at);
	p->is_whole = r > 0;
	if (r >= 0 && !req->no_cmdline)
		r = read_cmdline(p, &req->root, diag);
	for (size_t i = 0; i < POLICY_N && r >= 0; i++)
		r = policy_entries_index(&p->kinds[i]);
	if (r < 0)
		return r;
	*ret = take_ptr(p);
	return 0;
}

int policy_check(const struct policy *p, struct diag *diag)
{
	if (!p || p->is_whole)
		return 0;
	diag_err(diag, "conf.incomplete",
		 "nothing is loaded: a file or directory of the configuration cannot be read, and may forbid it");
	return -EPERM;
}

size_t policy_count(const struct policy *p, enum policy_kind kind)
{
	return p->kinds[kind].n;
}

const struct policy_entry *policy_get(const struct policy *p, enum policy_kind kind, size_t i)
{
	return i < p->kinds[kind].n ? &p->kinds[kind].items[i] : NULL;
}

const struct policy_entry *policy_literal(const struct policy *p, enum policy_kind kind, const char *name)
{
	return policy_entries_literal(&p->kinds[kind], name);
}

const struct policy_entry *policy_blacklist(const struct policy *p, const char *name)
{
	return policy_literal(p, POLICY_BLACKLIST, name);
}

const struct policy_entry *policy_match(const struct policy *p, enum policy_kind kind, const char *name)
{
	return policy_entries_match(&p->kinds[kind], name);
}

int policy_find(const struct policy *p, enum policy_kind kind, const char *name, struct policy_found *into)
{
	return policy_entries_find(&p->kinds[kind], name, into);
}

/* The options of a module and of the alias that was requested, in the order of their lines. */
struct options {
	const struct policy_entry *by_name, *by_alias;
};

static struct options options_of(const struct policy *p, const char *name, const char *alias)
{
	return (struct options){ policy_literal(p, POLICY_OPTIONS, name),
				 alias ? policy_literal(p, POLICY_OPTIONS, alias) : NULL };
}

static const struct policy_entry *next_option(struct options *o)
{
	const struct policy_entry *e = o->by_name;

	if (!e || (o->by_alias && o->by_alias < e))
		e = o->by_alias;
	if (e && e == o->by_name)
		o->by_name = e->next_same;
	if (e && e == o->by_alias) /* alias and name may be the same */
		o->by_alias = e->next_same;
	return e;
}

bool policy_is_unsafe(const struct policy *p, const char *name, const char *alias)
{
	struct options options = options_of(p, name, alias);
	const struct policy_entry *e;

	while ((e = next_option(&options)))
		if (strcmp(e->file, CMDLINE_PATH) == 0 && strpbrk(e->value, ";&|<>()$`\\'*?[]{}#~!\n"))
			return true;
	return false;
}

int policy_options(const struct policy *p, const char *name, const char *alias, struct buf *into)
{
	struct options options = options_of(p, name, alias);
	const struct policy_entry *e;
	bool found = false;

	while ((e = next_option(&options))) {
		if (!*e->value)
			continue;
		if (found)
			buf_addc(into, ' ');
		buf_adds(into, e->value);
		found = true;
	}
	return buf_error(into) ? buf_error(into) : found;
}

/* As kmod shows a list: from its first name to its last one, with those of the other list that stand between them. */
static void add_names(struct buf *into, const char *keyword, const char *const *all, const char *const *names, size_t n)
{
	const char *separator = *keyword ? " " : "";

	if (n == 0)
		return;
	buf_adds(into, keyword);
	while (*all != names[0])
		all++;
	do {
		buf_addf(into, "%s%s", separator, *all);
		separator = " ";
	} while (*all++ != names[n - 1]);
}

int policy_format_deps(const struct policy_entry *e, struct buf *into)
{
	add_names(into, e->kind == POLICY_SOFTDEP ? "pre:" : "", e->names, e->pre, e->n_pre);
	add_names(into, "post:", e->names, e->post, e->n_post);
	return buf_error(into);
}
