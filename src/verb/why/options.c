// SPDX-License-Identifier: MIT
/* Options that are configured for a module, and which of them cannot take effect. */
#include <errno.h>
#include <string.h>

#include "verb/params/check.h"
#include "verb/params/params.h"
#include "verb/why/parts.h"
#include "verb/why/remedy.h"
#include "read/kernel/settings.h"

static bool is_for(const struct policy_entry *e, const struct candidate *c)
{
	return strcmp(e->name, c->name) == 0 || (c->alias && strcmp(e->name, c->alias) == 0);
}

static int tell_option(struct subject *s, const struct policy_entry *e)
{
	int r;

	if (!s->builtin || strcmp(e->file, "/proc/cmdline") == 0)
		return why_add(s->found, WHY_FACT, WHY_OPTION, e, "%s", e->value);
	r = why_add(s->found, WHY_TROUBLE, WHY_OPTION_UNUSED, e,
		    "this option has no effect, because the module is built into the kernel: %s", e->value);
	if (r >= 0)
		r = why_fix(s->found, "remove the line, and put it on the kernel command line as %s.NAME=VALUE",
			    s->c->name);
	return r < 0 ? r : remedy_delete_line(s->found, &s->q->sys->root, e);
}

/* The kernel ignores options that a module does not have, and refuses the module because of a value. */
static int tell_problem(void *data, const struct options_problem *p)
{
	struct subject *s = data;
	int r = why_add(s->found, p->refused ? WHY_OBSTACLE : WHY_TROUBLE, WHY_OPTION_WRONG, p->at, "%s%s", p->text,
			p->refused ? "; the kernel refuses the module because of it" : "");

	if (r >= 0)
		r = why_fix(s->found, "correct or remove it in %s", p->at->file);
	return r < 0 ? r : remedy_delete_option(s->found, &s->q->sys->root, p->at, p->word);
}

/* ---- of a loaded module: did they take effect? ---- */

static int tell_not_in_effect(struct subject *s, const struct params_item *p)
{
	int r = why_add(s->found, WHY_TROUBLE, WHY_OPTION_NOT_IN_EFFECT, p->origin,
			"%.*s is configured as %s, but is %s in the loaded module", (int)p->name_len, p->name,
			p->configured ? p->configured : "set", p->live->value);

	if (r < 0)
		return r;
	r = why_fix(s->found, "load it again, or reboot; if that does not help, the initramfs has another "
			      "configuration: rebuild it");
	return r < 0 ? r : remedy_reload(s->found, &s->q->sys->root, s->q->release, s->c->name);
}

static int explain_live(struct subject *s, const struct parameters *known, const struct settings *now)
{
	_cleanup_params_ struct params params = { 0 };
	const struct params_query q = {
		.module = s->c->name,
		.declared = known,
		.live = now,
		.policy = s->q->world->policy,
	};
	int r = q.policy ? params_explain(&q, &params) : -ENOMEM;

	for (size_t i = 0; i < params.n && r >= 0; i++)
		if (params.items[i].effect == PARAMS_NOT_IN_EFFECT)
			r = tell_not_in_effect(s, &params.items[i]);
	return r;
}

static int tell_live(struct subject *s)
{
	_cleanup_settings_ struct settings now = { 0 };
	struct parameters known = { 0 };
	int r;

	if (s->state != LIVE_LIVE || !s->is_module)
		return 0;
	r = parameters_read(&s->info, &known);
	if (r >= 0)
		r = settings_read(&s->q->sys->root, s->c->name, &now);
	if (r >= 0)
		r = explain_live(s, &known, &now);
	parameters_done(&known);
	return r;
}

int why_options(struct subject *s)
{
	const struct policy *p = s->q->world->policy;
	const struct options_query q = {
		.root = &s->q->sys->root,
		.policy = p,
		.name = s->c->name,
		.alias = s->c->alias,
		.path = s->path,
		.given = "",
	};
	int r = 0;

	for (size_t i = 0; p && i < policy_count(p, POLICY_OPTIONS) && r >= 0; i++) {
		const struct policy_entry *e = policy_get(p, POLICY_OPTIONS, i);

		if (is_for(e, s->c))
			r = tell_option(s, e);
	}
	if (r >= 0 && s->is_module)
		r = options_problems(&q, tell_problem, s);
	return r < 0 ? r : tell_live(s);
}
