// SPDX-License-Identifier: MIT
/* Lines of modprobe.d and of the kernel command line: names that mean nothing, commands that fail, words too many. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/oom.h"
#include "base/optstring.h"
#include "decide/plan/order.h"
#include "read/conf/lexer.h"
#include "verb/config/lint_parts.h"
#include "verb/why/parts.h"

/* ---- names ---- */

static bool is_of_cmdline(const struct config_line *l)
{
	return l->line == 0;
}

/* The module that a line is about, or names: is there one? */
static int look_at_name(struct lint_run *r, const struct config_line *l, const char *name)
{
	enum config_known known;
	int e;

	if (config_is_pattern(name))
		return 0;
	e = config_known(r->config, name, &known);
	if (e < 0 || known != CONFIG_NOTHING)
		return e;
	return lint_unknown_module(r, l->file, l->line, l->directive, name);
}

static int look_at_blacklist(struct lint_run *r, const struct config_line *l)
{
	enum config_known known;
	int e;

	/* Of an entry: modprobe.blacklist=; else module_blacklist= */
	if (is_of_cmdline(l) && strchr(l->name, '-') && (l->entry || strv_has(&r->config->denied, l->name)))
		return lint_add(r, LINT_WARNING, "lint.module", l->file, l->line, "write '_' for '-'", "%s %s: %s",
				l->directive, l->name, l->why);
	e = config_known(r->config, l->name, &known);
	if (e < 0)
		return e;
	if (known == CONFIG_ALIAS)
		return lint_add(r, LINT_WARNING, "lint.blacklist-alias", l->file, l->line,
				"name the module that the alias stands for",
				"%s %s: this is an alias, and only names of modules count", l->directive, l->name);
	if (known == CONFIG_BUILTIN)
		return lint_add(r, lint_level_in(l->file), "lint.builtin", l->file, l->line, NULL,
				"%s %s: it is a part of the kernel, and cannot be kept out", l->directive, l->name);
	return look_at_name(r, l, l->name);
}

static int look_at_options(struct lint_run *r, const struct config_line *l)
{
	enum config_known known;
	int e;

	/* The options of the kernel and of other programs look the same there. */
	if (is_of_cmdline(l))
		return 0;
	e = config_known(r->config, l->name, &known);
	if (e < 0 || known != CONFIG_BUILTIN)
		return e < 0 ? e : look_at_name(r, l, l->name);
	return lint_add(r, lint_level_in(l->file), "lint.builtin", l->file, l->line,
			"set them on the kernel command line, as MODULE.PARAMETER=VALUE",
			"options %s: it is a part of the kernel, which does not read this", l->name);
}

static int look_at_deps(struct lint_run *r, const struct config_line *l)
{
	const struct policy_entry *p = l->entry;
	int e = look_at_name(r, l, l->name);

	for (size_t i = 0; i < p->n_pre && e >= 0; i++)
		e = look_at_name(r, l, p->pre[i]);
	for (size_t i = 0; i < p->n_post && e >= 0; i++)
		e = look_at_name(r, l, p->post[i]);
	if (e >= 0 && p->n_pre + p->n_post == 0)
		e = lint_add(r, LINT_ERROR, "lint.empty", l->file, l->line, "write: softdep MODULE pre: A B post: C",
			     "%s %s: it names no module behind pre: or post:", l->directive, l->name);
	return e;
}

/* ---- commands ---- */

static int look_at_command(struct lint_run *r, const struct config_line *l)
{
	char missing[NAME_MAX];
	int e = 0;

	/* A command of a name that nothing has is a way to load several modules by one name. */
	if (why_command_does_nothing(&r->sys->root, l->value))
		e = look_at_name(r, l, l->name);
	if (e >= 0 && why_command_is_missing(&r->sys->root, l->value, missing, sizeof(missing)))
		e = lint_add(r, LINT_ERROR, "lint.command", l->file, l->line, NULL,
			     "%s %s: the command fails, because %s does not exist", l->directive, l->name, missing);
	if (e >= 0 && l->entry->kind == POLICY_INSTALL && !config_is_pattern(l->name) &&
	    why_command_loads_again(l->value, l->name))
		e = lint_add(r, LINT_ERROR, "lint.loop", l->file, l->line,
			     "add --ignore-install to the modprobe of the command",
			     "%s %s: the command runs modprobe for the module, which leads back to it", l->directive,
			     l->name);
	return e;
}

static int tell_cancelled(struct lint_run *r, const struct policy_entry *command, const char *module,
			  const struct policy_entry *by)
{
	return lint_add(r, LINT_ERROR, "lint.cancelled", command->file, command->line,
			"remove one of the two, or put what it loads into the command",
			"%s %s: the command is not run for %s, which has a softdep (%s:%u)",
			policy_kind_name(command->kind), command->name, module, by->file, by->line);
}

