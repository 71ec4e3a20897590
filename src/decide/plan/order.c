// SPDX-License-Identifier: MIT
#include "decide/plan/order.h"

#include <errno.h>
#include <string.h>

#include "base/map.h"

/* Softdeps nested deeper than this are a mistake, and must not exhaust the stack. */
#define SOFTDEP_DEPTH_MAX 128
/* Names, the aliases that match them and the dependencies of those multiply; a real tree has some thousand modules. */
#define SOFTDEP_MODULES_MAX 100000

/* Whether a module has softdeps that exist; UNSETTLED: not known, or they are not in the plan yet. */
enum soft { SOFT_UNSETTLED, SOFT_NONE, SOFT_SOME };

/* One request being expanded. */
struct order {
	const struct plan_world *w;
	const struct order_options *o;
	struct plan *plan;
	const struct candidate *wanted;
	struct plan_modules hard; /* hard dependencies of the wanted module */
	struct map is_hard;       /* their names */
	struct map expanded;      /* keys of modules whose own list was made, in keys */
	struct strv keys;
	struct map settled; /* modules whose softdeps are all in the plan → enum soft; their names are the plan's */
	unsigned depth;
	size_t refused;  /* softdeps that were too deep, or too many */
	size_t followed; /* modules that softdeps stand for, and dependencies of those, each as often as they occur */
	bool is_full;    /* it was reported that these are too many */
};

/* A module about to become a step. */
struct order_item {
	const char *name, *alias, *path; /* path NULL: look it up in modules.dep */
	bool is_file;                    /* named by a path or by modules.dep: never built in */
	bool builtin;                    /* known to be built in */
	enum plan_reason reason;
	const char *origin;
	const struct policy_entry *because; /* the softdep line, or NULL */
};

