// SPDX-License-Identifier: MIT
/*
 * kmodcli: the tools once more, written on libkmod.h alone. The golden cases run through it, so that the
 * library is held to the same behaviour as the tools, which do not use it.
 *
 *	kmodcli modprobe [-d ROOT] [-S VERSION] [-C PATH]... [-abinqrvDR] [-c] [--first-time] NAME [OPTIONS...]
 *	kmodcli modinfo [-d ROOT] [-S VERSION] [-F FIELD] FILE|NAME...
 *	kmodcli lsmod | insmod FILE [OPTIONS...] | rmmod NAME...
 */
#include <libkmod.h>

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

struct args {
	const char *root, *version, *field, *configs[16];
	int n_configs;
	bool all, blacklist, ignore_commands, dry_run, quiet, remove, verbose, show_depends, resolve, show_config, first_time;
};

static bool print_steps; /* -n, -D, -v: print_action has no argument of its own */

/* ---- options ---- */

enum { OPT_FIRST_TIME = 256 };

static const struct option longs[] = {
	{ "all", 0, NULL, 'a' },          { "use-blacklist", 0, NULL, 'b' }, { "ignore-install", 0, NULL, 'i' },
	{ "ignore-remove", 0, NULL, 'i' }, { "dry-run", 0, NULL, 'n' },       { "quiet", 0, NULL, 'q' },
	{ "remove", 0, NULL, 'r' },        { "verbose", 0, NULL, 'v' },       { "show-depends", 0, NULL, 'D' },
	{ "show-alias", 0, NULL, 'R' },    { "show-config", 0, NULL, 'c' },   { "config", 1, NULL, 'C' },
	{ "dirname", 1, NULL, 'd' },       { "set-version", 1, NULL, 'S' },   { "field", 1, NULL, 'F' },
	{ "basedir", 1, NULL, 'd' },       { "first-time", 0, NULL, OPT_FIRST_TIME }, { NULL, 0, NULL, 0 },
};

static int set_flag(struct args *a, int c)
{
	switch (c) {
	case 'a': a->all = true; return 0;
	case 'b': a->blacklist = true; return 0;
	case 'i': a->ignore_commands = true; return 0;
	case 'n': a->dry_run = true; return 0;
	case 'q': a->quiet = true; return 0;
	case 'r': a->remove = true; return 0;
	case 'v': a->verbose = true; return 0;
	case 'D': a->show_depends = true; return 0;
	case 'R': a->resolve = true; return 0;
	case 'c': a->show_config = true; return 0;
	case OPT_FIRST_TIME: a->first_time = true; return 0;
	default: return -1;
	}
}

static int parse(struct args *a, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "abinqrvDRcC:d:S:F:k:", longs, NULL)) != -1) {
		if (c == 'C' && a->n_configs < 15)
			a->configs[a->n_configs++] = optarg;
		else if (c == 'd')
			a->root = optarg;
		else if (c == 'S' || c == 'k')
			a->version = optarg;
		else if (c == 'F')
			a->field = optarg;
		else if (set_flag(a, c) < 0)
			return -1;
	}
	return optind;
}

static struct kmod_ctx *context(const struct args *a)
{
	const char *const *configs = a->n_configs ? a->configs : NULL;
	struct kmod_ctx *ctx;
	struct utsname u;
	char dir[4096];

	uname(&u);
	snprintf(dir, sizeof(dir), "%s/lib/modules/%s", a->root ? a->root : "", a->version ? a->version : u.release);
	ctx = kmod_new(a->root || a->version ? dir : NULL, configs);
	if (!ctx)
		exit(1);
	kmod_set_log_priority(ctx, a->quiet ? 0 : 4);
	kmod_load_resources(ctx);
	return ctx;
}

/* ---- modprobe ---- */

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
	return flags;
}

static int load_one(struct kmod_ctx *ctx, const struct args *a, const char *name, const char *options)
{
	struct kmod_list *list = NULL, *e;
	int r = kmod_module_new_from_lookup(ctx, name, &list);

	if (r < 0 || !list) {
		if (!a->quiet)
			fprintf(stderr, "modprobe: FATAL: Module %s not found in directory %s\n", name, kmod_get_dirname(ctx));
		return 1;
	}
	kmod_list_foreach(e, list) {
		struct kmod_module *m = kmod_module_get_module(e);

		if (a->resolve) {
			printf("%s\n", kmod_module_get_name(m));
			r = 0;
		} else {
			r = kmod_module_probe_insert_module(m, probe_flags(a), options, NULL, NULL, show_step);
		}
		if (r < 0 && !a->quiet)
			fprintf(stderr, "modprobe: ERROR: could not insert '%s': %s\n", kmod_module_get_name(m), strerror(-r));
		kmod_module_unref(m);
	}
	kmod_module_unref_list(list);
	return r < 0;
}

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

static char *joined(char **words, int n)
{
	size_t len = 1;
	char *s;

	for (int i = 0; i < n; i++)
		len += strlen(words[i]) + 1;
	s = calloc(1, len);
	for (int i = 0; s && i < n; i++) {
		strcat(s, i ? " " : "");
		strcat(s, words[i]);
	}
	return s;
}

