// SPDX-License-Identifier: MIT
/*
 * kmodcli: the tools once more, written on libkmod.h alone. The golden cases run through it, so that the
 * library is held to the same behaviour as the tools, which do not use it.
 *
 *         kmodcli modprobe [-d ROOT] [-S VERSION] [-C PATH]... [-abfinqrvDR] [-c] [-w MSEC] [LONG OPTION]...
 * NAME|PATH [OPTIONS...]       kmodcli modinfo [-b ROOT] [-k VERSION] [-F FIELD] [-adlmnp0] [--all] FILE|NAME...
 * kmodcli lsmod | kmod list | insmod [-fsv] FILE [OPTIONS...] | rmmod [-fsv] NAME...
 */
#include "kmodcli.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* ---- options ---- */

enum {
	OPT_FIRST_TIME = 256,
	OPT_FORCE_VERMAGIC,
	OPT_FORCE_MODVERSION,
	OPT_REMOVE_HOLDERS,
	OPT_SHOW_MODVERSIONS,
	OPT_SHOW_EXPORTS,
	OPT_JOBS,
	OPT_ALL,
};

static const struct option modprobe_options[] = {
	{ "all", 0, NULL, 'a' },
	{ "use-blacklist", 0, NULL, 'b' },
	{ "ignore-install", 0, NULL, 'i' },
	{ "ignore-remove", 0, NULL, 'i' },
	{ "dry-run", 0, NULL, 'n' },
	{ "show", 0, NULL, 'n' },
	{ "quiet", 0, NULL, 'q' },
	{ "remove", 0, NULL, 'r' },
	{ "remove-holders", 0, NULL, OPT_REMOVE_HOLDERS },
	{ "remove-dependencies", 0, NULL, OPT_REMOVE_HOLDERS },
	{ "wait", 1, NULL, 'w' },
	{ "verbose", 0, NULL, 'v' },
	{ "show-depends", 0, NULL, 'D' },
	{ "resolve-alias", 0, NULL, 'R' },
	{ "show-config", 0, NULL, 'c' },
	{ "showconfig", 0, NULL, 'c' },
	{ "show-modversions", 0, NULL, OPT_SHOW_MODVERSIONS },
	{ "dump-modversions", 0, NULL, OPT_SHOW_MODVERSIONS },
	{ "show-exports", 0, NULL, OPT_SHOW_EXPORTS },
	{ "config", 1, NULL, 'C' },
	{ "dirname", 1, NULL, 'd' },
	{ "set-version", 1, NULL, 'S' },
	{ "force", 0, NULL, 'f' },
	{ "first-time", 0, NULL, OPT_FIRST_TIME },
	{ "jobs", 1, NULL, OPT_JOBS },
	{ NULL, 0, NULL, 0 },
};
static const struct option modinfo_options[] = {
	{ "author", 0, NULL, 'a' },     { "description", 0, NULL, 'd' }, { "license", 0, NULL, 'l' },
	{ "parameters", 0, NULL, 'p' }, { "filename", 0, NULL, 'n' },    { "null", 0, NULL, '0' },
	{ "field", 1, NULL, 'F' },      { "basedir", 1, NULL, 'b' },     { "set-version", 1, NULL, 'k' },
	{ "modname", 0, NULL, 'm' },    { "all", 0, NULL, OPT_ALL },     { NULL, 0, NULL, 0 },
};
static const struct option force_options[] = {
	{ "force", 0, NULL, 'f' },
	{ "force-vermagic", 0, NULL, OPT_FORCE_VERMAGIC },
	{ "force-modversion", 0, NULL, OPT_FORCE_MODVERSION },
	{ "syslog", 0, NULL, 's' },
	{ "verbose", 0, NULL, 'v' },
	{ "version", 0, NULL, 'V' }, /* not done, but it makes --ver ambiguous */
	{ NULL, 0, NULL, 0 },
};

/* Options that modprobe's commands inherit. */
static void inherit(struct args *a, const char *option, const char *value)
{
	size_t n = strlen(a->inherited);

	snprintf(a->inherited + n, sizeof(a->inherited) - n, "%s%s%s%s", n ? " " : "", option, value ? " " : "",
		 value ? value : "");
}

static int set_config(struct args *a, const char *path)
{
	if (a->n_configs == CONFIGS_MAX - 1)
		return -1;
	a->configs[a->n_configs++] = path;
	inherit(a, "-C", path);
	return 0;
}

