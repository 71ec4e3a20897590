// SPDX-License-Identifier: MIT
/* What kmodctl reload must know before it touches anything, and what it checks afterwards. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "read/image/facts.h"
#include "decide/plan/unload.h"
#include "read/index/similar.h"
#include "system/module.h"
#include "verb/params/check.h"
#include "verb/reload/reload.h"
#include "system/sys.h"

/* Drivers may probe their devices in the background. */
#define WAIT_STEPS 40
#define WAIT_STEP_NS 50000000

/* ---- obstacles ---- */

static int add_obstacle(struct reload *x, struct buf *line)
{
	char *text = buf_steal(line);

	return text && strv_take(&x->obstacles, text) >= 0 ? 0 : -ENOMEM;
}

static int holders_of(const struct users *u)
{
	int n = 0;

	for (size_t i = 0; i < u->n; i++)
		n += u->items[i].kind == USER_HOLDER && u->items[i].references;
	return n;
}

static int note_interface(struct reload *x, const struct user *u)
{
	return u->kind == USER_INTERFACE && u->up ? strv_add(&x->interfaces, u->name) : 0;
}

/* Uses of one module that do not end by removing other modules. */
static int note_uses(struct reload *x, const char *name, const struct users *u)
{
	_cleanup_buf_ struct buf line = BUF_INIT;
	const bool used = u->refcnt > holders_of(u);

	for (size_t i = 0; i < u->n; i++) {
		const struct user *k = &u->items[i];

		if (note_interface(x, k) < 0)
			return -ENOMEM;
		if (k->kind == USER_HOLDER || !k->references || !used)
			continue;
		buf_addf(&line, "%s is used by ", name);
		user_describe(k, &line);
		if (add_obstacle(x, &line) < 0)
			return -ENOMEM;
	}
	if (u->unexplained) {
		buf_addf(&line, "%s is used by something that cannot be seen (%u of %lld references)", name,
			 u->unexplained, (long long)u->refcnt);
		return add_obstacle(x, &line);
	}
	return 0;
}

static struct users_query query(const struct reload *x, const char *name)
{
	return (struct users_query){
		.root = &x->sys->root,
		.catalog = x->running->catalog,
		.module = name,
		.diag = &x->sys->diag,
	};
}

static int judge_module(struct reload *x, const char *name)
{
	const struct users_query q = query(x, name);
	_cleanup_users_ struct users u = { 0 };
	_cleanup_buf_ struct buf line = BUF_INIT;
	int r = users_read(&q, &u);

	if (r < 0)
		return r;
	if (u.permanent) {
		buf_addf(&line, "%s has no exit function and cannot be unloaded", name);
		r = add_obstacle(x, &line);
	}
	return r < 0 ? r : note_uses(x, name, &u);
}

/* The module and all its holders, to any depth. */
static int find_obstacles(struct reload *x, const char *name)
{
	const struct users_query q = query(x, name);
	_cleanup_users_ struct users u = { 0 };
	int r = users_read(&q, &u);

	if (r >= 0)
		r = judge_module(x, name);
	for (size_t i = 0; i < u.n && r >= 0; i++)
		if (u.items[i].kind == USER_HOLDER)
			r = judge_module(x, u.items[i].name);
	return r;
}

/* ---- what the modules are like ---- */

static bool is_plain_type(const char *type)
{
	static const char *const types[] = {
		"bool", "invbool", "byte",   "short",  "ushort", "int",    "uint",
		"long", "ulong",   "ullong", "hexint", "charp",  "string",
	};
	const char *element = type && strncmp(type, "array of ", 9) == 0 ? type + 9 : type;

	for (size_t i = 0; element && i < ELEMENTSOF(types); i++)
		if (strcmp(element, types[i]) == 0)
			return true;
	return false;
}

/*
 * Does the module have functions of its own for the parameter (module_param_call)? Those may not accept what they
 * show, or anything at all.
 */
static bool has_own_functions(const struct elf *e, const char *name)
{
	const struct elf_section *strtab = elf_find(e, ".strtab");
	_cleanup_buf_ struct buf symbol = BUF_INIT;
	struct span names;

	buf_addf(&symbol, "__param_ops_%s", name);
	if (buf_error(&symbol) || !strtab || elf_bytes(e, strtab, &names) < 0)
		return true;
	return memmem(names.p, names.n, symbol.p, symbol.n + 1) != NULL;
}