static int do_modprobe(struct kmod_ctx *ctx, const struct args *a, int argc, char **argv)
{
	char *options = NULL;
	int status = 0;

	print_steps = a->dry_run || a->show_depends || a->verbose;
	if (a->show_config)
		return show_config(ctx);
	if (a->all) {
		for (int i = 0; i < argc; i++)
			status |= load_one(ctx, a, argv[i], NULL);
		return status;
	}
	if (argc < 1)
		return 1;
	options = joined(argv + 1, argc - 1);
	status = load_one(ctx, a, argv[0], options);
	free(options);
	return status;
}

/* ---- the small ones ---- */

static int do_lsmod(struct kmod_ctx *ctx)
{
	struct kmod_list *list = NULL, *e, *h;

	if (kmod_module_new_from_loaded(ctx, &list) < 0)
		return 1;
	puts("Module                  Size  Used by");
	kmod_list_foreach(e, list) {
		struct kmod_module *m = kmod_module_get_module(e);
		struct kmod_list *holders = kmod_module_get_holders(m);
		const char *separator = " ";

		printf("%-19s %8ld  %d", kmod_module_get_name(m), kmod_module_get_size(m), kmod_module_get_refcnt(m));
		kmod_list_foreach(h, holders) {
			struct kmod_module *holder = kmod_module_get_module(h);

			printf("%s%s", separator, kmod_module_get_name(holder));
			separator = ",";
			kmod_module_unref(holder);
		}
		putchar('\n');
		kmod_module_unref_list(holders);
		kmod_module_unref(m);
	}
	kmod_module_unref_list(list);
	return 0;
}

static int do_insmod(struct kmod_ctx *ctx, int argc, char **argv)
{
	struct kmod_module *m = NULL;
	char *options;
	int r;

	if (argc < 1 || kmod_module_new_from_path(ctx, argv[0], &m) < 0)
		return 1;
	options = joined(argv + 1, argc - 1);
	r = kmod_module_insert_module(m, 0, options);
	if (r < 0)
		fprintf(stderr, "insmod: ERROR: could not insert module %s: %s\n", argv[0], strerror(-r));
	free(options);
	kmod_module_unref(m);
	return r < 0;
}

static int do_rmmod(struct kmod_ctx *ctx, int argc, char **argv)
{
	int status = 0;

	for (int i = 0; i < argc; i++) {
		struct kmod_module *m = NULL;

		if (kmod_module_new_from_name(ctx, argv[i], &m) < 0 || kmod_module_get_initstate(m) < 0 ||
		    kmod_module_get_refcnt(m) > 0 || kmod_module_remove_module(m, 0) < 0)
			status = 1;
		kmod_module_unref(m);
	}
	return status;
}

/* ---- modinfo: without the joining of parameters, which is the tool's own business ---- */

static int show_info(struct kmod_module *m, const struct args *a)
{
	struct kmod_list *list = NULL, *e;
	const char *path = kmod_module_get_path(m);
	int r = kmod_module_get_info(m, &list);

	if (!a->field && !path)
		printf("name:           %s\n", kmod_module_get_name(m));
	if (!a->field || strcmp(a->field, "filename") == 0)
		printf("%s%s\n", a->field ? "" : "filename:       ", path ? path : "(builtin)");
	if (r < 0)
		return path ? 1 : 0;
	kmod_list_foreach(e, list) {
		const char *key = kmod_module_info_get_key(e), *value = kmod_module_info_get_value(e);

		if (a->field && strcmp(a->field, key) == 0)
			printf("%s\n", value);
		else if (!a->field && strcmp(key, "parm") != 0 && strcmp(key, "parmtype") != 0)
			printf("%s:%-*s%s\n", key, 15 - (int)strlen(key) > 0 ? 15 - (int)strlen(key) : 0, "", value);
	}
	kmod_module_info_free_list(list);
	return 0;
}

static int do_modinfo(struct kmod_ctx *ctx, const struct args *a, int argc, char **argv)
{
	int status = 0;

	for (int i = 0; i < argc; i++) {
		struct kmod_list *list = NULL, *e;
		struct kmod_module *m = NULL;
		struct stat st;

		if (strstr(argv[i], ".ko") && stat(argv[i], &st) == 0) {
			status |= kmod_module_new_from_path(ctx, argv[i], &m) < 0 || show_info(m, a);
			kmod_module_unref(m);
			continue;
		}
		status |= kmod_module_new_from_lookup(ctx, argv[i], &list) < 0 || !list;
		kmod_list_foreach(e, list) {
			m = kmod_module_get_module(e);
			status |= show_info(m, a);
			kmod_module_unref(m);
		}
		kmod_module_unref_list(list);
	}
	return status;
}

int main(int argc, char **argv)
{
	struct args a = { 0 };
	struct kmod_ctx *ctx;
	int first, status = 1;

	if (argc < 2)
		return 2;
	argc--;
	argv++;
	first = parse(&a, argc, argv);
	if (first < 0)
		return 1;
	ctx = context(&a);
	if (strcmp(argv[0], "modprobe") == 0)
		status = do_modprobe(ctx, &a, argc - first, argv + first);
	else if (strcmp(argv[0], "modinfo") == 0)
		status = do_modinfo(ctx, &a, argc - first, argv + first);
	else if (strcmp(argv[0], "lsmod") == 0)
		status = do_lsmod(ctx);
	else if (strcmp(argv[0], "insmod") == 0)
		status = do_insmod(ctx, argc - first, argv + first);
	else if (strcmp(argv[0], "rmmod") == 0)
		status = do_rmmod(ctx, argc - first, argv + first);
	kmod_unref(ctx);
	return status;
}