static int set_wait(struct args *a, const char *text)
{
	char *end;

	a->wait_ms = (unsigned)strtoul(text, &end, 0);
	a->has_wait = true;
	return *end ? -1 : 0;
}

static int set_modprobe_option(struct args *a, int c)
{
	switch (c) {
	case 'a':
		a->all = true;
		return 0;
	case 'b':
		a->blacklist = true;
		return 0;
	case 'i':
		a->ignore_commands = true;
		return 0;
	case 'n':
		a->dry_run = true;
		return 0;
	case 'q':
		a->quiet = true;
		inherit(a, "-q", NULL);
		return 0;
	case 'r':
		a->remove = true;
		return 0;
	case OPT_REMOVE_HOLDERS:
		a->remove = a->remove_holders = true;
		return 0;
	case 'w':
		return set_wait(a, optarg);
	case 'v':
		a->verbose = true;
		inherit(a, "-v", NULL);
		return 0;
	case 'D':
		a->show_depends = true;
		return 0;
	case 'R':
		a->resolve = true;
		return 0;
	case 'c':
		a->show_config = true;
		return 0;
	case OPT_SHOW_MODVERSIONS:
		a->show_versions = true;
		return 0;
	case OPT_SHOW_EXPORTS:
		a->show_exports = true;
		return 0;
	case 'd':
		a->root = optarg;
		return 0;
	case 'S':
		a->version = optarg;
		return 0;
	case 'f':
		a->force_vermagic = a->force_modversion = true;
		return 0;
	case OPT_FIRST_TIME:
		a->first_time = true;
		return 0;
	case OPT_JOBS:
		return atoi(optarg) > 0 ? 0 : -1; /* the library loads one after the other */
	case 'C':
		return set_config(a, optarg);
	default:
		return -1;
	}
}

static int set_modinfo_option(struct args *a, int c)
{
	switch (c) {
	case 'a':
		a->field = "author";
		return 0;
	case 'd':
		a->field = "description";
		return 0;
	case 'l':
		a->field = "license";
		return 0;
	case 'p':
		a->field = "parm";
		return 0;
	case 'n':
		a->field = "filename";
		return 0;
	case 'F':
		a->field = optarg;
		return 0;
	case '0':
		a->end = '\0';
		return 0;
	case 'b':
		a->root = optarg;
		return 0;
	case 'k':
		a->version = optarg;
		return 0;
	case 'm':
		a->by_name = true;
		return 0;
	case OPT_ALL:
		a->all = true;
		return 0;
	default:
		return -1;
	}
}