/* An empty array and a string that was never set cannot be written. */
static bool can_restore(const struct elf *e, const struct parameter *p, const struct setting *s)
{
	const char *value = s->value;

	if (!value || !*value || !is_plain_type(p->type) || strpbrk(value, "\"\n") || strcmp(value, "(null)") == 0)
		return false;
	return parameter_check(p, value, strlen(value)) == 0 && !has_own_functions(e, s->name);
}

static int describe_parameters(struct reload_module *m, const struct elf *e, const struct parameters *known)
{
	int r = 0;

	for (size_t i = 0; i < known->n && r >= 0; i++) {
		const struct parameter *p = &known->items[i];
		_cleanup_free_ char *name = strndup(p->name, p->name_len);
		const struct setting *s = name ? settings_find(&m->before, name) : NULL;

		if (!name)
			return -ENOMEM;
		if (!s || !s->value)
			r = strv_add(&m->unknown, name);
		else if (can_restore(e, p, s))
			r = strv_add(&m->restorable, s->name);
	}
	return r;
}

int reload_differences(const struct reload_module *m, const struct settings *now, struct strv *ret)
{
	for (size_t i = 0; i < m->restorable.n; i++) {
		const struct setting *a = settings_find(&m->before, m->restorable.items[i]);
		const struct setting *b = settings_find(now, m->restorable.items[i]);
		_cleanup_buf_ struct buf option = BUF_INIT;

		if (!b || !b->value || strcmp(a->value, b->value) == 0)
			continue;
		buf_addf(&option, "%s=%s", a->name, a->value);
		if (buf_error(&option) || strv_add(ret, buf_str(&option)) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* A name or value that the module does not take is noticed before anything is unloaded for it. */
static int check_given(struct reload *x, const struct reload_module *m, const struct modinfo_subject *subject)
{
	if (!x->given || !*x->given || m->removal->reason != PLAN_REQUESTED)
		return 0;
	return options_check_known(m->name, &subject->parameters, &subject->elf, x->given, &x->obstacles);
}

static int read_module(struct reload *x, struct reload_module *m)
{
	_cleanup_(scratch_free_p) struct scratch *scratch = scratch_new();
	_cleanup_modinfo_subject_ struct modinfo_subject subject = { 0 };
	_cleanup_free_ char *path = NULL;
	int r = scratch ? settings_read(&x->sys->root, m->name, &m->before) : -ENOMEM;

	if (r >= 0)
		r = bound_devices_read(&x->sys->root, m->name, &m->devices);
	if (r >= 0)
		r = world_path(&x->running->world, m->name, &path);
	if (r >= 0 && !path) {
		sys_error(x->sys, "reload.no-file", "%s is loaded, but no file is installed to load it from again",
			  m->name);
		return -ENOENT;
	}
	if (r >= 0)
		r = modinfo_subject_read(&x->sys->root, x->running->catalog, m->name, path, scratch, &x->sys->diag,
					 &subject);
	if (r >= 0)
		r = check_given(x, m, &subject);
	return r < 0 ? r : describe_parameters(m, &subject.elf, &subject.parameters);
}

/* Holders and the module itself; what would be unloaded only because it is then unused may stay. */
static bool is_reloaded(const struct plan_step *s)
{
	return s->reason == PLAN_REQUESTED || s->reason == PLAN_HOLDER;
}

static int read_modules(struct reload *x)
{
	int r = 0;

	x->modules = calloc(x->plan.n + 1, sizeof(*x->modules));
	if (!x->modules)
		return -ENOMEM;
	for (size_t i = 0; i < x->plan.n && r >= 0; i++) {
		const struct plan_step *s = &x->plan.steps[i];

		if (!is_reloaded(s))
			continue;
		x->modules[x->n] = (struct reload_module){ .name = s->name, .removal = s };
		r = read_module(x, &x->modules[x->n++]);
	}
	return r;
}

static int plan_removal(struct reload *x, const char *name)
{
	const struct unload_options o = { .asked = name, .holders = true, .by_name = true };
	_cleanup_candidates_ struct candidates found = { 0 };
	_cleanup_buf_ struct buf line = BUF_INIT;
	const struct plan_request *request;
	int r = resolve_literal(name, &found);

	if (r >= 0)
		r = unload_module(&x->running->world, &found.items[0], &o, &x->plan);
	if (r < 0)
		return r;
	request = &x->plan.requests[0];
	if (request->verdict == PLAN_GO)
		return 0;
	buf_addf(&line, "%s cannot be unloaded: %s", request->blocker ? request->blocker : name,
		 plan_verdict_name(request->verdict));
	return add_obstacle(x, &line);
}

int reload_prepare(struct reload *x, const char *name)
{
	_cleanup_buf_ struct buf hint = BUF_INIT;
	int r = find_obstacles(x, name);

	if (r == -ENOENT && similar_hint(x->running->catalog, name, &hint) >= 0)
		sys_error(x->sys, "reload.not-loaded", "Module %s is not loaded%s", name, buf_str(&hint));
	else if (r >= 0 && !x->obstacles.n) {
		r = plan_removal(x, name);
		if (r >= 0 && !x->obstacles.n)
			r = read_modules(x);
	}
	if (r < 0 && r != -ENOENT)
		sys_error(x->sys, "reload.read", "could not examine %s: %s", name, users_strerror(r));
	return r;
}

void reload_done(struct reload *x)
{
	for (size_t i = 0; i < x->n; i++) {
		settings_done(&x->modules[i].before);
		strv_done(&x->modules[i].unknown);
		bound_devices_done(&x->modules[i].devices);
		strv_done(&x->modules[i].restorable);
	}
	free(x->modules);
	plan_done(&x->plan);
	strv_done(&x->interfaces);
	strv_done(&x->obstacles);
}

/* ---- afterwards ---- */

static bool is_up(const struct interfaces *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->items[i].name, name) == 0)
			return all->items[i].up;
	return false;
}

static int add_line(struct strv *lines, struct buf *line)
{
	char *text = buf_steal(line);

	return text && strv_take(lines, text) >= 0 ? 0 : -ENOMEM;
}

static int lost_devices(const struct reload *x, struct strv *lines)
{
	_cleanup_buf_ struct buf line = BUF_INIT;

	for (size_t i = 0; i < x->n; i++)
		for (size_t k = 0; k < x->modules[i].devices.n; k++) {
			const struct bound_device *d = &x->modules[i].devices.items[k];

			if (bound_device_is_bound(&x->sys->root, d))
				continue;
			buf_addf(&line, "device %s (%s) was bound to %s and has no driver now", d->name, d->bus,
				 d->driver);
			if (add_line(lines, &line) < 0)
				return -ENOMEM;
		}
	return 0;
}

static int lost_interfaces(const struct reload *x, struct strv *lines)
{
	_cleanup_interfaces_ struct interfaces all = { 0 };
	_cleanup_buf_ struct buf line = BUF_INIT;

	interfaces_read(&x->sys->root, &all);
	for (size_t i = 0; i < x->interfaces.n; i++) {
		if (is_up(&all, x->interfaces.items[i]))
			continue;
		buf_addf(&line, "network interface %s was up and is not now", x->interfaces.items[i]);
		if (add_line(lines, &line) < 0)
			return -ENOMEM;
	}
	return 0;
}

int reload_find_losses(const struct reload *x, struct strv *lines)
{
	const struct timespec step = { .tv_nsec = WAIT_STEP_NS };

	for (int i = 0; i < WAIT_STEPS; i++) {
		if (lost_devices(x, lines) < 0)
			return -ENOMEM;
		if (!lines->n)
			break;
		if (i == WAIT_STEPS - 1)
			break;
		strv_done(lines);
		nanosleep(&step, NULL);
	}
	return lost_interfaces(x, lines);
}

static int compare(const struct reload_module *m, const struct settings *now, struct strv *lines)
{
	_cleanup_buf_ struct buf line = BUF_INIT;

	for (size_t i = 0; i < m->before.n; i++) {
		const struct setting *a = &m->before.items[i], *b = settings_find(now, a->name);

		if (!a->value || !b || !b->value || strcmp(a->value, b->value) == 0)
			continue;
		buf_addf(&line, "parameter %s of %s was %s and is %s", a->name, m->name, a->value, b->value);
		if (add_line(lines, &line) < 0)
			return -ENOMEM;
	}
	return 0;
}

int reload_find_changes(const struct reload *x, struct strv *lines)
{
	for (size_t i = 0; i < x->n; i++) {
		_cleanup_settings_ struct settings now = { 0 };
		int r = settings_read(&x->sys->root, x->modules[i].name, &now);

		if (r >= 0)
			r = compare(&x->modules[i], &now, lines);
		if (r < 0)
			return r;
	}
	return 0;
}
