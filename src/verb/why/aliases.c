// SPDX-License-Identifier: MIT
/*
 * What asks for the module by an alias, and whether it gets it: a line of the configuration can lead an alias to
 * another module or to none ("off"), and an index may not know it.
 */
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "base/modname.h"
#include "base/oom.h"
#include "verb/why/parts.h"
#include "verb/why/remedy.h"

#define ALIAS_MAX 4096
#define LED_AWAY_MAX 3 /* that many are named */

struct asks {
	struct subject *s;
	size_t n, n_led_away;
	struct led_away {
		const char *what; /* asks: "device 0000:00:03.0 (pci)" */
		const struct policy_entry *line;
		const char *to; /* another module; NULL: none */
	} away[LED_AWAY_MAX];
};

static bool is_pattern(const char *alias)
{
	return strpbrk(alias, "*?[") != NULL;
}

/* ---- where an alias leads ---- */

static int led_away(struct asks *a, const char *what, const struct policy_entry *line, const char *to)
{
	struct led_away *x = &a->away[a->n_led_away];

	if (a->n_led_away++ >= LED_AWAY_MAX)
		return 0;
	*x = (struct led_away){ .what = what, .line = line };
	if (to && strcmp(to, "off") != 0)
		x->to = arena_str(&a->s->found->strings, to);
	return to && strcmp(to, "off") != 0 && !x->to ? -ENOMEM : 0;
}

static int ask(struct asks *a, const char *alias, const char *what)
{
	_cleanup_candidates_ struct candidates all = { 0 };
	int r = resolve(a->s->q->world, alias, &all);

	if (r < 0)
		return only_oom(r);
	a->n++;
	for (size_t i = 0; i < all.n; i++)
		if (strcmp(all.items[i].name, a->s->c->name) == 0)
			return 0;
	return led_away(a, what, all.n ? all.items[0].entry : NULL, all.n ? all.items[0].name : NULL);
}

/* An alias that is a pattern is led away as a whole if a line of the configuration covers it. */
static int ask_pattern(struct asks *a, const char *alias, const char *what)
{
	const struct policy *p = a->s->q->world->policy;
	char text[ALIAS_MAX];

	if (alias_normalize(alias, text, sizeof(text)) < 0)
		return 0;
	a->n++;
	for (size_t i = 0; p && i < policy_count(p, POLICY_ALIAS); i++) {
		const struct policy_entry *e = policy_get(p, POLICY_ALIAS, i);

		if (!modname_equal(e->value, a->s->c->name) &&
		    (strcmp(e->name, text) == 0 || fnmatch(e->name, text, 0) == 0))
			return led_away(a, what, e, e->value);
	}
	return 0;
}

#ifndef KMODCTL_SMALL
/* The module among them that exists; NULL: none. -ENOMEM in ret_error. */
static const char *real_one(struct subject *s, const struct candidates *all, int *ret_error)
{
	for (size_t i = 0; i < all->n && *ret_error >= 0; i++) {
		_cleanup_free_ char *path = NULL;

		*ret_error = all->items[i].builtin ? 0 : world_path(s->q->world, all->items[i].name, &path);
		if (*ret_error >= 0 && (path || all->items[i].builtin))
			return all->items[i].name;
	}
	return NULL;
}

/* modprobe(8) does not look up again what an alias leads to. */
static int tell_chain(struct subject *s, const char *module)
{
	const struct policy_entry *e = s->c->entry;
	int r = why_add(s->found, WHY_OBSTACLE, WHY_NO_FILE, e,
			"`alias %s %s` leads to no module, but to another alias, that of %s, which modprobe does not "
			"follow",
			e->name, e->value, module);

	if (r >= 0)
		r = why_fix(s->found, "write %s there, if it is meant", module);
	return r < 0 ? r : remedy_replace_word(s->found, &s->q->sys->root, e, e->value, module);
}

static int tell_hidden(struct subject *s, const char *module)
{
	const struct policy_entry *e = s->c->entry;
	int r = why_add(s->found, WHY_OBSTACLE, WHY_NO_FILE, e,
			"`alias %s %s` leads to no module that is installed, and hides the module %s", e->name,
			e->value, module);

	return r < 0 ? r : subject_fix_line(s, e);
}

