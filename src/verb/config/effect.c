// SPDX-License-Identifier: MIT
/* Which lines count, as modprobe decides it: the first install, remove, softdep or weakdep that matches, every alias
 * and blacklist, the last of several values of a parameter. */
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "base/modname.h"
#include "base/optstring.h"
#include "decide/plan/order.h"
#include "verb/config/config.h"

bool config_is_pattern(const char *name)
{
	return strpbrk(name, "*?[\\");
}

int config_known(const struct config *c, const char *name, enum config_known *ret)
{
	_cleanup_candidates_ struct candidates found = { 0 };
	int r;

	if (!catalog_reader(c->catalog, CATALOG_DEP)) {
		*ret = CONFIG_NOT_KNOWN;
		return 0;
	}
	if (catalog_dep_line(c->catalog, name) || catalog_is_builtin(c->catalog, name)) {
		*ret = catalog_dep_line(c->catalog, name) ? CONFIG_MODULE : CONFIG_BUILTIN;
		return 0;
	}
	r = resolve(&c->world, name, &found);
	if (r == -ENOMEM)
		return r;
	*ret = CONFIG_NOTHING;
	/* An install line of this name is not something that the name stands for. */
	for (size_t i = 0; i < found.n; i++)
		if (found.items[i].source != RESOLVE_COMMAND)
			*ret = CONFIG_ALIAS;
	return 0;
}

int config_is_hidden(const struct config *c, const char *name)
{
	_cleanup_candidates_ struct candidates found = { 0 };
	enum config_known known;
	int r = config_known(c, name, &known);

	if (r < 0 || (known != CONFIG_MODULE && known != CONFIG_BUILTIN))
		return r;
	r = resolve(&c->world, name, &found);
	return r == -ENOMEM ? r : found.n && !candidates_have(&found, name);
}

static void set(struct config_line *l, enum config_effect effect, const char *why, const struct policy_entry *by)
{
	l->effect = effect;
	l->why = why;
	l->by = by;
	l->by_file = by ? by->file : NULL;
	l->by_line = by ? by->line : 0;
}

/* Nothing exists that the line is about. 1: so it is, and the line says so; 0; -ENOMEM. */
static int judge_name(const struct config *c, struct config_line *l, const char *name, const char *nothing)
{
	enum config_known known;
	int r = config_known(c, name, &known);

	if (r < 0)
		return r;
	if (known == CONFIG_NOT_KNOWN)
		set(l, CONFIG_UNSURE, "which modules there are could not be read", NULL);
	else if (known == CONFIG_NOTHING)
		set(l, CONFIG_IDLE, nothing, NULL);
	return known == CONFIG_NOT_KNOWN || known == CONFIG_NOTHING;
}

/* ---- blacklist, alias ---- */

static int judge_blacklist(const struct config *c, struct config_line *l)
{
	enum config_known known;
	int r = config_known(c, l->name, &known);

	if (r < 0)
		return r;
	if (known == CONFIG_BUILTIN)
		set(l, CONFIG_IDLE, "it is a part of the kernel", NULL);
	else if (l->line == 0 && strchr(l->name, '-'))
		set(l, CONFIG_IDLE, "modprobe takes this name as it is written there, and a module's has '_' for '-'",
		    NULL);
	else if (known == CONFIG_ALIAS)
		set(l, CONFIG_IDLE, "it is an alias, and only names of modules count here", NULL);
	else if (known == CONFIG_NOTHING)
		set(l, CONFIG_IDLE, "there is no such module", NULL);
	else if (known == CONFIG_NOT_KNOWN)
		set(l, CONFIG_UNSURE, "which modules there are could not be read", NULL);
	return 0;
}

static int judge_alias(struct config *c, struct config_line *l)
{
	const char *name = config_is_pattern(l->name) ? c->hidden : l->name;
	int r;

	if (strcmp(l->entry->value, "off") == 0) {
		set(l, CONFIG_COUNTS, "it switches the name off", NULL);
		return 0;
	}
	r = judge_name(c, l, l->entry->value, "it stands for a module that there is not");
	if (r != 0 || !name || fnmatch(l->name, name, 0) != 0 || (r = config_is_hidden(c, name)) <= 0)
		return r;
	l->why = arena_strf(&c->strings, "by the name %s modprobe loads %s, and not the module of that name", name,
			    l->value);
	return l->why ? 0 : -ENOMEM;
}

