// SPDX-License-Identifier: MIT
#include "verb/report/deviations.h"

#include <errno.h>
#include <stdlib.h>

#include "base/oom.h"
#include "system/module.h"

struct reader {
	struct sys *sys;
	const struct running *running;
	struct deviations *to;
};

/* ---- one parameter ---- */

/* The stated default, compared with what the kernel shows: 1 the same, 0 another, -EINVAL not known. */
static int has_default(const struct params_item *p, const char *stated)
{
	return stated && p->live && p->live->value ? params_same_value(p->type, stated, p->live->value) : -EINVAL;
}

static int copy(struct arena *strings, const char *text, const char **ret)
{
	*ret = text ? arena_str(strings, text) : NULL;
	return text && !*ret ? -ENOMEM : 0;
}

static int add(struct deviations *to, const char *module, const struct params_item *p, const char *stated)
{
	struct deviation *d;

	if (to->n == DEVIATIONS_MAX) {
		to->left_out++;
		return 0;
	}
	if (vec_room(&to->items, to->n, &to->cap) < 0)
		return -ENOMEM;
	d = &to->items[to->n++];
	*d = (struct deviation){ .name = arena_strn(&to->strings, p->name, p->name_len),
				 .is_configured = p->origin != NULL,
				 .line = p->origin ? p->origin->line : 0,
				 .effect = p->effect };
	if (!d->name || copy(&to->strings, module, &d->module) < 0 || copy(&to->strings, p->type, &d->type) < 0 ||
	    copy(&to->strings, p->description, &d->description) < 0 ||
	    copy(&to->strings, p->live ? p->live->value : NULL, &d->current) < 0 ||
	    copy(&to->strings, stated, &d->stated) < 0 || copy(&to->strings, p->configured, &d->configured) < 0 ||
	    copy(&to->strings, p->origin ? p->origin->file : NULL, &d->file) < 0)
		return -ENOMEM;
	return 0;
}

static int look_at(struct deviations *to, const char *module, const struct params_item *p)
{
	_cleanup_free_ char *stated = NULL;
	size_t n = 0;
	const char *at = params_stated_default(p, &n);
	int same;

	to->n_looked_at++;
	if (at) {
		stated = strndup(at, n);
		if (!stated)
			return -ENOMEM;
	}
	same = has_default(p, stated);
	if (same == 0 || (p->origin && (same < 0 || p->effect == PARAMS_NOT_IN_EFFECT)))
		return add(to, module, p, stated);
	to->n_unstated += same < 0;
	return 0;
}

/* ---- modules ---- */

static int explain(const struct reader *r, const char *name, bool builtin, const struct parameters *declared)
{
	_cleanup_settings_ struct settings live = { 0 };
	_cleanup_params_ struct params params = { 0 };
	const struct params_query q = {
		.module = name, .builtin = builtin, .declared = declared, .live = &live, .policy = r->running->policy
	};
	int e = settings_read(&r->sys->root, name, &live);

	if (e == 0)
		e = params_explain(&q, &params);
	for (size_t i = 0; e == 0 && i < params.n; i++)
		e = look_at(r->to, name, &params.items[i]);
	return e;
}

/* path NULL: built in, or without a file. */
static int read_module(const struct reader *r, const char *name, const char *path, bool builtin)
{
	_cleanup_modinfo_subject_ struct modinfo_subject facts = { 0 };
	int e = !path && !builtin ?
			-ENOENT :
			modinfo_subject_read(&r->sys->root, r->running->catalog, name, path, NULL, NULL, &facts);

	if (e == -ENOMEM)
		return e;
	r->to->n_unread += e < 0;
	return explain(r, name, builtin, &facts.parameters);
}

/* Modules in the kernel that its command line sets parameters of. */
static int read_builtin(const struct reader *r)
{
	const struct policy *p = r->running->policy;
	_cleanup_strv_ struct strv seen = { 0 };
	int e = 0;

	for (size_t i = 0; e == 0 && i < policy_count(p, POLICY_OPTIONS); i++) {
		const struct policy_entry *o = policy_get(p, POLICY_OPTIONS, i);

		if (o->line != 0 || strv_has(&seen, o->name) || !catalog_is_builtin(r->running->catalog, o->name))
			continue;
		e = strv_add(&seen, o->name);
		if (e == 0)
			e = read_module(r, o->name, NULL, true);
	}
	return e;
}

int deviations_read(struct sys *sys, const struct running *running, const struct loaded *loaded, struct deviations *ret)
{
	const struct reader reader = { sys, running, ret };
	int r = 0;

	*ret = (struct deviations){ 0 };
	for (size_t i = 0; r == 0 && i < loaded->n; i++)
		r = read_module(&reader, loaded->items[i].live->name, loaded->items[i].path, false);
	if (r == 0)
		r = read_builtin(&reader);
	if (r < 0)
		deviations_done(ret);
	return r;
}

void deviations_done(struct deviations *d)
{
	free(d->items);
	arena_done(&d->strings);
	*d = (struct deviations){ 0 };
}
