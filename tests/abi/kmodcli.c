// SPDX-License-Identifier: MIT
/*
 * kmodcli: the tools once more, written on libkmod.h alone. The golden cases run through it, so that the
 * library is held to the same behaviour as the tools, which do not use it.
 *
 *	kmodcli modprobe [-d ROOT] [-S VERSION] [-C PATH]... [-abfinqrvDR] [-c] [--first-time] NAME|PATH [OPTIONS...]
 *	kmodcli modinfo [-b ROOT] [-k VERSION] [-F FIELD] [-adln0] FILE|NAME...
 *	kmodcli lsmod | insmod [-f] FILE [OPTIONS...] | rmmod [-f] NAME...
 */
#include <libkmod.h>

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

struct args {
	const char *root, *version, *field, *configs[16];
	int n_configs;
	bool all, blacklist, ignore_commands, dry_run, quiet, remove, verbose, show_depends, resolve, show_config, first_time;
	bool force_vermagic, force_modversion;
	char end; /* of a line of modinfo */
};

static bool print_steps; /* -n, -D, -v: print_action has no argument of its own */

/* ---- options ---- */

enum { OPT_FIRST_TIME = 256, OPT_FORCE_VERMAGIC, OPT_FORCE_MODVERSION };

static const struct option modprobe_options[] = {
	{ "all", 0, NULL, 'a' },          { "use-blacklist", 0, NULL, 'b' }, { "ignore-install", 0, NULL, 'i' },
	{ "ignore-remove", 0, NULL, 'i' }, { "dry-run", 0, NULL, 'n' },       { "quiet", 0, NULL, 'q' },
	{ "remove", 0, NULL, 'r' },        { "verbose", 0, NULL, 'v' },       { "show-depends", 0, NULL, 'D' },
	{ "show", 0, NULL, 'n' },          { "resolve-alias", 0, NULL, 'R' }, { "show-config", 0, NULL, 'c' },
	{ "showconfig", 0, NULL, 'c' },    { "config", 1, NULL, 'C' },        { "dirname", 1, NULL, 'd' },
	{ "set-version", 1, NULL, 'S' },   { "force", 0, NULL, 'f' },         { "first-time", 0, NULL, OPT_FIRST_TIME },
	{ NULL, 0, NULL, 0 },
};
static const struct option modinfo_options[] = {
	{ "author", 0, NULL, 'a' }, { "description", 0, NULL, 'd' }, { "license", 0, NULL, 'l' },
	{ "filename", 0, NULL, 'n' }, { "null", 0, NULL, '0' }, { "field", 1, NULL, 'F' },
	{ "basedir", 1, NULL, 'b' }, { "set-version", 1, NULL, 'k' }, { NULL, 0, NULL, 0 },
};
static const struct option force_options[] = {
	{ "force", 0, NULL, 'f' }, { "force-vermagic", 0, NULL, OPT_FORCE_VERMAGIC },
	{ "force-modversion", 0, NULL, OPT_FORCE_MODVERSION }, { NULL, 0, NULL, 0 },
};

static int set_modprobe_option(struct args *a, int c)
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
	case 'd': a->root = optarg; return 0;
	case 'S': a->version = optarg; return 0;
	case 'f': a->force_vermagic = a->force_modversion = true; return 0;
	case OPT_FIRST_TIME: a->first_time = true; return 0;
	case 'C':
		if (a->n_configs == 15)
			return -1;
		a->configs[a->n_configs++] = optarg;
		return 0;
	default: return -1;
	}
}

static int set_modinfo_option(struct args *a, int c)
{
	switch (c) {
	case 'a': a->field = "author"; return 0;
	case 'd': a->field = "description"; return 0;
	case 'l': a->field = "license"; return 0;
	case 'n': a->field = "filename"; return 0;
	case 'F': a->field = optarg; return 0;
	case '0': a->end = '\0'; return 0;
	case 'b': a->root = optarg; return 0;
	case 'k': a->version = optarg; return 0;
	default: return -1;
	}
}

