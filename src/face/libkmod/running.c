// SPDX-License-Identifier: MIT
/* Modules in the running kernel: state, sections, holders, loading and unloading. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "read/kernel/live.h"
#include "read/kernel/sections.h"
#include "face/libkmod/module.h"
#include "act/load/insert.h"
#include "act/load/remove.h"
#include "act/load/run.h"
#include "decide/plan/order.h"

/* ---- state ---- */

KMOD_EXPORT const char *kmod_module_initstate_str(enum kmod_module_initstate state)
{
	switch (state) {
	case KMOD_MODULE_BUILTIN:
		return "builtin";
	case KMOD_MODULE_LIVE:
		return "live";
	case KMOD_MODULE_COMING:
		return "coming";
	case KMOD_MODULE_GOING:
		return "going";
	default:
		return NULL;
	}
}

KMOD_EXPORT int kmod_module_get_initstate(const struct kmod_module *mod)
{
	enum live_state state;
	int r;

	if (!mod)
		return -ENOENT;
	if (mod->from_builtin || (!mod->from_path && catalog_is_builtin(ctx_catalog(mod->ctx), mod->name)))
		return KMOD_MODULE_BUILTIN;
	r = live_state_of(&mod->ctx->sys.root, mod->name, &state);
	if (r < 0)
		return r;
	return state == LIVE_ABSENT ? -ENOENT : (int)state;
}

KMOD_EXPORT int kmod_module_get_refcnt(const struct kmod_module *mod)
{
	int refcnt, r;

	if (!mod)
		return -ENOENT;
	r = live_refcnt_of(&mod->ctx->sys.root, mod->name, &refcnt);
	return r < 0 ? r : refcnt;
}

KMOD_EXPORT long kmod_module_get_size(const struct kmod_module *mod)
{
	int64_t size;
	int r;

	if (!mod)
		return -ENOENT;
	r = live_size_of(&mod->ctx->sys.root, mod->name, &size);
	return r < 0 ? r : (long)size;
}

static int list_names(struct kmod_ctx *ctx, const struct strv *names, struct kmod_list **ret)
{
	_cleanup_module_list_ struct kmod_list *list = NULL;

	for (size_t i = 0; i < names->n; i++) {
		struct kmod_module *m;
		int r = module_get(ctx, names->items[i], NULL, &m);

		if (r == 0)
			r = module_list_take(&list, m);
		if (r < 0)
			return r;
	}
	*ret = take_ptr(list);
	return 0;
}

KMOD_EXPORT struct kmod_list *kmod_module_get_holders(const struct kmod_module *mod)
{
	_cleanup_strv_ struct strv names = { 0 };
	struct kmod_list *list = NULL;
	int r;

	if (!mod)
		return NULL;
	r = live_holders_of(&mod->ctx->sys.root, mod->name, &names);
	if (r < 0) {
		ctx_log(mod->ctx, LOG_ERR, "libkmod.holders", "could not open '/sys/module/%s/holders': %s", mod->name,
			strerror(-r));
		return NULL;
	}
	return list_names(mod->ctx, &names, &list) < 0 ? NULL : list;
}

KMOD_EXPORT int kmod_module_new_from_loaded(struct kmod_ctx *ctx, struct kmod_list **list)
{
	_cleanup_(live_free_p) struct live *live = NULL;
	_cleanup_module_list_ struct kmod_list *all = NULL;
	int r;

	if (!ctx || !list)
		return -ENOENT;
	r = live_read(&ctx->sys.root, &ctx->sys.diag, &live);
	for (size_t i = 0; r == 0 && i < live_count(live); i++) {
		struct kmod_module *m;

		r = module_get(ctx, live_get(live, i)->name, NULL, &m);
		if (r == 0)
			r = module_list_take(&all, m);
	}
	if (r < 0)
		return r;
	*list = take_ptr(all);
	return 0;
}

/* ---- sections ---- */

KMOD_EXPORT struct kmod_list *kmod_module_get_sections(const struct kmod_module *mod)
{
	_cleanup_(sections_done) struct sections found = { 0 };
	struct kmod_list *list = NULL;

	if (!mod || sections_read(&mod->ctx->sys.root, mod->name, &mod->ctx->sys.diag, &found) < 0)
		return NULL;
	for (size_t i = 0; i < found.n; i++) {
		struct section *s = malloc(sizeof(*s));

		if (!s || list_append(&list, s) < 0) {
			free(s);
			kmod_module_section_free_list(list);
			return NULL;
		}
		*s = found.items[i];
		found.items[i].name = NULL;
	}
	return list;
}

KMOD_EXPORT const char *kmod_module_section_get_name(const struct kmod_list *entry)
{
	return entry ? ((const struct section *)entry->data)->name : NULL;
}

KMOD_EXPORT unsigned long kmod_module_section_get_address(const struct kmod_list *entry)
{
	return entry ? (unsigned long)((const struct section *)entry->data)->address : ULONG_MAX;
}

static void free_section(void *data)
{
	struct section *s = data;

	free(s->name);
	free(s);
}

KMOD_EXPORT void kmod_module_section_free_list(struct kmod_list *list)
{
	list_free(list, free_section);
}

/* ---- loading and unloading ---- */

