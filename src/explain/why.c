// SPDX-License-Identifier: MIT
#include "explain/why.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "explain/options.h"
#include "explain/users.h"
#include "explain/why_file.h"
#include "kernel/lockstate.h"
#include "plan/order.h"

int why_add(struct why *w, enum why_weight weight, const char *topic, const char *code, const struct policy_entry *at,
	    const char *fmt, ...)
{
	struct why_finding f = { .weight = weight, .topic = topic, .code = code, .line = at ? at->line : 0 };
	_cleanup_buf_ struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	f.text = arena_str(&w->strings, buf_str(&text));
	f.file = at ? arena_str(&w->strings, at->file) : NULL;
	if (buf_error(&text) || !f.text || (at && !f.file) || vec_room(&w->items, w->n, &w->cap) < 0)
		return -ENOMEM;
	w->items[w->n++] = f;
	w->n_obstacles += weight == WHY_OBSTACLE;
	return 0;
}

void why_done(struct why *w)
{
	free(w->items);
	arena_done(&w->strings);
	*w = (struct why){ 0 };
}

/* One module that is being looked at. */
struct subject {
	const struct why_query *q;
	const struct candidate *c;
	const char *path;
	enum live_state state;
	struct why *found;
};

/* ---- already there ---- */

static int tell_state(struct subject *s)
{
	if (s->state == LIVE_LIVE)
		return why_add(s->found, WHY_NOTE, "state", "loaded", NULL,
			       "loaded already: nothing would be done, options would not be applied");
	if (s->state == LIVE_COMING)
		return why_add(s->found, WHY_OBSTACLE, "state", "coming", NULL, "being loaded at this moment");
	if (s->state == LIVE_GOING)
		return why_add(s->found, WHY_OBSTACLE, "state", "going", NULL, "being unloaded at this moment");
	if (s->c->builtin || catalog_is_builtin(s->q->world->catalog, s->c->name))
		return why_add(s->found, WHY_NOTE, "state", "builtin", NULL,
			       "built into the kernel: always there; its parameters go on the kernel command line as %s.NAME=VALUE",
			       s->c->name);
	return why_add(s->found, WHY_FACT, "state", "not-loaded", NULL, "not loaded");
}

static int tell_users(struct subject *s)
{
	const struct users_query q = {
		.root = s->q->root,
		.catalog = s->q->world->catalog,
		.module = s->c->name,
		.diag = s->q->diag,
	};
	_cleanup_users_ struct users u = { 0 };
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = s->state == LIVE_ABSENT ? -ENOENT : users_read(&q, &u);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; i < u.n && r >= 0; i++) {
		buf_clear(&text);
		user_describe(&u.items[i], &text);
		r = why_add(s->found, WHY_FACT, "users", user_kind_name(u.items[i].kind), NULL, "%s", buf_str(&text));
	}
	return r;
}

/* ---- what the administrator wants ---- */

static int tell_blacklist(struct subject *s)
{
	const struct policy_entry *e = policy_blacklist(s->q->world->policy, s->c->name);

	if (!e)
		return 0;
	if (s->c->alias)
		return why_add(s->found, WHY_OBSTACLE, "policy", "blacklisted", e,
			       "blacklisted: not loaded for an alias by modprobe -b, udev and the kernel; `modprobe %s` still loads it",
			       s->c->name);
	return why_add(s->found, WHY_NOTE, "policy", "blacklisted", e,
		       "blacklisted: not loaded for its aliases, but still by its name and as a dependency");
}

/* A softdep that leads to any module makes modprobe forget the install command. */
static bool is_cancelled(struct subject *s)
{
	_cleanup_candidates_ struct candidates pre = { 0 }, post = { 0 };

	return order_soft(s->q->world, POLICY_SOFTDEP, s->c->name, &pre, &post) >= 0 && pre.n + post.n > 0;
}

static int tell_commands(struct subject *s)
{
	const struct policy *p = s->q->world->policy;
	const struct policy_entry *install = policy_match(p, POLICY_INSTALL, s->c->name);
	const struct policy_entry *remove = policy_match(p, POLICY_REMOVE, s->c->name);
	int r = 0;

	if (install && is_cancelled(s))
		r = why_add(s->found, WHY_NOTE, "policy", "install-cancelled", install,
			    "this install command is not run, because the module has a softdep: %s", install->value);
	else if (install)
		r = why_add(s->found, WHY_NOTE, "policy", "install-command", install,
			    "modprobe runs a command instead of loading it: %s", install->value);
	if (r >= 0 && remove)
		r = why_add(s->found, WHY_NOTE, "policy", "remove-command", remove,
			    "modprobe -r runs a command instead of unloading it: %s", remove->value);
	return r;
}

static int tell_softdeps(struct subject *s)
{
	static const enum policy_kind kinds[] = { POLICY_SOFTDEP, POLICY_WEAKDEP };
	int r = 0;

	for (size_t i = 0; i < ELEMENTSOF(kinds) && r >= 0; i++) {
		const struct policy_entry *e = policy_match(s->q->world->policy, kinds[i], s->c->name);
		_cleanup_buf_ struct buf text = BUF_INIT;

		if (!e)
			continue;
		policy_format_deps(e, &text);
		r = why_add(s->found, WHY_NOTE, "policy", policy_kind_name(kinds[i]), e, "%s %s",
			    policy_kind_name(kinds[i]), buf_str(&text));
	}
	return r;
}