static int set_force_option(struct args *a, int c)
{
	switch (c) {
	case 'f': a->force_vermagic = a->force_modversion = true; return 0;
	case OPT_FORCE_VERMAGIC: a->force_vermagic = true; return 0;
	case OPT_FORCE_MODVERSION: a->force_modversion = true; return 0;
	default: return -1;
	}
}

/* Index of the first operand, or -1. */
static int parse(struct args *a, int argc, char **argv, const char *shorts, const struct option *longs,
		 int (*set)(struct args *, int))
{
	int c;

	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1)
		if (set(a, c) < 0)
			return -1;
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
			fprintf(stderr, "modprobe: FATAL: Module %s not found in directory %s\n", name, kmod_get_dirname(ctx));
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

/* ---- modprobe -r: the module, then what nobody uses any more of what it needed ---- */

static int remove_steps(const struct args *a, struct kmod_module *m, unsigned flags)
{
	struct kmod_list *needs = kmod_module_get_dependencies(m), *e;
	int r = 0;

	if (a->verbose || a->dry_run)
		printf("rmmod %s\n", kmod_module_get_name(m));
	fflush(stdout);
	if (!a->dry_run)
		r = kmod_module_remove_module(m, flags);
	for (e = kmod_list_last(needs); r == 0 && e; e = kmod_list_prev(needs, e)) {
		struct kmod_module *need = kmod_module_get_module(e);

		if (kmod_module_get_initstate(need) == KMOD_MODULE_LIVE && kmod_module_get_refcnt(need) == 0)
			r = remove_steps(a, need, 0);
		kmod_module_unref(need);
	}
	kmod_module_unref_list(needs);
	return r;
}

