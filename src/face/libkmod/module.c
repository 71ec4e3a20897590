// SPDX-License-Identifier: MIT
/* Module objects: making, finding, releasing, and their configuration. */
#include "face/libkmod/module.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/modname.h"
#include "read/kernel/live.h"
#include "system/live_sysfs.h"
#include "decide/plan/order.h"
#include "decide/plan/resolve.h"

/* A module keeps the file that it was made of, also as a dependency of others. */
static const char *file_in_context(const void *data, const char *name)
{
	const struct kmod_ctx *ctx = data;
	const struct kmod_module *mod = map_get(&ctx->modules, name);

	return mod && mod->from_path ? mod->path : NULL;
}

struct plan_world module_world(const struct kmod_ctx *ctx, struct live_view *live)
{
	*live = live_sysfs(&ctx->sys.root);
	return (struct plan_world){
		.catalog = ctx_catalog(ctx),
		.policy = ctx->policy,
		.live = live,
		.diag = &((struct kmod_ctx *)(uintptr_t)ctx)->sys.diag,
		.named_file = file_in_context,
		.named_data = ctx,
	};
}

/* ---- objects ---- */

static void module_free(struct kmod_module *mod)
{
	free(mod->key);
	free(mod->name);
	free(mod->alias);
	free(mod->path);
	free(mod->options);
	plan_modules_done(&mod->needs);
	free(mod);
}

DEFINE_CLEANUP(struct kmod_module *, module_free)

static int fill_module(struct kmod_module *mod, const char *key, const char *name, const char *alias)
{
	mod->refs = 1;
	mod->key = strdup(key);
	mod->name = strdup(name);
	mod->alias = alias ? strdup(alias) : NULL;
	return mod->key && mod->name && (!alias || mod->alias) ? 0 : -ENOMEM;
}

int module_get(struct kmod_ctx *ctx, const char *name, const char *alias, struct kmod_module **ret)
{
	_cleanup_(module_free_p) struct kmod_module *mod = NULL;
	_cleanup_buf_ struct buf key = BUF_INIT;
	struct kmod_module *known;

	buf_adds(&key, name);
	if (alias)
		buf_addf(&key, "\\%s", alias);
	if (buf_error(&key))
		return -ENOMEM;
	if (key.n >= PATH_MAX)
		return -ENAMETOOLONG;
	known = map_get(&ctx->modules, buf_str(&key));
	if (known) {
		*ret = kmod_module_ref(known);
		return 0;
	}
	mod = calloc(1, sizeof(*mod));
	if (!mod || fill_module(mod, buf_str(&key), name, alias) < 0 || map_put(&ctx->modules, mod->key, mod) < 0)
		return -ENOMEM;
	mod->ctx = kmod_ref(ctx);
	*ret = take_ptr(mod);
	return 0;
}

int module_get_with_path(struct kmod_ctx *ctx, const char *name, const char *path, struct kmod_module **ret)
{
	_cleanup_module_ struct kmod_module *mod = NULL;
	int r = module_get(ctx, name, NULL, &mod);

	if (r < 0)
		return r;
	if (!mod->path && path) {
		mod->path = strdup(path);
		if (!mod->path)
			return -ENOMEM;
	}
	*ret = take_ptr(mod);
	return 0;
}

KMOD_EXPORT struct kmod_module *kmod_module_ref(struct kmod_module *mod)
{
	if (mod)
		mod->refs++;
	return mod;
}

KMOD_EXPORT struct kmod_module *kmod_module_unref(struct kmod_module *mod)
{
	struct kmod_ctx *ctx;

	if (!mod || --mod->refs > 0)
		return mod;
	ctx = mod->ctx;
	map_remove(&ctx->modules, mod->key);
	module_free(mod);
	kmod_unref(ctx);
	return NULL;
}

/* ---- lists ---- */

int module_list_take(struct kmod_list **list, struct kmod_module *mod)
{
	int r = list_append(list, mod);

	if (r < 0)
		kmod_module_unref(mod);
	return r;
}

static void unref_entry(void *data)
{
	kmod_module_unref(data);
}

KMOD_EXPORT int kmod_module_unref_list(struct kmod_list *list)
{
	list_free(list, unref_entry);
	return 0;
}

KMOD_EXPORT struct kmod_module *kmod_module_get_module(const struct kmod_list *entry)
{
	return entry ? kmod_module_ref(entry->data) : NULL;
}