/* ---- may this process load anything? ---- */

static int tell_process(struct subject *s)
{
	_cleanup_lockstate_ struct lockstate l = { 0 };
	const struct policy_entry cmdline = { .file = "/proc/cmdline" };
	int r = lockstate_read(s->q->root, &l);

	if (r >= 0 && lockstate_is_blacklisted(&l, s->c->name))
		r = why_add(s->found, WHY_OBSTACLE, "policy", "denied-by-kernel", &cmdline,
			    "the kernel refuses it: module_blacklist= on the kernel command line names it");
	if (r >= 0 && l.modules_disabled == LOCK_YES)
		r = why_add(s->found, WHY_OBSTACLE, "process", "modules-disabled", NULL,
			    "no module can be loaded until the next boot: kernel.modules_disabled is 1");
	if (r >= 0 && l.in_user_namespace == LOCK_YES)
		r = why_add(s->found, WHY_OBSTACLE, "process", "user-namespace", NULL,
			    "this process is in a user namespace (a container): load the module on the host");
	if (r >= 0 && l.cap_sys_module == LOCK_NO)
		r = why_add(s->found, WHY_OBSTACLE, "process", "no-capability", NULL,
			    "this process lacks CAP_SYS_MODULE: be root, and outside of a container");
	return r < 0 ? r : why_file(s->q, s->c->name, s->path, s->found);
}

/* ---- what it needs, what it gets ---- */

static int tell_needs(struct subject *s)
{
	struct plan_modules needs = { 0 };
	int r = world_dependencies(s->q->world, s->c->name, &needs);

	for (size_t i = 0; i < needs.n && r >= 0; i++) {
		const struct plan_module *m = &needs.items[i];
		enum live_state state = world_state(s->q->world, m->name);

		if (state != LIVE_ABSENT)
			r = why_add(s->found, WHY_FACT, "needs", "dependency", NULL, "%s (loaded)", m->name);
		else if (m->path && root_exists(s->q->root, m->path))
			r = why_add(s->found, WHY_FACT, "needs", "dependency", NULL, "%s (not loaded)", m->name);
		else
			r = why_add(s->found, WHY_OBSTACLE, "needs", "dependency-missing", NULL,
				    "%s, whose file %s does not exist: run depmod", m->name, m->path ? m->path : "");
	}
	plan_modules_done(&needs);
	return r;
}

static int tell_options(struct subject *s)
{
	const struct policy *p = s->q->world->policy;
	const struct options_query q = {
		.root = s->q->root,
		.policy = p,
		.name = s->c->name,
		.alias = s->c->alias,
		.path = s->path,
		.given = "",
	};
	_cleanup_strv_ struct strv lines = { 0 };
	int r = 0;

	for (size_t i = 0; i < policy_count(p, POLICY_OPTIONS) && r >= 0; i++) {
		const struct policy_entry *e = policy_get(p, POLICY_OPTIONS, i);

		if (strcmp(e->name, s->c->name) == 0 || (s->c->alias && strcmp(e->name, s->c->alias) == 0))
			r = why_add(s->found, WHY_FACT, "options", "option", e, "%s", e->value);
	}
	if (r >= 0 && s->path)
		r = options_check(&q, &lines);
	for (size_t i = 0; i < lines.n && r >= 0; i++)
		r = why_add(s->found, WHY_NOTE, "options", "option-wrong", NULL, "%s", lines.items[i]);
	return r;
}

int why_module(const struct why_query *q, const struct candidate *c, struct why *ret)
{
	static int (*const steps[])(struct subject *) = {
		tell_state, tell_blacklist, tell_commands, tell_softdeps, tell_process, tell_needs, tell_options, tell_users,
	};
	_cleanup_why_ struct why found = { 0 };
	_cleanup_free_ char *path = NULL;
	struct subject s = { .q = q, .c = c, .state = world_state(q->world, c->name), .found = &found };
	int r = c->path ? 0 : world_path(q->world, c->name, &path);

	s.path = c->path ? c->path : path;
	for (size_t i = 0; i < ELEMENTSOF(steps) && r >= 0; i++)
		r = steps[i](&s);
	if (r < 0)
		return r;
	*ret = found;
	found = (struct why){ 0 };
	return 0;
}

void why_json(const struct why *w, const char *key, struct json *j)
{
	static const char *const weights[] = { [WHY_FACT] = "fact", [WHY_NOTE] = "note", [WHY_OBSTACLE] = "obstacle" };

	json_array(j, key);
	for (size_t i = 0; i < w->n; i++) {
		const struct why_finding *f = &w->items[i];

		json_object(j, NULL);
		json_str(j, "topic", f->topic);
		json_str(j, "code", f->code);
		json_str(j, "weight", weights[f->weight]);
		json_str(j, "text", f->text);
		json_str(j, "file", f->file);
		f->line ? json_int(j, "line", f->line) : json_null(j, "line");
		json_end(j);
	}
	json_end(j);
}
