// SPDX-License-Identifier: MIT
#include "decide/plan/unload.h"

#include <errno.h>
#include <string.h>

#include "decide/plan/order.h"

/* Chains of holders and softdeps deeper than this do not exist; a damaged sysfs must not exhaust the stack. */
#define UNLOAD_DEPTH_MAX 128

struct unload {
	const struct plan_world *w;
	const struct unload_options *o;
	struct plan *plan;
	const struct policy_entry *own;      /* the remove line that alone stands for the name asked for, or NULL */
	size_t commands;                     /* among the steps of the request */
	const char *going[UNLOAD_DEPTH_MAX]; /* modules whose removal is being worked out */
	unsigned depth;
	const char *blocker; /* why not, for PLAN_IN_USE and PLAN_BUILTIN; the plan's string */
	int error;
};

/* A module about to be removed, and why. */
struct unload_item {
	const char *name;
	bool builtin;
	enum plan_reason reason;
	const char *origin;
	const struct policy_entry *because;
	enum plan_verdict doubt;
};

static bool is_planned(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->steps[i].name, name) == 0)
			return true;
	return false;
}

static bool will_go(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (!p->steps[i].doubt && strcmp(p->steps[i].name, name) == 0)
			return true;
	return false;
}

static bool is_going(const struct unload *u, const char *name)
{
	for (unsigned i = 0; i < u->depth; i++)
		if (strcmp(u->going[i], name) == 0)
			return true;
	return false;
}

/* From here on the plan cannot know what is loaded and used. */
static bool is_behind_command(const struct unload *u)
{
	return u->commands > 0;
}

static bool is_soft(enum plan_reason reason)
{
	return reason == PLAN_SOFTDEP_PRE || reason == PLAN_SOFTDEP_POST;
}

/* Does the failure of this step end the request? */
static bool is_vital(const struct unload *u, const struct unload_item *item, bool is_command)
{
	if (is_soft(item->reason))
		return u->o->softdeps == UNLOAD_SOFTDEPS_FAIL && (is_command || item->doubt);
	return item->reason == PLAN_REQUESTED || item->reason == PLAN_HOLDER;
}

static int holders_of(const struct unload *u, const char *name, struct strv *ret)
{
	return u->w->live ? u->w->live->holders(u->w->live->data, name, ret) : 0;
}

/* How many users it will have once everything planned is done. Never below 0. */
static int users_left(const struct unload *u, const char *name)
{
	_cleanup_strv_ struct strv holders = { 0 };
	int refcnt = 0;

	if (!u->w->live || u->w->live->refcnt(u->w->live->data, name, &refcnt) < 0)
		return 0; /* the kernel decides */
	if (holders_of(u, name, &holders) < 0)
		return refcnt;
	for (size_t i = 0; i < holders.n; i++)
		refcnt -= will_go(u->plan, holders.items[i]);
	return refcnt > 0 ? refcnt : 0;
}

static void add_step(struct unload *u, const struct unload_item *item, const struct policy_entry *command)
{
	const struct policy_entry *because = command ? command : item->because;
	struct plan_step step = {
		.action = command ? PLAN_REMOVE_COMMAND : PLAN_REMOVE,
		.reason = item->reason,
		.vital = is_vital(u, item, command),
		.options = "",
		.line = because ? because->line : 0,
		.doubt = item->doubt,
		.after_command = is_behind_command(u),
	};

	step.name = plan_string(u->plan, item->name, &u->error);
	step.origin = plan_string(u->plan, item->origin, &u->error);
	step.command = plan_string(u->plan, command ? command->value : NULL, &u->error);
	step.file = plan_string(u->plan, because ? because->file : NULL, &u->error);
	if (u->error >= 0)
		u->error = plan_add(u->plan, &step);
	u->commands += command != NULL;
}

/* The line of modules.dep in the reverse of the load order: each removal may leave the next one unused. */
static void add_unused(struct unload *u, const char *name)
{
	_cleanup_(plan_modules_done) struct plan_modules deps = { 0 };

	u->error = world_dependencies(u->w, name, &deps);
	for (size_t i = deps.n; i-- > 0 && u->error >= 0;) {
		struct unload_item item = { .name = deps.items[i].name, .reason = PLAN_UNUSED, .origin = name };

		if (is_planned(u->plan, item.name) || is_going(u, item.name) ||
		    world_state(u->w, item.name) == LIVE_ABSENT)
			continue;
		if (users_left(u, item.name) > 0)
			item.doubt = PLAN_IN_USE;
		if (!item.doubt || is_behind_command(u))
			add_step(u, &item, NULL);
	}
}

static enum plan_verdict remove_one(struct unload *u, const struct unload_item *item);

/* A softdep was not planned. PLAN_GO: the request goes on. */
static enum plan_verdict softdep_stays(struct unload *u, const struct unload_item *item, enum plan_verdict v)
{
	struct unload_item failing = *item;

	if (u->o->softdeps == UNLOAD_SOFTDEPS_SKIP || (v != PLAN_IN_USE && !(v == PLAN_ABSENT && u->o->first_time)))
		return PLAN_GO;
	if (item->reason == PLAN_SOFTDEP_POST && u->o->softdeps == UNLOAD_SOFTDEPS_FAIL && !is_behind_command(u))
		return v;
	failing.name = u->blocker;
	failing.doubt = v;
	add_step(u, &failing, NULL);
	return PLAN_GO;
}

