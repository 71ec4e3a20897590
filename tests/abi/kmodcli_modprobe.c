// SPDX-License-Identifier: MIT
/* kmodcli modprobe: everything but removal. */
#include "kmodcli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool print_steps; /* -n, -D, -v: print_action has no argument of its own */

/* ---- options for the kernel ---- */

static void append_option(char *s, const char *word)
{
	const char *value = strchr(word, '=');

	if (value && strpbrk(value, " \t") && !strpbrk(value, "\"'"))
		sprintf(s + strlen(s), "%.*s\"%s\"", (int)(value + 1 - word), word, value + 1);
	else
		strcat(s, word);
}

char *joined_options(char **words, int n)
{
	size_t len = 1;
	char *s;

	for (int i = 0; i < n; i++)
		len += strlen(words[i]) + 3;
	s = calloc(1, len);
	for (int i = 0; s && i < n; i++) {
		strcat(s, *s && *words[i] ? " " : "");
		append_option(s, words[i]);
	}
	return s;
}

/* ---- loading ---- */

static void show_step(struct kmod_module *m, bool install, const char *options)
{
	const char *path = kmod_module_get_path(m);

	if (!print_steps)
		return;
	if (install)
		printf("install %s %s\n", kmod_module_get_install_commands(m), options);
	else if (path)
		printf("insmod %s %s\n", path, options);
	else if (kmod_module_get_initstate(m) == KMOD_MODULE_BUILTIN)
		printf("builtin %s\n", kmod_module_get_name(m));
	fflush(stdout);
}

static unsigned probe_flags(const struct args *a)
{
	unsigned flags = KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY;

	if (a->blacklist)
		flags |= KMOD_PROBE_APPLY_BLACKLIST;
	if (a->ignore_commands)
		flags |= KMOD_PROBE_IGNORE_COMMAND;
	if (a->dry_run || a->show_depends)
		flags |= KMOD_PROBE_DRY_RUN;
	if (a->show_depends)
		flags |= KMOD_PROBE_IGNORE_LOADED;
	if (a->first_time)
		flags |= KMOD_PROBE_FAIL_ON_LOADED;
	if (a->force_vermagic)
		flags |= KMOD_PROBE_FORCE_VERMAGIC;
	if (a->force_modversion)
		flags |= KMOD_PROBE_FORCE_MODVERSION;
	return flags;
}

/* What the command line names: a file or, looked up, one or more modules. */
static int find(struct kmod_ctx *ctx, const char *name, struct kmod_list **list, struct kmod_module **m)
{
	if (strchr(name, '/'))
		return kmod_module_new_from_path(ctx, name, m);
	return kmod_module_new_from_lookup(ctx, name, list);
}

static int insert(const struct args *a, struct kmod_module *m, const char *options)
{
	int r = kmod_module_probe_insert_module(m, probe_flags(a), options, NULL, NULL, show_step);

	if (r < 0 && !a->quiet)
		fprintf(stderr, "modprobe: ERROR: could not insert '%s': %s\n", kmod_module_get_name(m), strerror(-r));
	return r;
}

static int load_one(struct kmod_ctx *ctx, const struct args *a, const char *name, const char *options)
{
	struct kmod_list *list = NULL, *e;
	struct kmod_module *m = NULL;
	int r = find(ctx, name, &list, &m);

	if (r < 0 || (!list && !m)) {
		if (!a->quiet)
			fprintf(stderr, "modprobe: FATAL: Module %s not found in directory %s\n", name,
				kmod_get_dirname(ctx));
		return 1;
	}
	if (m) {
		r = insert(a, m, options);
		kmod_module_unref(m);
	}
	kmod_list_foreach(e, list) {
		m = kmod_module_get_module(e);
		if (a->resolve)
			printf("%s\n", kmod_module_get_name(m));
		else
			r = insert(a, m, options);
		kmod_module_unref(m);
	}
	kmod_module_unref_list(list);
	return r < 0;
}

/* ---- showing ---- */

static void show_entries(struct kmod_config_iter *it, const char *kind)
{
	while (kmod_config_iter_next(it)) {
		const char *value = kmod_config_iter_get_value(it);

		printf("%s %s", kind, kmod_config_iter_get_key(it));
		if (value)
			printf(" %s", value);
		printf("\n");
	}
	kmod_config_iter_free_iter(it);
}

static int show_config(struct kmod_ctx *ctx)
{
	show_entries(kmod_config_get_blacklists(ctx), "blacklist");
	show_entries(kmod_config_get_install_commands(ctx), "install");
	show_entries(kmod_config_get_remove_commands(ctx), "remove");
	show_entries(kmod_config_get_aliases(ctx), "alias");
	show_entries(kmod_config_get_options(ctx), "options");
	show_entries(kmod_config_get_softdeps(ctx), "softdep");
	show_entries(kmod_config_get_weakdeps(ctx), "weakdep");
	printf("\n# End of configuration files. Dumping indexes now:\n\n");
	fflush(stdout);
	kmod_dump_index(ctx, KMOD_INDEX_MODULES_ALIAS, 1);
	kmod_dump_index(ctx, KMOD_INDEX_MODULES_SYMBOL, 1);
	return 0;
}

static int show_versions(struct kmod_module *m)
{
	struct kmod_list *list = NULL, *e;
	int r = kmod_module_get_versions(m, &list);

	kmod_list_foreach(e, list)
		printf("0x%08" PRIx64 "\t%s\n", kmod_module_version_get_crc(e), kmod_module_version_get_symbol(e));
	kmod_module_versions_free_list(list);
	return r < 0;
}

static int show_exports(struct kmod_module *m)
{
	struct kmod_list *list = NULL, *e;
	int r = kmod_module_get_symbols(m, &list);

	kmod_list_foreach(e, list)
		printf("0x%08" PRIx64 "\t%s\n", kmod_module_symbol_get_crc(e), kmod_module_symbol_get_symbol(e));
	kmod_module_symbols_free_list(list);
	return r < 0;
}

static int show_symbols(struct kmod_ctx *ctx, const char *name, int (*show)(struct kmod_module *))
{
	struct kmod_list *list = NULL;
	struct kmod_module *m = NULL;
	int status = find(ctx, name, &list, &m) < 0;

	m = list ? kmod_module_get_module(list) : m;
	status |= !m || show(m);
	kmod_module_unref(m);
	kmod_module_unref_list(list);
	return status;
}

static int load_all(struct kmod_ctx *ctx, const struct args *a, int argc, char **argv)
{
	int status = 0;

	for (int i = 0; i < argc; i++)
		status |= load_one(ctx, a, argv[i], NULL);
	return status;
}

int do_modprobe(struct kmod_ctx *ctx, const struct args *a, int argc, char **argv)
{
	char *options = NULL;
	int status = 0;

	print_steps = a->dry_run || a->show_depends || a->verbose;
	if (*a->inherited)
		setenv("MODPROBE_OPTIONS", a->inherited, 1);
	if (a->show_config)
		return show_config(ctx);
	if (argc < 1)
		return 1;
	if (a->show_versions || a->show_exports)
		return show_symbols(ctx, argv[0], a->show_versions ? show_versions : show_exports);
	if (a->remove)
		return do_modprobe_remove(ctx, a, argc, argv);
	if (a->all)
		return load_all(ctx, a, argc, argv);
	options = joined_options(argv + 1, argc - 1);
	status = load_one(ctx, a, argv[0], options);
	free(options);
	return status;
}