/* ---- making them ---- */

KMOD_EXPORT int kmod_module_new_from_name(struct kmod_ctx *ctx, const char *name, struct kmod_module **mod)
{
	char normal[MODNAME_MAX];
	int r;

	if (!ctx || !name || !mod)
		return -ENOENT;
	r = modname_normalize(name, normal);
	return r < 0 ? r : module_get(ctx, normal, NULL, mod);
}

/* The object adopts this file, unless it has another one. */
static int adopt_path(struct kmod_module *mod, char **path)
{
	if (mod->from_index)
		kmod_module_get_path(mod);
	if (mod->path && strcmp(mod->path, *path) != 0) {
		ctx_log(mod->ctx, LOG_ERR, "libkmod.other-path",
			"kmod_module '%s' already exists with different path: new-path='%s' old-path='%s'", mod->name,
			*path, mod->path);
		return -EEXIST;
	}
	if (!mod->path)
		mod->path = take_ptr(*path);
	mod->from_path = true;
	return 0;
}

KMOD_EXPORT int kmod_module_new_from_path(struct kmod_ctx *ctx, const char *path, struct kmod_module **mod)
{
	_cleanup_module_ struct kmod_module *m = NULL;
	_cleanup_free_ char *absolute = NULL;
	char name[MODNAME_MAX];
	struct stat st;
	int r;

	if (!ctx || !path || !mod)
		return -ENOENT;
	if (root_abspath(path, &absolute) < 0)
		return -ENOMEM;
	r = root_stat(&ctx->sys.root, absolute, &st);
	if (r < 0)
		return r;
	if (modname_from_path(absolute, name) < 0)
		return -ENOENT;
	r = module_get(ctx, name, NULL, &m);
	if (r == 0)
		r = adopt_path(m, &absolute);
	if (r < 0)
		return r;
	*mod = take_ptr(m);
	return 0;
}

static int candidate_module(struct kmod_ctx *ctx, const struct candidate *c, struct kmod_module **ret)
{
	int r = module_get(ctx, c->name, c->alias, ret);

	if (r < 0)
		return r;
	(*ret)->from_builtin |= c->builtin;
	(*ret)->from_index |= c->source == RESOLVE_NAME;
	return 0;
}

static int list_candidates(struct kmod_ctx *ctx, const struct candidates *found, struct kmod_list **ret)
{
	_cleanup_module_list_ struct kmod_list *list = NULL;

	for (size_t i = 0; i < found->n; i++) {
		struct kmod_module *m;
		int r = candidate_module(ctx, &found->items[i], &m);

		if (r == 0)
			r = module_list_take(&list, m);
		if (r < 0)
			return r;
	}
	*ret = take_ptr(list);
	return 0;
}

KMOD_EXPORT int kmod_module_new_from_lookup(struct kmod_ctx *ctx, const char *given_alias, struct kmod_list **list)
{
	_cleanup_candidates_ struct candidates found = { 0 };
	struct live_view live;
	struct plan_world w;
	int r;

	if (!ctx || !given_alias)
		return -ENOENT;
	if (!list || *list) {
		ctx_log(ctx, LOG_ERR, "libkmod.list-in-use", "An empty list is needed to create lookup");
		return -ENOSYS;
	}
	w = module_world(ctx, &live);
	r = resolve(&w, given_alias, &found);
	return r < 0 ? r : list_candidates(ctx, &found, list);
}

KMOD_EXPORT int kmod_module_new_from_name_lookup(struct kmod_ctx *ctx, const char *modname, struct kmod_module **mod)
{
	_cleanup_candidates_ struct candidates found = { 0 };
	struct live_view live;
	struct plan_world w;
	int r;

	if (!ctx || !modname || !mod)
		return -ENOENT;
	w = module_world(ctx, &live);
	r = resolve_name(&w, modname, &found);
	if (r == -EINVAL || r == -ENAMETOOLONG)
		return 0; /* no module can have that name */
	if (r < 0 || found.n == 0)
		return r;
	return candidate_module(ctx, &found.items[0], mod);
}

/* ---- name, path, options and commands ---- */

KMOD_EXPORT const char *kmod_module_get_name(const struct kmod_module *mod)
{
	return mod ? mod->name : NULL;
}