/* ---- install, remove, softdep, weakdep: the first line that matches ---- */

static const struct policy_entry *winner_of(const struct config *c, const struct policy_entry *e, const char *module)
{
	if (module)
		return policy_match(c->policy, e->kind, module);
	return config_is_pattern(e->name) ? policy_literal(c->policy, e->kind, e->name) :
					    policy_match(c->policy, e->kind, e->name);
}

/* modprobe loads a module with softdeps itself, and does not run its install command. */
static int judge_cancelled(const struct config *c, struct config_line *l, const char *module)
{
	const char *name = module ? module : l->name;
	_cleanup_candidates_ struct candidates pre = { 0 }, post = { 0 };
	int r = order_soft(&c->world, POLICY_SOFTDEP, name, &pre, &post);

	if (!catalog_reader(c->catalog, CATALOG_DEP) && policy_match(c->policy, POLICY_SOFTDEP, name))
		set(l, CONFIG_UNSURE, "which modules there are could not be read", NULL);
	else if (r >= 0 && pre.n + post.n > 0)
		set(l, CONFIG_CANCELLED, "the module has a softdep, so that modprobe loads it and runs no command",
		    policy_match(c->policy, POLICY_SOFTDEP, name));
	return r < 0 ? r : 0;
}

static int judge_first(const struct config *c, struct config_line *l, const char *module)
{
	const struct policy_entry *e = l->entry, *winner = winner_of(c, e, module);
	int r = 0;

	if (winner && winner != e) {
		set(l, CONFIG_OVERRIDDEN, "the first line that matches counts", winner);
		return 0;
	}
	if (module || !config_is_pattern(l->name)) {
		if (e->kind == POLICY_INSTALL)
			r = judge_cancelled(c, l, module);
		else if (e->kind != POLICY_REMOVE)
			r = judge_name(c, l, module ? module : l->name, "there is no such module");
	}
	return r < 0 ? r : 0;
}

/* ---- options: the last value of each parameter ---- */

/* What the setters are found by. */
static int setter_key(const struct policy_entry *e, const struct option *o, struct buf *into)
{
	buf_clear(into);
	buf_addf(into, "%s ", e->name);
	for (size_t i = 0; i < o->key_len; i++)
		buf_addc(into, o->key[i] == '-' ? '_' : o->key[i]);
	return buf_error(into);
}

