// SPDX-License-Identifier: MIT
#include "verb/why/why.h"

#include <errno.h>
#include <string.h>

#include "read/conf/sysctl.h"
#include "verb/users/users.h"
#include "verb/why/parts.h"
#include "read/kernel/lockstate.h"

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

int why_fix(struct why *w, const char *fmt, ...)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	w->items[w->n - 1].fix = buf_error(&text) ? NULL : arena_str(&w->strings, buf_str(&text));
	return w->items[w->n - 1].fix ? 0 : -ENOMEM;
}

const struct why_finding *why_find(const struct why *w, const char *code)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->items[i].code, code) == 0)
			return &w->items[i];
	return NULL;
}

void why_done(struct why *w)
{
	free(w->items);
	arena_done(&w->strings);
	*w = (struct why){ 0 };
}

/* ---- already there ---- */

static int tell_passing(struct subject *s, const char *code, const char *text)
{
	int r = why_add(s->found, WHY_OBSTACLE, "state", code, NULL, "%s", text);

	if (r < 0)
		return r;
	return why_fix(s->found, "if it stays so, the module hangs: the kernel log and /proc/PID/stack of the process that does"
				 " it say where");
}

static int tell_state(struct subject *s)
{
	if (s->state == LIVE_LIVE)
		return why_add(s->found, WHY_NOTE, "state", "loaded", NULL,
			       "loaded already: nothing would be done, options would not be applied");
	if (s->state == LIVE_COMING)
		return tell_passing(s, "coming", "being loaded at this moment");
	if (s->state == LIVE_GOING)
		return tell_passing(s, "going", "being unloaded at this moment");
	if (s->builtin)
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

/* ---- may this process load anything? ---- */

static int tell_disabled(struct subject *s)
{
	struct sysctl_entry e = { 0 };
	int r = sysctl_find(s->q->root, "kernel.modules_disabled", &e);
	const struct policy_entry at = { .file = e.file, .line = e.line };

	if (r == -ENOMEM)
		return r;
	r = why_add(s->found, WHY_OBSTACLE, "process", "modules-disabled", e.file ? &at : NULL,
		    "no module can be loaded until the next boot: kernel.modules_disabled is 1");
	if (r >= 0)
		r = why_fix(s->found, "%shave the module loaded at boot before that is set (modules-load.d), and reboot",
			    e.file ? "remove the line or " : "");
	free(e.file);
	return r;
}

static int tell_process(struct subject *s)
{
	_cleanup_lockstate_ struct lockstate l = { 0 };
	const struct policy_entry cmdline = { .file = "/proc/cmdline" };
	int r = lockstate_read(s->q->root, &l);

	if (r >= 0 && lockstate_is_blacklisted(&l, s->c->name))
		r = why_add(s->found, WHY_OBSTACLE, "policy", "denied-by-kernel", &cmdline,
			    "the kernel refuses it: module_blacklist= on the kernel command line names it");
	if (r >= 0 && l.modules_disabled == LOCK_YES)
		r = tell_disabled(s);
	if (r >= 0 && l.in_user_namespace == LOCK_YES)
		r = why_add(s->found, WHY_OBSTACLE, "process", "user-namespace", NULL,
			    "this process is in a user namespace (a container): load the module on the host");
	if (r >= 0 && l.cap_sys_module == LOCK_NO)
		r = why_add(s->found, WHY_OBSTACLE, "process", "no-capability", NULL,
			    "this process lacks CAP_SYS_MODULE: be root, and outside of a container");
	return r;
}

static int tell_signature(struct subject *s)
{
	return s->src && s->q->signature ? s->q->signature(s->q->data, s->path, s->found) : 0;
}

/* ---- what it needs, what it gets ---- */

static int tell_missing(struct subject *s, const struct plan_module *m)
{
	int r = why_add(s->found, WHY_OBSTACLE, "needs", "dependency-missing", NULL, "it needs %s, whose file %s does not exist", m->name,
			m->path ? m->path : "");

	return r < 0 ? r : why_fix(s->found, "run depmod, or install the package again");
}

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
			r = tell_missing(s, m);
	}
	plan_modules_done(&needs);
	return r;
}

static int take_steps(struct subject *s)
{
	static int (*const steps[])(struct subject *) = {
		tell_state,  why_policy,  why_pulled,   tell_process, why_copies,  why_file,     why_packing, why_identity,
		tell_signature, tell_needs, why_symbols, why_versions, why_options, why_devices, why_firmware, tell_users,
	};
	int r = 0;

	for (size_t i = 0; i < ELEMENTSOF(steps) && r >= 0; i++)
		r = steps[i](s);
	return r;
}

int why_module(const struct why_query *q, const struct candidate *c, struct why *ret)
{
	_cleanup_why_ struct why found = { 0 };
	_cleanup_free_ char *path = NULL;
	struct subject s = {
		.q = q,
		.c = c,
		.state = world_state(q->world, c->name),
		.builtin = !c->path && (c->builtin || catalog_is_builtin(q->world->catalog, c->name)),
		.found = &found,
	};
	int r = c->path ? 0 : world_path(q->world, c->name, &path);

	s.path = c->path ? c->path : path;
	if (r >= 0)
		r = take_steps(&s);
	subject_close_file(&s);
	if (r < 0)
		return r;
	*ret = found;
	found = (struct why){ 0 };
	return 0;
}

/* ---- the answer ---- */

static const struct why_finding *first_of(const struct why *w, enum why_weight weight)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->items[i].weight == weight)
			return &w->items[i];
	return NULL;
}

int why_verdict(const struct why *w, const struct candidate *c, const char *asked, struct buf *into)
{
	const struct why_finding *obstacle = first_of(w, WHY_OBSTACLE), *trouble = first_of(w, WHY_TROUBLE);
	const char *is = why_find(w, "loaded") ? "is loaded" : why_find(w, "builtin") ? "is built into the kernel" : NULL;

	if (!c)
		return buf_addf(into, "%s is not found: %s", asked, obstacle ? obstacle->text : "");
	buf_addf(into, "%s ", c->name);
	if (obstacle)
		return buf_addf(into, "%s: %s", is ? "is loaded, but would not be again" : "would not be loaded", obstacle->text);
	buf_adds(into, is ? is : "would be loaded");
	return trouble ? buf_addf(into, ", but: %s", trouble->text) : buf_error(into);
}

void why_json(const struct why *w, const char *key, struct json *j)
{
	static const char *const weights[] = { [WHY_FACT] = "fact", [WHY_NOTE] = "note",
					       [WHY_TROUBLE] = "trouble", [WHY_OBSTACLE] = "obstacle" };

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
		json_str(j, "fix", f->fix);
		json_end(j);
	}
	json_end(j);
}
