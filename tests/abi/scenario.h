/* SPDX-License-Identifier: MIT */
#pragma once

/* Most of the library's calls on a module tree, for tests that disturb them in some way. */

#include <libkmod.h>

#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

struct scenario {
	const char *dirname;       /* ROOT/lib/modules/VERSION */
	const char *const *config; /* paths for kmod_new() */
	const char *const *names;  /* names and modaliases to look up; NULL ends */
	bool resources;
};

static void scenario_file(struct kmod_module *m)
{
	struct kmod_list *info = NULL, *versions = NULL, *symbols = NULL, *needed = NULL;

	if (kmod_module_get_info(m, &info) >= 0)
		kmod_module_info_free_list(info);
	if (kmod_module_get_versions(m, &versions) >= 0)
		kmod_module_versions_free_list(versions);
	if (kmod_module_get_symbols(m, &symbols) >= 0)
		kmod_module_symbols_free_list(symbols);
	if (kmod_module_get_dependency_symbols(m, &needed) >= 0)
		kmod_module_dependency_symbols_free_list(needed);
}

static void scenario_module(struct kmod_module *m)
{
	struct kmod_list *pre = NULL, *post = NULL, *weak = NULL;

	kmod_module_unref_list(kmod_module_get_dependencies(m));
	if (kmod_module_get_softdeps(m, &pre, &post) >= 0) {
		kmod_module_unref_list(pre);
		kmod_module_unref_list(post);
	}
	if (kmod_module_get_weakdeps(m, &weak) >= 0)
		kmod_module_unref_list(weak);
	kmod_module_get_path(m);
	kmod_module_get_options(m);
	kmod_module_get_install_commands(m);
	kmod_module_get_initstate(m);
	kmod_module_get_refcnt(m);
	kmod_module_get_size(m);
	kmod_module_probe_insert_module(m, KMOD_PROBE_DRY_RUN | KMOD_PROBE_IGNORE_LOADED, "a=1", NULL, NULL, NULL);
	scenario_file(m);
}

/* How many modules the look-up gave. */
static int scenario_lookup(struct kmod_ctx *ctx, const char *name)
{
	struct kmod_list *list = NULL, *kept = NULL, *e;
	int n = 0;

	if (kmod_module_new_from_lookup(ctx, name, &list) < 0)
		return 0;
	kmod_list_foreach(e, list) {
		struct kmod_module *m = kmod_module_get_module(e);

		scenario_module(m);
		kmod_module_unref(m);
		n++;
	}
	if (kmod_module_apply_filter(ctx, KMOD_FILTER_BLACKLIST, list, &kept) >= 0)
		kmod_module_unref_list(kept);
	kmod_module_unref_list(list);
	return n;
}

static void scenario_config(struct kmod_ctx *ctx)
{
	struct kmod_config_iter *it = kmod_config_get_softdeps(ctx);

	while (it && kmod_config_iter_next(it))
		kmod_config_iter_get_value(it);
	kmod_config_iter_free_iter(it);
}

/* The number of modules found in all, or -1 when there is no context. */
static int scenario_run(const struct scenario *s)
{
	struct kmod_ctx *ctx = kmod_new(s->dirname, s->config);
	struct kmod_module *m = NULL;
	int n = 0, null;

	if (!ctx)
		return -1;
	kmod_set_log_fn(ctx, NULL, NULL);
	if (s->resources)
		kmod_load_resources(ctx);
	for (const char *const *name = s->names; *name; name++)
		n += scenario_lookup(ctx, *name);
	if (kmod_module_new_from_name_lookup(ctx, s->names[0], &m) >= 0)
		kmod_module_unref(m);
	scenario_config(ctx);
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	kmod_dump_index(ctx, KMOD_INDEX_MODULES_BUILTIN, null);
	close(null);
	kmod_validate_resources(ctx);
	kmod_unref(ctx);
	return n;
}