KMOD_EXPORT int kmod_module_insert_module(struct kmod_module *mod, unsigned int flags, const char *options)
{
	const char *path;

	if (!mod)
		return -ENOENT;
	path = kmod_module_get_path(mod);
	if (!path) {
		ctx_log(mod->ctx, LOG_ERR, "libkmod.no-path", "could not find module by name='%s'", mod->name);
		return -ENOENT;
	}
	return insert_module(&mod->ctx->sys, path, options, flags);
}

KMOD_EXPORT int kmod_module_remove_module(struct kmod_module *mod, unsigned int flags)
{
	struct remove_options o = { .force = flags & KMOD_REMOVE_FORCE };
	int r;

	if (!mod)
		return -ENOENT;
	r = remove_module(&mod->ctx->sys, mod->name, &o);
	if (r < 0 && !(flags & KMOD_REMOVE_NOLOG))
		ctx_log(mod->ctx, LOG_ERR, "libkmod.remove", "could not remove '%s': %s", mod->name, strerror(-r));
	return r;
}

/* Adapts the caller's callbacks, which take module objects, to the runner's, which take steps. */
struct probe {
	struct kmod_module *mod;
	int (*run_install)(struct kmod_module *m, const char *cmdline, void *data);
	void *data;
	void (*print_action)(struct kmod_module *m, bool install, const char *options);
	int answer; /* above 0: the result of run_install in the last step that matters */
};

static int step_module(const struct probe *p, const struct plan_step *s, struct kmod_module **ret)
{
	if (s->reason == PLAN_REQUESTED) {
		*ret = kmod_module_ref(p->mod);
		return 0;
	}
	if (s->alias)
		return module_get(p->mod->ctx, s->name, s->alias, ret);
	return module_get_with_path(p->mod->ctx, s->name, s->path, ret);
}

static void probe_starting(void *data, const struct plan_step *s)
{
	_cleanup_module_ struct kmod_module *m = NULL;
	struct probe *p = data;

	if (s->vital)
		p->answer = 0;
	if (p->print_action && step_module(p, s, &m) == 0)
		p->print_action(m, s->action == PLAN_INSTALL_COMMAND, s->options);
}

static int probe_command(void *data, const struct plan_step *s, const char *command)
{
	_cleanup_module_ struct kmod_module *m = NULL;
	struct probe *p = data;
	int r = step_module(p, s, &m);

	if (r == 0)
		r = p->run_install(m, command, p->data);
	if (s->vital)
		p->answer = r;
	return r;
}

/* The flag that denied it is also the return value. */
static int denied_by(const struct kmod_module *mod, unsigned flags)
{
	if ((flags & KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY) && mod->alias)
		return KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY;
	if (flags & KMOD_PROBE_APPLY_BLACKLIST_ALL)
		return KMOD_PROBE_APPLY_BLACKLIST_ALL;
	return KMOD_PROBE_APPLY_BLACKLIST;
}

static int probe_run(struct probe *p, const struct plan *plan, unsigned flags, const struct live_view *live)
{
	struct run run = {
		.sys = &p->mod->ctx->sys,
		.live = live,
		.insert_flags = flags & (KMOD_PROBE_FORCE_VERMAGIC | KMOD_PROBE_FORCE_MODVERSION),
		.dry_run = flags & KMOD_PROBE_DRY_RUN,
		.ignore_loaded = flags & KMOD_PROBE_IGNORE_LOADED,
		.fail_on_loaded = flags & KMOD_PROBE_FAIL_ON_LOADED,
		.starting = probe_starting,
		.run_command = p->run_install ? probe_command : NULL,
		.data = p,
	};
	int r = run_load(&run, plan, &plan->requests[0]);

	return r == 0 && p->answer > 0 ? p->answer : r;
}

KMOD_EXPORT int
kmod_module_probe_insert_module(struct kmod_module *mod, unsigned int flags, const char *extra_options,
				int (*run_install)(struct kmod_module *m, const char *cmdline, void *data),
				const void *data,
				void (*print_action)(struct kmod_module *m, bool install, const char *options))
{
	const struct order_options o = {
		.extra = extra_options,
		.ignore_commands = flags & KMOD_PROBE_IGNORE_COMMAND,
		.ignore_loaded = flags & KMOD_PROBE_IGNORE_LOADED,
		.deny_by_alias = flags & KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY,
		.deny = flags & (KMOD_PROBE_APPLY_BLACKLIST | KMOD_PROBE_APPLY_BLACKLIST_ALL),
		.deny_all = flags & KMOD_PROBE_APPLY_BLACKLIST_ALL,
	};
	struct probe p = { mod, run_install, (void *)(uintptr_t)data, print_action, 0 };
	_cleanup_plan_ struct plan plan = { 0 };
	struct candidate c;
	struct live_view live;
	struct plan_world w;
	int r;

	if (!mod)
		return -ENOENT;
	c = (struct candidate){ .name = mod->name,
				.alias = mod->alias,
				.path = mod->from_path ? mod->path : NULL,
				.builtin = mod->from_builtin };
	w = module_world(mod->ctx, &live);
	r = flags & KMOD_PROBE_DRY_RUN ? 0 : policy_check(w.policy, w.diag);
	if (r >= 0)
		r = order_load(&w, &c, &o, &plan);
	if (r < 0)
		return r;
	switch (plan.requests[0].verdict) {
	case PLAN_GO:
		return probe_run(&p, &plan, flags, &live);
	case PLAN_DENIED:
		return denied_by(mod, flags);
	default:
		return flags & KMOD_PROBE_FAIL_ON_LOADED ? -EEXIST : 0;
	}
}