static int remove_one(struct kmod_ctx *ctx, const struct args *a, const char *name)
{
	struct kmod_list *list = NULL, *e;
	int status = kmod_module_new_from_lookup(ctx, name, &list) < 0 || !list;

	kmod_list_foreach(e, list) {
		struct kmod_module *m = kmod_module_get_module(e);
		int state = kmod_module_get_initstate(m);

		if (state < 0)
			status |= a->first_time;
		else if (state == KMOD_MODULE_BUILTIN || (kmod_module_get_refcnt(m) > 0 && !a->force_vermagic))
			status = 1;
		else
			status |= remove_steps(a, m, a->force_vermagic ? KMOD_REMOVE_FORCE : 0) < 0;
		kmod_module_unref(m);
	}
	kmod_module_unref_list(list);
	return status;
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

/* One word of the kernel's options: a value with a blank gets quotes. */
static void append_option(char *s, const char *word)
{
	const char *value = strchr(word, '=');

	if (value && strpbrk(value, " \t") && !strpbrk(value, "\"'"))
		sprintf(s + strlen(s), "%.*s\"%s\"", (int)(value + 1 - word), word, value + 1);
	else
		strcat(s, word);
}

static char *joined(char **words, int n)
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

static int do_modprobe(struct kmod_ctx *ctx, const struct args *a, int argc, char **argv)
{
	char *options = NULL;
	int status = 0;

	print_steps = a->dry_run || a->show_depends || a->verbose;
	if (a->show_config)
		return show_config(ctx);
	if (a->remove) {
		for (int i = 0; i < argc; i++)
			status |= remove_one(ctx, a, argv[i]);
		return status || argc < 1;
	}
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

static unsigned insert_flags(const struct args *a)
{
	return (a->force_vermagic ? KMOD_INSERT_FORCE_VERMAGIC : 0) | (a->force_modversion ? KMOD_INSERT_FORCE_MODVERSION : 0);
}

static int do_insmod(struct kmod_ctx *ctx, const struct args *a, int argc, char **argv)
{
	struct kmod_module *m = NULL;
	char *options;
	int r;

	if (argc < 1 || kmod_module_new_from_path(ctx, argv[0], &m) < 0)
		return 1;
	options = joined(argv + 1, argc - 1);
	r = kmod_module_insert_module(m, insert_flags(a), options);
	if (r < 0)
		fprintf(stderr, "insmod: ERROR: could not insert module %s: %s\n", argv[0], strerror(-r));
	free(options);
	kmod_module_unref(m);
	return r < 0;
}

static bool is_unused(struct kmod_module *m)
{
	struct kmod_list *holders = kmod_module_get_holders(m);
	bool unused = !holders && kmod_module_get_initstate(m) >= 0 && kmod_module_get_refcnt(m) == 0;

	kmod_module_unref_list(holders);
	return unused;
}

static int do_rmmod(struct kmod_ctx *ctx, const struct args *a, int argc, char **argv)
{
	int status = argc < 1;

	for (int i = 0; i < argc; i++) {
		const bool is_file = strchr(argv[i], '/') && access(argv[i], F_OK) == 0;
		struct kmod_module *m = NULL;
		int r = is_file ? kmod_module_new_from_path(ctx, argv[i], &m) : kmod_module_new_from_name(ctx, argv[i], &m);

		if (r < 0)
			return 1;
		if (a->force_vermagic)
			r = kmod_module_remove_module(m, KMOD_REMOVE_FORCE);
		else
			r = is_unused(m) ? kmod_module_remove_module(m, 0) : -EBUSY;
		status |= r < 0;
		kmod_module_unref(m);
	}
	return status;
}

/* ---- modinfo: without the joining of parameters, which is the tool's own business ---- */

static void print_field(const struct args *a, const char *key, const char *value)
{
	const int gap = 15 - (int)strlen(key);

	if (!a->field && a->end == '\0')
		printf("%s=", key);
	else if (!a->field)
		printf("%s:%-*s", key, gap > 0 ? gap : 0, "");
	printf("%s%c", value, a->end);
}

static void print_filename(const struct args *a, const char *path)
{
	printf("%s%s%c", a->field ? "" : "filename:       ", path, a->end);
}

static int show_info(struct kmod_module *m, const struct args *a)
{
	struct kmod_list *list = NULL, *e;
	const char *path = kmod_module_get_path(m);
	int r = kmod_module_get_info(m, &list);

	if (!path && (!a->field || strcmp(a->field, "name") == 0))
		print_field(a, "name", kmod_module_get_name(m));
	if (!a->field || strcmp(a->field, "filename") == 0)
		print_filename(a, path ? path : "(builtin)");
	if (r < 0)
		return path || r != -ENOENT;
	kmod_list_foreach(e, list) {
		const char *key = kmod_module_info_get_key(e), *value = kmod_module_info_get_value(e);

		if (a->field ? strcmp(a->field, key) == 0 : strcmp(key, "parm") != 0 && strcmp(key, "parmtype") != 0)
			print_field(a, key, value);
	}
	kmod_module_info_free_list(list);
	return 0;
}

static int do_modinfo(struct kmod_ctx *ctx, const struct args *a, int argc, char **argv)
{
	int status = argc < 1;

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
	struct args a = { .end = '\n' };
	const char *tool = argc > 1 ? argv[1] : "";
	struct kmod_ctx *ctx;
	int first, status = 2;

	argc--;
	argv++;
	if (strcmp(tool, "modprobe") == 0)
		first = parse(&a, argc, argv, "abfinqrvDRcC:d:S:", modprobe_options, set_modprobe_option);
	else if (strcmp(tool, "modinfo") == 0)
		first = parse(&a, argc, argv, "adln0F:b:k:", modinfo_options, set_modinfo_option);
	else
		first = parse(&a, argc, argv, "f", force_options, set_force_option);
	if (first < 0)
		return 1;
	ctx = context(&a);
	argc -= first;
	argv += first;
	if (strcmp(tool, "modprobe") == 0)
		status = do_modprobe(ctx, &a, argc, argv);
	else if (strcmp(tool, "modinfo") == 0)
		status = do_modinfo(ctx, &a, argc, argv);
	else if (strcmp(tool, "lsmod") == 0)
		status = argc > 0 || do_lsmod(ctx);
	else if (strcmp(tool, "insmod") == 0)
		status = do_insmod(ctx, &a, argc, argv);
	else if (strcmp(tool, "rmmod") == 0)
		status = do_rmmod(ctx, &a, argc, argv);
	kmod_unref(ctx);
	return status;
}