static int add_setters(struct config *c, const struct policy_entry *e)
{
	_cleanup_buf_ struct buf key = BUF_INIT;
	struct span rest = span_of_str(e->value);
	struct option o;

	while (option_next(&rest, &o)) {
		const char *kept = setter_key(e, &o, &key) < 0 ? NULL : arena_str(&c->strings, buf_str(&key));

		if (!kept || map_put(&c->setters, kept, (void *)(uintptr_t)e) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Of each parameter the last line that sets it. */
static int find_setters(struct config *c)
{
	int r = 0;

	for (size_t i = 0; i < policy_count(c->policy, POLICY_OPTIONS) && r == 0; i++)
		r = add_setters(c, policy_get(c->policy, POLICY_OPTIONS, i));
	return r;
}

static int judge_values(struct config *c, struct config_line *l)
{
	struct span rest = span_of_str(l->entry->value);
	const struct policy_entry *by = NULL;
	size_t n = 0, overridden = 0;
	_cleanup_buf_ struct buf names = BUF_INIT, key = BUF_INIT;
	struct option o;
	const char *why;

	while (option_next(&rest, &o)) {
		const struct policy_entry *later;

		if (setter_key(l->entry, &o, &key) < 0)
			return -ENOMEM;
		later = map_get(&c->setters, buf_str(&key));
		n++;
		if (later == l->entry)
			continue;
		by = later;
		buf_addf(&names, "%s%.*s", overridden++ ? ", " : "", (int)o.key_len, o.key);
	}
	if (!overridden)
		return 0;
	why = buf_error(&names) ?
		      NULL :
		      arena_strf(&c->strings, "%s %s set again later", buf_str(&names), overridden == 1 ? "is" : "are");
	if (!why)
		return -ENOMEM;
	set(l, overridden == n ? CONFIG_OVERRIDDEN : CONFIG_PARTLY, why, by);
	return 0;
}

static int judge_options(struct config *c, struct config_line *l)
{
	bool is_cmdline = strcmp(l->file, "/proc/cmdline") == 0;
	enum config_known known;
	int r = config_known(c, l->name, &known);

	if (r < 0)
		return r;
	if (known == CONFIG_NOT_KNOWN)
		set(l, CONFIG_UNSURE, "which modules there are could not be read", NULL);
	else if (known == CONFIG_NOTHING && is_cmdline)
		set(l, CONFIG_UNSURE, "there is no such module; the kernel or another program may know it", NULL);
	else if (known == CONFIG_NOTHING)
		set(l, CONFIG_IDLE, "there is no such module", NULL);
	else if (known == CONFIG_BUILTIN && !is_cmdline)
		set(l, CONFIG_IDLE, "it is a part of the kernel, which takes options from its command line only", NULL);
	else
		r = judge_values(c, l);
	return r;
}

/* ---- the kernel command line ---- */

static int judge_denied(const struct config *c, struct config_line *l)
{
	if (!strv_has(&c->denied, l->name) && strv_has(&c->oversized, l->name)) {
		set(l, CONFIG_IDLE, "the list is longer than the kernel takes, which ignores it", NULL);
	} else if (!strv_has(&c->denied, l->name)) {
		set(l, CONFIG_OVERRIDDEN, "only the last module_blacklist= counts", NULL);
		l->by_file = l->file;
	} else if (strchr(l->name, '-')) {
		set(l, CONFIG_IDLE, "the kernel compares names as they are written, and a module's has '_' for '-'",
		    NULL);
	} else {
		return judge_blacklist(c, l);
	}
	return 0;
}

/* ---- modules to load at boot ---- */

/* The line that keeps what a list asks for from being loaded. */
static const struct policy_entry *denied_by(const struct config *c, const struct candidates *found)
{
	const struct policy_entry *by = NULL;

	for (size_t i = 0; i < found->n; i++) {
		const struct policy_entry *e = policy_blacklist(c->policy, found->items[i].name);

		if (!e)
			return NULL;
		by = by ? by : e;
	}
	return by;
}

static int judge_load(struct config *c, struct config_line *l)
{
	_cleanup_candidates_ struct candidates found = { 0 };
	const struct policy_entry *by;
	int r;

	if (!catalog_reader(c->catalog, CATALOG_DEP)) {
		set(l, CONFIG_UNSURE, "which modules there are could not be read", NULL);
		return 0;
	}
	r = resolve(&c->world, l->name, &found);
	if (r == -ENOMEM)
		return r;
	by = denied_by(c, &found);
	if (found.n == 0)
		set(l, CONFIG_IDLE, "there is no such module", NULL);
	else if (found.items[0].builtin)
		set(l, CONFIG_IDLE, "it is a part of the kernel", NULL);
	else if (by)
		set(l, CONFIG_CANCELLED, "a blacklist line keeps it from being loaded at boot", by);
	return 0;
}

int config_judge(struct config *c, const char *module)
{
	int r = find_setters(c);

	for (size_t i = 0; i < c->n && r >= 0; i++) {
		struct config_line *l = &c->lines[i];

		if (l->effect == CONFIG_MASKED) {
			l->why = "a file of the same name in a directory of higher priority is read instead";
			continue;
		}
		set(l, CONFIG_COUNTS, NULL, NULL);
		if (!l->entry)
			r = strcmp(l->directive, "load") == 0 ? judge_load(c, l) : judge_denied(c, l);
		else if (l->entry->kind == POLICY_BLACKLIST)
			r = judge_blacklist(c, l);
		else if (l->entry->kind == POLICY_ALIAS)
			r = judge_alias(c, l);
		else if (l->entry->kind == POLICY_OPTIONS)
			r = judge_options(c, l);
		else
			r = judge_first(c, l, module);
	}
	return r < 0 ? r : 0;
}