static enum plan_verdict remove_soft(struct unload *u, const struct candidates *list, enum plan_reason reason,
				     const char *origin, const struct policy_entry *because)
{
	enum plan_verdict v = PLAN_GO;

	for (size_t i = list->n; i-- > 0 && u->error >= 0 && v == PLAN_GO;) {
		const struct unload_item item = {
			.name = list->items[i].name,
			.builtin = list->items[i].builtin,
			.reason = reason,
			.origin = origin,
			.because = because,
		};

		v = remove_one(u, &item);
		if (v != PLAN_GO && u->error >= 0)
			v = softdep_stays(u, &item, v);
	}
	return v;
}

static enum plan_verdict remove_holders(struct unload *u, const char *name)
{
	_cleanup_strv_ struct strv holders = { 0 };
	enum plan_verdict v = PLAN_GO;

	if (!u->o->holders)
		return PLAN_GO;
	if (holders_of(u, name, &holders) == -ENOMEM)
		u->error = -ENOMEM;
	if (u->o->by_name)
		strv_sort(&holders, 0);
	for (size_t i = holders.n; i-- > 0 && u->error >= 0 && (v == PLAN_GO || v == PLAN_ABSENT);)
		v = remove_one(
			u, &(struct unload_item){ .name = holders.items[i], .reason = PLAN_HOLDER, .origin = name });
	return v == PLAN_ABSENT ? PLAN_GO : v;
}

static enum plan_verdict refuse(struct unload *u, enum plan_verdict v, const struct unload_item *item)
{
	u->blocker = plan_string(u->plan, item->name, &u->error);
	return v;
}

/* PLAN_GO: may be planned. Only called for modules without a remove command. */
static enum plan_verdict judge(struct unload *u, const struct unload_item *item)
{
	if (item->builtin || (u->w->catalog && catalog_is_builtin(u->w->catalog, item->name)))
		return refuse(u, PLAN_BUILTIN, item);
	if (world_state(u->w, item->name) != LIVE_ABSENT)
		return PLAN_GO;
	return is_soft(item->reason) ? refuse(u, PLAN_ABSENT, item) : PLAN_ABSENT;
}

static const struct policy_entry *match(const struct unload *u, enum policy_kind kind, const char *name)
{
	return u->w->policy && !u->o->ignore_commands ? policy_match(u->w->policy, kind, name) : NULL;
}

static const struct policy_entry *command_of(const struct unload *u, const struct unload_item *item)
{
	const struct policy_entry *e = match(u, POLICY_REMOVE, item->name);

	return e && u->own && item->reason == PLAN_REQUESTED ? u->own : e;
}

/* The module itself, those that hold it before and those it held after. */
static enum plan_verdict remove_module_and_chain(struct unload *u, struct unload_item item,
						 const struct policy_entry *command)
{
	enum plan_verdict v = remove_holders(u, item.name);

	if (v != PLAN_GO || u->error < 0)
		return v;
	if (!command && !u->o->wait && users_left(u, item.name) > 0)
		item.doubt = PLAN_IN_USE;
	if (item.doubt && !is_behind_command(u))
		return refuse(u, PLAN_IN_USE, &item);
	add_step(u, &item, command);
	if (!command && u->error >= 0)
		add_unused(u, item.name);
	return PLAN_GO;
}

static enum plan_verdict remove_between_softdeps(struct unload *u, const struct unload_item *item,
						 const struct policy_entry *command)
{
	_cleanup_(candidates_done) struct candidates pre = { 0 }, post = { 0 };
	const struct policy_entry *soft = match(u, POLICY_SOFTDEP, item->name);
	enum plan_verdict v = PLAN_GO;

	if (soft)
		u->error = order_soft(u->w, POLICY_SOFTDEP, item->name, &pre, &post);
	if (u->error >= 0)
		v = remove_soft(u, &post, PLAN_SOFTDEP_POST, item->name, soft);
	if (v == PLAN_GO && u->error >= 0)
		v = remove_module_and_chain(u, *item, command);
	if (v == PLAN_GO && u->error >= 0)
		v = remove_soft(u, &pre, PLAN_SOFTDEP_PRE, item->name, soft);
	return v;
}

/* With any verdict other than PLAN_GO nothing of it stays in the plan. */
static enum plan_verdict remove_one(struct unload *u, const struct unload_item *item)
{
	const struct policy_entry *command = command_of(u, item);
	size_t before = u->plan->n, commands = u->commands;
	enum plan_verdict v = PLAN_GO;

	if (is_planned(u->plan, item->name) || is_going(u, item->name))
		return PLAN_GO;
	if (u->depth == UNLOAD_DEPTH_MAX)
		return refuse(u, PLAN_IN_USE, item);
	if (!command)
		v = judge(u, item);
	if (v == PLAN_GO) {
		u->going[u->depth++] = item->name;
		v = remove_between_softdeps(u, item, command);
		u->depth--;
	}
	if (v != PLAN_GO) {
		u->plan->n = before;
		u->commands = commands;
	}
	return v;
}

int unload_module(const struct plan_world *w, const struct candidate *c, const struct unload_options *o,
		  struct plan *into)
{
	struct unload u = { .w = w, .o = o, .plan = into };
	struct plan_request request = { .first = into->n };
	const struct unload_item item = { .name = c->name, .builtin = c->builtin, .reason = PLAN_REQUESTED };

	if (c->source == RESOLVE_COMMAND && c->entry == policy_literal(w->policy, POLICY_REMOVE, c->name))
		u.own = c->entry;
	request.verdict = remove_one(&u, &item);
	request.blocker = request.verdict == PLAN_GO ? NULL : u.blocker;
	request.n = into->n - request.first;
	request.asked = plan_string(into, o->asked ? o->asked : c->name, &u.error);
	request.name = plan_string(into, c->name, &u.error);
	request.alias = plan_string(into, c->alias, &u.error);
	return u.error < 0 ? u.error : plan_add_request(into, &request);
}