/* Of lsmod, insmod and rmmod. */
static int set_small_option(struct args *a, int c)
{
	switch (c) {
	case 'f':
		a->force_vermagic = a->force_modversion = true;
		return 0;
	case OPT_FORCE_VERMAGIC:
		a->force_vermagic = true;
		return 0;
	case OPT_FORCE_MODVERSION:
		a->force_modversion = true;
		return 0;
	case 's':
	case 'v':
		return 0; /* about messages */
	default:
		return -1;
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

/*
 * The words of MODPROBE_OPTIONS between argv[0] and the others: single blanks separate, quotes are dropped. Never
 * freed.
 */
static char **with_environment(int *argc, char **argv)
{
	const char *options = getenv("MODPROBE_OPTIONS");
	size_t n = options ? strlen(options) : 0, count = 0;
	char **all = calloc((size_t)*argc + n + 2, sizeof(*all)), *copy = calloc(1, n + 1), quote = '\0', *to = copy;

	if (!all || !copy)
		exit(1);
	all[count++] = argv[0];
	if (n)
		all[count++] = copy;
	for (; options && *options; options++) {
		if (*options == quote)
			quote = '\0';
		else if (!quote && (*options == '\'' || *options == '"'))
			quote = *options;
		else if (!quote && *options == ' ')
			all[count++] = ++to;
		else
			*to++ = *options;
	}
	for (int i = 1; i < *argc; i++)
		all[count++] = argv[i];
	*argc = (int)count;
	return all;
}

/* ---- the library's messages ---- */

/* data: counts the errors. The text is not the tools'. */
static void __attribute__((format(printf, 6, 0)))
on_message(void *data, int priority, const char *file, int line, const char *fn, const char *format, va_list args)
{
	(void)file;
	(void)line;
	(void)fn;
	if (priority <= 3)
		++*(int *)data;
	vfprintf(stderr, format, args);
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

/* ---- lsmod ---- */

static void print_users(struct kmod_module *m)
{
	struct kmod_list *holders = kmod_module_get_holders(m), *e;
	const char *separator = " ";

	kmod_list_foreach(e, holders) {
		struct kmod_module *holder = kmod_module_get_module(e);

		printf("%s%s", separator, kmod_module_get_name(holder));
		separator = ",";
		kmod_module_unref(holder);
	}
	kmod_module_unref_list(holders);
}

/* A kernel that cannot unload has no counts. */
static void print_loaded(struct kmod_module *m)
{
	int refcnt = kmod_module_get_refcnt(m);

	printf("%-19s %8ld  ", kmod_module_get_name(m), kmod_module_get_size(m));
	if (refcnt == -ENOENT)
		printf("-");
	else
		printf("%d", refcnt);
	print_users(m);
	putchar('\n');
}

static int do_lsmod(struct kmod_ctx *ctx)
{
	struct kmod_list *list = NULL, *e;
	int errors = 0;

	kmod_set_log_fn(ctx, on_message, &errors);
	if (kmod_module_new_from_loaded(ctx, &list) < 0)
		return 1;
	kmod_set_log_fn(ctx, NULL, NULL);
	puts("Module                  Size  Used by");
	kmod_list_foreach(e, list) {
		struct kmod_module *m = kmod_module_get_module(e);

		print_loaded(m);
		kmod_module_unref(m);
	}
	kmod_module_unref_list(list);
	return errors > 0;
}

/* ---- insmod, rmmod ---- */

static unsigned insert_flags(const struct args *a)
{
	return (a->force_vermagic ? KMOD_INSERT_FORCE_VERMAGIC : 0) |
	       (a->force_modversion ? KMOD_INSERT_FORCE_MODVERSION : 0);
}

static int do_insmod(struct kmod_ctx *ctx, const struct args *a, int argc, char **argv)
{
	struct kmod_module *m = NULL;
	char *options;
	int r;

	if (argc < 1 || kmod_module_new_from_path(ctx, argv[0], &m) < 0)
		return 1;
	options = joined_options(argv + 1, argc - 1);
	r = kmod_module_insert_module(m, insert_flags(a), options);
	if (r < 0)
		fprintf(stderr, "insmod: ERROR: could not insert module %s: %s\n", argv[0], strerror(-r));
	free(options);
	kmod_module_unref(m);
	return r < 0;
}

/* Nothing speaks against asking the kernel. */
static bool may_go(struct kmod_module *m)
{
	struct kmod_list *holders = kmod_module_get_holders(m);
	int state = kmod_module_get_initstate(m), refcnt = kmod_module_get_refcnt(m);
	bool used = holders || refcnt > 0 || refcnt == -ENOENT;

	kmod_module_unref_list(holders);
	return !used && state >= 0 && state != KMOD_MODULE_BUILTIN;
}

static int do_rmmod(struct kmod_ctx *ctx, const struct args *a, int argc, char **argv)
{
	int status = argc < 1;

	for (int i = 0; i < argc; i++) {
		const bool is_file = strchr(argv[i], '/') && access(argv[i], F_OK) == 0;
		struct kmod_module *m = NULL;
		int r = is_file ? kmod_module_new_from_path(ctx, argv[i], &m) :
				  kmod_module_new_from_name(ctx, argv[i], &m);

		if (r < 0)
			return 1;
		if (a->force_vermagic)
			r = kmod_module_remove_module(m, KMOD_REMOVE_FORCE);
		else
			r = may_go(m) ? kmod_module_remove_module(m, 0) : -EBUSY;
		status |= r < 0;
		kmod_module_unref(m);
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
	if (strcmp(tool, "kmod") == 0 && argc > 1 && strcmp(argv[1], "list") == 0) {
		tool = "lsmod";
		argc--;
		argv++;
	}
	if (strcmp(tool, "modprobe") == 0) {
		argv = with_environment(&argc, argv);
		first = parse(&a, argc, argv, "abfinqrvDRcC:d:S:w:", modprobe_options, set_modprobe_option);
	} else if (strcmp(tool, "modinfo") == 0) {
		first = parse(&a, argc, argv, "adlmnp0F:b:k:", modinfo_options, set_modinfo_option);
	} else {
		first = parse(&a, argc, argv, "fsv", force_options, set_small_option);
	}
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