int why_alias_misses(struct subject *s, const char *dir)
{
	_cleanup_candidates_ struct candidates next = { 0 }, own = { 0 };
	const struct policy_entry *e = s->c->entry;
	const char *chained, *hidden;
	int r = only_oom(resolve(s->q->world, e->value, &next));

	if (r >= 0)
		r = only_oom(resolve_name(s->q->world, e->name, &own));
	if (r < 0)
		return r;
	chained = real_one(s, &next, &r);
	hidden = real_one(s, &own, &r);
	if (r < 0)
		return r;
	if (chained || hidden)
		return chained ? tell_chain(s, chained) : tell_hidden(s, hidden);
	r = why_add(s->found, WHY_OBSTACLE, WHY_NO_FILE, e,
		    "`alias %s %s` leads to no module: no file of that name is in %s", e->name, e->value, dir);
	return r < 0 || !e->line ? r : why_fix(s->found, "install it, or correct line %u of %s", e->line, e->file);
}
#endif

/* ---- what asks ---- */

static int ask_for_devices(struct asks *a)
{
	struct subject *s = a->s;
	int r = 0;

	for (size_t i = 0; i < s->devices.n && r >= 0; i++) {
		const struct modalias *d = &s->devices.items[i];
		const char *what;

		if (!why_has_alias_for(&s->info, d->modalias))
			continue;
		what = arena_strf(&s->found->strings, "device %s (%s)", d->name, d->bus);
		if (!what)
			return -ENOMEM;
		s->aliases.device = s->aliases.device ? s->aliases.device : what;
		s->aliases.n_devices++;
		r = ask(a, d->modalias, what);
	}
	return r;
}

static int ask_for_alias(struct asks *a, const char *alias)
{
	struct subject *s = a->s;
	bool for_devices = strchr(alias, ':') && is_pattern(alias);
	const char *what = arena_strf(&s->found->strings, "its alias %s", alias);

	if (!what)
		return -ENOMEM;
	s->aliases.n++;
	s->aliases.n_for_devices += for_devices;
	if (!is_pattern(alias))
		return ask(a, alias, what);
	/* The devices have been asked. */
	return s->aliases.n_devices ? 0 : ask_pattern(a, alias, what);
}

static int ask_for_aliases(struct asks *a)
{
	const struct modinfo *info = &a->s->info;
	int r = 0;

	for (size_t i = 0; i < info->n && r >= 0; i++)
		if (why_is_alias(&info->items[i]))
			r = ask_for_alias(a, info->items[i].value);
	return r;
}

static void count_configured(struct subject *s)
{
	const struct policy *p = s->q->world->policy;

	for (size_t i = 0; p && i < policy_count(p, POLICY_ALIAS); i++)
		s->aliases.n += modname_equal(policy_get(p, POLICY_ALIAS, i)->value, s->c->name);
}

/* ---- findings ---- */

static int tell_line(struct subject *s, enum why_weight weight, const struct led_away *x)
{
	struct why *w = s->found;
	int r = x->to ? why_add(w, weight, WHY_ALIAS_ELSEWHERE, x->line, "`alias %s %s` leads %s to another module",
				x->line->name, x->line->value, x->what) :
			why_add(w, weight, WHY_ALIAS_ELSEWHERE, x->line, "`alias %s off` switches %s off",
				x->line->name, x->what);

	return r < 0 ? r : subject_fix_line(s, x->line);
}

static int tell_index(struct asks *a, enum why_weight weight, const struct led_away *x)
{
	struct why *w = a->s->found;
	int r = x->to ? why_add(w, weight, WHY_ALIAS_ELSEWHERE, NULL, "the indexes lead %s to %s only", x->what,
				x->to) :
			why_add(w, weight, WHY_ALIAS_ELSEWHERE, NULL, "%s is not in the indexes", x->what);

	if (r >= 0)
		r = why_fix(w, "run depmod");
	return r < 0 ? r : why_command(w, "depmod", "-a", a->s->q->release);
}

static int tell_led_away(struct asks *a)
{
	bool all = a->n_led_away == a->n;
	enum why_weight weight = all ? WHY_OBSTACLE : WHY_TROUBLE;
	int r = 0;

	for (size_t i = 0; i < a->n_led_away && i < LED_AWAY_MAX && r >= 0; i++) {
		const struct led_away *x = &a->away[i];

		r = x->line ? tell_line(a->s, weight, x) : tell_index(a, weight, x);
		if (r >= 0 && all)
			why_narrow(a->s->found, WHY_OF_ALIASES);
	}
	return r;
}

int why_aliases(struct subject *s)
{
	struct asks a = { .s = s };
	int r = 0;

	count_configured(s);
	/* What was asked for has led to it. */
	if (s->c->path || !s->is_module)
		return 0;
	r = ask_for_devices(&a);
	if (r >= 0)
		r = ask_for_aliases(&a);
	s->found->for_devices = s->aliases.n_for_devices > 0;
	return r < 0 || s->c->alias ? r : tell_led_away(&a);
}