/* A softdep that stands for any module takes the place of an install command, whether that names the module or not. */
static int look_at_softdep(struct lint_run *r, const struct policy_entry *soft)
{
	const struct config *c = r->config;
	const struct policy_entry *command = policy_match(c->policy, POLICY_INSTALL, soft->name);
	_cleanup_candidates_ struct candidates pre = { 0 }, post = { 0 };
	int e;

	if (!command || config_is_pattern(soft->name) || policy_match(c->policy, POLICY_SOFTDEP, soft->name) != soft)
		return 0;
	e = order_soft(&c->world, POLICY_SOFTDEP, soft->name, &pre, &post);
	return e < 0 || pre.n + post.n == 0 ? e : tell_cancelled(r, command, soft->name, soft);
}

/* The pattern is that of the softdep. */
static int look_at_cancelled(struct lint_run *r, const struct config_line *l)
{
	return l->effect == CONFIG_CANCELLED && l->by ? tell_cancelled(r, l->entry, l->name, l->by) : 0;
}

/* ---- each line ---- */

static int look_at_line(struct lint_run *r, const struct config_line *l)
{
	int e;

	if (!l->entry)
		return strcmp(l->directive, "load") == 0 ? 0 : look_at_blacklist(r, l);
	switch (l->entry->kind) {
	case POLICY_BLACKLIST:
		return look_at_blacklist(r, l);
	case POLICY_ALIAS:
		return strcmp(l->value, "off") == 0 ? 0 : look_at_name(r, l, l->value);
	case POLICY_OPTIONS:
		return look_at_options(r, l);
	case POLICY_INSTALL:
	case POLICY_REMOVE:
		e = look_at_command(r, l);
		return e < 0 ? e : look_at_cancelled(r, l);
	default:
		e = look_at_deps(r, l);
		return e >= 0 && l->entry->kind == POLICY_SOFTDEP ? look_at_softdep(r, l->entry) : e;
	}
}

/* ---- module_blacklist= ---- */

static int look_at_oversized(struct lint_run *r)
{
	const struct strv *names = &r->config->oversized;

	return names->n == 0 ? 0 :
			       lint_add(r, LINT_WARNING, "lint.too-long", "/proc/cmdline", 0,
					"shorten it, or write install lines in /etc/modprobe.d",
					"module_blacklist %s...: the kernel ignores a list of more than %d bytes",
					names->items[0], OPTION_STRING_MAX);
}

/* ---- words that modprobe passes over ---- */

static const char *const directives[] = { "alias",  "blacklist", "install", "options",
					  "remove", "softdep",   "weakdep", NULL };
static const char *const forms[] = { "alias PATTERN MODULE",     "blacklist MODULE",
				     "install MODULE COMMAND",   "options MODULE NAME=VALUE...",
				     "remove MODULE COMMAND",    "softdep MODULE pre: MODULE... post: MODULE...",
				     "weakdep MODULE MODULE...", NULL };

static int look_at_words(void *data, const struct lexer_place *place, char *line)
{
	struct lint_run *r = data;
	const char *word = lexer_word(&line), *extra;
	size_t takes = !word ? 0 : strcmp(word, "blacklist") == 0 ? 1 : strcmp(word, "alias") == 0 ? 2 : 0;
	bool is_complete = takes > 0;

	if (!word)
		return 0;
	for (size_t i = 0; i < takes && is_complete; i++)
		is_complete = lexer_name(&line);
	if (!is_complete)
		return lint_explain_bad_line(r, place->file, place->line, word, directives, forms);
	extra = lexer_name(&line);
	if (!extra || *extra == '#')
		return 0;
	return lint_add(r, LINT_ERROR, "lint.extra-word", place->file, place->line,
			takes == 1 ? "write one line for each module" : "write one line for each alias",
			"%s: '%.*s%s' and what follows is ignored", word, LEXER_SHOWN(extra));
}

static int look_at_files(struct lint_run *r)
{
	_cleanup_dropin_ struct dropin files = { 0 };
	int e = dropin_collect(&r->sys->root, policy_default_paths, NULL, &files);

	if (e >= 0)
		e = lexer_read_files(&r->sys->root, &files, NULL, look_at_words, r);
	return e < 0 ? only_oom(e) : 0;
}

int lint_lines(struct lint_run *r)
{
	int e = look_at_files(r);

	if (e >= 0)
		e = look_at_oversized(r);
	for (size_t i = 0; i < r->config->n && e >= 0; i++) {
		const struct config_line *l = &r->config->lines[i];

		if (l->by_depmod && l->entry->kind == POLICY_SOFTDEP)
			e = look_at_softdep(r, l->entry);
		else if (l->effect != CONFIG_MASKED && !l->by_depmod)
			e = look_at_line(r, l);
	}
	return e < 0 ? e : 0;
}