/* The ABI's const is about what the caller sees: the object remembers what it found. */
static struct kmod_module *memo(const struct kmod_module *mod)
{
	return (struct kmod_module *)(uintptr_t)mod;
}

KMOD_EXPORT const char *kmod_module_get_path(const struct kmod_module *mod)
{
	struct kmod_module *m = memo(mod);
	struct live_view live;
	struct plan_world w;

	if (!m)
		return NULL;
	if (m->path || m->path_known || m->from_builtin)
		return m->path;
	w = module_world(m->ctx, &live);
	m->path_known = world_path(&w, m->name, &m->path) == 0;
	return m->path;
}

KMOD_EXPORT const char *kmod_module_get_options(const struct kmod_module *mod)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct kmod_module *m = memo(mod);
	int found;

	if (!m)
		return NULL;
	if (m->options_known)
		return m->options;
	found = policy_options(m->ctx->policy, m->name, m->alias, &b);
	if (found > 0)
		m->options = buf_steal(&b);
	m->options_known = found >= 0;
	return m->options;
}

static const char *command_of(const struct kmod_module *mod, enum policy_kind kind)
{
	const struct policy_entry *e = mod ? policy_match(mod->ctx->policy, kind, mod->name) : NULL;

	return e ? e->value : NULL;
}

KMOD_EXPORT const char *kmod_module_get_install_commands(const struct kmod_module *mod)
{
	return command_of(mod, POLICY_INSTALL);
}

KMOD_EXPORT const char *kmod_module_get_remove_commands(const struct kmod_module *mod)
{
	return command_of(mod, POLICY_REMOVE);
}

/* ---- what it needs ---- */

static int list_dependencies(struct kmod_ctx *ctx, const struct plan_modules *deps, struct kmod_list **ret)
{
	_cleanup_module_list_ struct kmod_list *list = NULL;

	for (size_t i = 0; i < deps->n; i++) {
		struct kmod_module *m;
		int r = module_get_with_path(ctx, deps->items[i].name, deps->items[i].path, &m);

		if (r == 0)
			r = module_list_take(&list, m);
		if (r < 0)
			return r;
	}
	*ret = take_ptr(list);
	return 0;
}

/* Once found they are kept, whatever happens to the index. */
static int find_needs(struct kmod_module *mod)
{
	_cleanup_(plan_modules_done) struct plan_modules found = { 0 };
	struct live_view live;
	struct plan_world w;
	int r;

	if (mod->needs.n > 0)
		return 0;
	w = module_world(mod->ctx, &live);
	r = world_dependencies(&w, mod->name, &found);
	if (r < 0)
		return r;
	mod->needs = found;
	found = (struct plan_modules){ 0 };
	return 0;
}

KMOD_EXPORT struct kmod_list *kmod_module_get_dependencies(const struct kmod_module *mod)
{
	struct kmod_module *m = memo(mod);
	struct kmod_list *list = NULL;

	if (!m || find_needs(m) < 0)
		return NULL;
	return list_dependencies(m->ctx, &m->needs, &list) < 0 ? NULL : list;
}

static int list_soft(const struct kmod_module *mod, enum policy_kind kind, struct kmod_list **pre,
		     struct kmod_list **post)
{
	_cleanup_candidates_ struct candidates before = { 0 }, after = { 0 };
	_cleanup_module_list_ struct kmod_list *first = NULL;
	struct live_view live;
	struct plan_world w;
	int r;

	w = module_world(mod->ctx, &live);
	r = order_soft(&w, kind, mod->name, &before, &after);
	if (r < 0)
		return r;
	r = list_candidates(mod->ctx, &before, &first);
	if (r == 0 && post)
		r = list_candidates(mod->ctx, &after, post);
	if (r < 0)
		return r;
	*pre = take_ptr(first);
	return 0;
}

KMOD_EXPORT int kmod_module_get_softdeps(const struct kmod_module *mod, struct kmod_list **pre, struct kmod_list **post)
{
	if (!mod || !pre || !post)
		return -ENOENT;
	return list_soft(mod, POLICY_SOFTDEP, pre, post);
}

KMOD_EXPORT int kmod_module_get_weakdeps(const struct kmod_module *mod, struct kmod_list **weak)
{
	if (!mod || !weak)
		return -ENOENT;
	return list_soft(mod, POLICY_WEAKDEP, weak, NULL);
}