static const struct policy_entry *match(const struct plan_world *w, enum policy_kind kind, const char *name)
{
	return w->policy ? policy_match(w->policy, kind, name) : NULL;
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_wanted(const struct order *s, const struct order_item *item)
{
	return same(item->name, s->wanted->name) && same(item->alias, s->wanted->alias);
}

/*
 * The file that was named is the one that is meant, in whichever role its module comes up. What a lookup found by an
 * alias is not the object that was made of the file.
 */
static const char *named_file(const struct order *s, const struct order_item *item)
{
	const struct plan_world *w = s->w;

	if (s->wanted->path && strcmp(item->name, s->wanted->name) == 0)
		return s->wanted->path;
	return w->named_file && !item->alias ? w->named_file(w->named_data, item->name) : NULL;
}

static bool is_hard_dependency(const struct order *s, const struct order_item *item)
{
	return !item->alias && map_has(&s->is_hard, item->name);
}

/* Configured options, one blank, given options: without given ones the blank remains, as with kmod. */
static int add_options(struct order *s, const struct order_item *item, struct plan_step *step)
{
	const char *extra = is_wanted(s, item) && s->o->extra ? s->o->extra : "";
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = s->w->policy ? policy_options(s->w->policy, item->name, item->alias, &text) : 0;

	if (text.n > 0)
		buf_addc(&text, ' ');
	buf_adds(&text, extra);
	r = r < 0 ? r : buf_error(&text);
	step->options = plan_string(s->plan, buf_str(&text), &r);
	return r;
}

static int add_path(struct order *s, const struct order_item *item, struct plan_step *step)
{
	const char *named = named_file(s, item), *path = named ? named : item->path;
	_cleanup_free_ char *found = NULL;
	int r = 0;

	step->builtin = !named && !item->is_file &&
			(item->builtin || (s->w->catalog && catalog_is_builtin(s->w->catalog, item->name)));
	if (step->builtin)
		return 0;
	if (!path)
		r = world_path(s->w, item->name, &found);
	step->path = plan_string(s->plan, path ? path : found, &r);
	return r;
}

static int add_step(struct order *s, const struct order_item *item, const struct policy_entry *command)
{
	const struct policy_entry *because = command ? command : item->because;
	struct plan_step step = {
		.action = command ? PLAN_INSTALL_COMMAND : PLAN_INSERT,
		.reason = item->reason,
		.vital = is_wanted(s, item) || is_hard_dependency(s, item),
		.line = because ? because->line : 0,
		.unsafe_options = command && policy_is_unsafe(s->w->policy, item->name, item->alias),
	};
	int r = add_options(s, item, &step);

	if (r >= 0)
		r = add_path(s, item, &step);
	step.name = plan_string(s->plan, item->name, &r);
	step.alias = plan_string(s->plan, item->alias, &r);
	step.origin = plan_string(s->plan, item->origin, &r);
	step.command = plan_string(s->plan, command ? command->value : NULL, &r);
	step.file = plan_string(s->plan, because ? because->file : NULL, &r);
	return r < 0 ? r : plan_add(s->plan, &step);
}

static int expand(struct order *s, const struct order_item *item);

static int expand_soft(struct order *s, const struct candidates *list, enum plan_reason reason, const char *origin)
{
	const struct policy_entry *because = list->n > 0 ? match(s->w, POLICY_SOFTDEP, origin) : NULL;
	int r = 0;

	for (size_t i = 0; i < list->n && r >= 0; i++) {
		const struct candidate *c = &list->items[i];

		r = expand(s, &(struct order_item){
				      .name = c->name,
				      .alias = c->alias,
				      .builtin = c->builtin,
				      .reason = reason,
				      .origin = origin,
				      .because = because,
			      });
	}
	return r;
}

/*
 * The command of the module that is asked for is ignored wherever that module comes up: a softdep of what it needs may
 * depend on it, and its own command may be what asks for it.
 */
static bool ignores_command(const struct order *s, const struct order_item *item)
{
	return s->o->ignore_commands && strcmp(item->name, s->wanted->name) == 0;
}

/* A name that only a line of install stands for has the command of that line, whatever pattern comes before it. */
static const struct policy_entry *command_of(const struct order *s, const struct order_item *item)
{
	const struct policy_entry *own = NULL;

	if (item->reason == PLAN_REQUESTED && s->wanted->source == RESOLVE_COMMAND)
		own = policy_literal(s->w->policy, POLICY_INSTALL, item->name);
	return own ? own : match(s->w, POLICY_INSTALL, item->name);
}

/* The step of a module that is a dependency of many must not look up all its softdeps each time. */
static int add_settled(struct order *s, const struct order_item *item, enum soft soft)
{
	bool ignored = soft == SOFT_SOME || ignores_command(s, item);

	return add_step(s, item, ignored ? NULL : command_of(s, item));
}

/* Whether further softdeps may be looked up. */
static bool has_room(struct order *s)
{
	if (s->followed < SOFTDEP_MODULES_MAX)
		return true;
	s->refused++;
	if (!s->is_full)
		diag_warn(s->w->diag, "plan.softdep-number",
			  "softdeps of %s lead to more than %d modules; the rest is not followed", s->wanted->name,
			  SOFTDEP_MODULES_MAX);
	s->is_full = true;
	return false;
}

/* The module between its own softdeps; these take the place of an install command. */
static int add_with_softdeps(struct order *s, const struct order_item *item)
{
	enum soft soft = (enum soft)(uintptr_t)map_get(&s->settled, item->name);
	size_t refused = s->refused;
	const char *name = NULL;
	_cleanup_(candidates_done) struct candidates pre = { 0 }, post = { 0 };
	int r;

	if (soft)
		return add_settled(s, item, soft);
	if (!has_room(s))
		return add_settled(s, item, match(s->w, POLICY_SOFTDEP, item->name) ? SOFT_SOME : SOFT_NONE);
	r = order_soft(s->w, POLICY_SOFTDEP, item->name, &pre, &post);
	soft = pre.n || post.n ? SOFT_SOME : SOFT_NONE;
	s->followed += pre.n + post.n;
	if (r >= 0)
		r = expand_soft(s, &pre, PLAN_SOFTDEP_PRE, item->name);
	if (r >= 0)
		r = add_settled(s, item, soft);
	if (r >= 0)
		name = s->plan->steps[s->plan->n - 1].name;
	if (r >= 0)
		r = expand_soft(s, &post, PLAN_SOFTDEP_POST, item->name);
	return r < 0 || s->refused > refused ? r : map_put(&s->settled, name, (void *)(uintptr_t)soft);
}

/* 1: its list must still be made; 0: it was made or is being made. */
static int enter(struct order *s, const struct order_item *item)
{
	char *key;

	if (asprintf(&key, "%s\\%s", item->name, item->alias ? item->alias : "") < 0)
		return -ENOMEM;
	if (map_has(&s->expanded, key)) {
		free(key);
		return 0;
	}
	if (strv_take(&s->keys, key) < 0)
		return -ENOMEM;
	return map_put(&s->expanded, key, NULL);
}

static int expand_dependencies(struct order *s, const char *name)
{
	_cleanup_(plan_modules_done) struct plan_modules deps = { 0 };
	int r = world_dependencies(s->w, name, &deps);

	if (s->depth > 1) /* not of the wanted module itself */
		s->followed += deps.n;
	for (size_t i = 0; i < deps.n && r >= 0; i++)
		r = add_with_softdeps(s, &(struct order_item){
						 .name = deps.items[i].name,
						 .path = deps.items[i].path,
						 .is_file = true,
						 .reason = PLAN_DEPENDENCY,
						 .origin = name,
					 });
	return r;
}

static int expand(struct order *s, const struct order_item *item)
{
	int r;

	if (s->depth >= SOFTDEP_DEPTH_MAX) {
		s->refused++;
		diag_warn(s->w->diag, "plan.softdep-depth",
			  "softdeps of %s lead more than %d deep; not followed further", s->wanted->name,
			  SOFTDEP_DEPTH_MAX);
		return 0;
	}
	r = enter(s, item);
	if (r <= 0)
		return r;
	if (item->reason != PLAN_REQUESTED && !has_room(s))
		return 0;
	s->depth++;
	r = expand_dependencies(s, item->name);
	if (r >= 0)
		r = item->reason == PLAN_REQUESTED && s->o->ignore_commands ? add_step(s, item, NULL) :
									      add_with_softdeps(s, item);
	s->depth--;
	return r;
}

static int resolve_soft(const struct plan_world *w, const char *const *names, size_t n, struct candidates *ret)
{
	for (size_t i = 0; i < n && ret->n <= SOFTDEP_MODULES_MAX; i++) {
		int r = resolve(w, names[i], ret);

		if (r == -ENOMEM)
			return r;
		if (r < 0)
			diag_err(w->diag, "plan.softdep-name", "failed to lookup dependency '%s', continuing anyway.",
				 names[i]);
	}
	return 0;
}

int order_soft(const struct plan_world *w, enum policy_kind kind, const char *name, struct candidates *pre,
	       struct candidates *post)
{
	const struct policy_entry *e = match(w, kind, name);
	int r = e ? resolve_soft(w, e->pre, e->n_pre, pre) : 0;

	return e && r >= 0 ? resolve_soft(w, e->post, e->n_post, post) : r;
}

/* Why nothing needs to be done, or PLAN_GO. */
static enum plan_verdict judge(const struct order *s, const struct policy_entry **ret_denied)
{
	const struct candidate *c = s->wanted;
	bool is_builtin = !c->path && (c->builtin || (s->w->catalog && catalog_is_builtin(s->w->catalog, c->name)));

	*ret_denied = NULL;
	if (!s->o->ignore_loaded && is_builtin)
		return PLAN_BUILTIN;
	if (!s->o->ignore_loaded && world_is_live(s->w, c->name))
		return PLAN_LOADED;
	if (!s->w->policy || !(s->o->deny || s->o->deny_all || (s->o->deny_by_alias && c->alias)))
		return PLAN_GO;
	*ret_denied = policy_blacklist(s->w->policy, c->name);
	return *ret_denied ? PLAN_DENIED : PLAN_GO;
}

static void drop_denied(const struct order *s, size_t first)
{
	size_t n = first;

	for (size_t i = first; i < s->plan->n; i++)
		if (!policy_blacklist(s->w->policy, s->plan->steps[i].name))
			s->plan->steps[n++] = s->plan->steps[i];
	s->plan->n = n;
}

static int spell_out(struct order *s)
{
	const struct candidate *c = s->wanted;
	size_t first = s->plan->n;
	int r = world_dependencies(s->w, c->name, &s->hard);

	for (size_t i = 0; i < s->hard.n && r >= 0; i++)
		r = map_put(&s->is_hard, s->hard.items[i].name, NULL);
	if (r >= 0)
		r = expand(s, &(struct order_item){
				      .name = c->name,
				      .alias = c->alias,
				      .path = c->path,
				      .is_file = c->path,
				      .builtin = c->builtin,
				      .reason = PLAN_REQUESTED,
			      });
	if (r >= 0 && s->o->deny_all && s->w->policy)
		drop_denied(s, first);
	map_done(&s->is_hard);
	plan_modules_done(&s->hard);
	map_done(&s->expanded);
	map_done(&s->settled);
	strv_done(&s->keys);
	return r;
}

int order_load(const struct plan_world *w, const struct candidate *c, const struct order_options *o, struct plan *into)
{
	struct order s = { .w = w, .o = o, .plan = into, .wanted = c };
	struct plan_request request = { .first = into->n };
	const struct policy_entry *denied;
	int r = 0;

	request.verdict = judge(&s, &denied);
	if (request.verdict == PLAN_GO)
		r = spell_out(&s);
	request.n = into->n - request.first;
	request.asked = plan_string(into, o->asked ? o->asked : c->name, &r);
	request.name = plan_string(into, c->name, &r);
	request.alias = plan_string(into, c->alias, &r);
	request.file = plan_string(into, denied ? denied->file : NULL, &r);
	request.line = denied ? denied->line : 0;
	return r < 0 ? r : plan_add_request(into, &request);
}
