// SPDX-License-Identifier: MIT
/* insmod: one module file into the kernel, without dependencies and configuration. */
#include <errno.h>
#include <string.h>

#include "base/modname.h"
#include "base/optstring.h"
#include "read/image/facts.h"
#include "verb/params/check.h"
#include "verb/why/refusal.h"
#include "act/load/insert.h"
#include "face/common/cli.h"
#include "face/kmod/commands.h"
#include "face/common/report.h"
#include "system/live_sysfs.h"
#include "system/release.h"

struct insmod_options {
	unsigned force; /* enum insert_flags */
};

enum { OPT_FORCE_MODVERSION = CLI_LONG, OPT_FORCE_VERMAGIC };

static const struct cli_option insmod_options[] = {
	{ 'f', "force", NULL, "force module loading; implies the two below", NULL, 0 },
	{ OPT_FORCE_MODVERSION, "force-modversion", NULL, "ignore module's version", NULL, 0 },
	{ OPT_FORCE_VERMAGIC, "force-vermagic", NULL, "ignore module's version magic", NULL, 0 },
	REPORT_OPTIONS,
	{ 0 },
};

static int insmod_set(struct env *env, void *values, int id, const char *arg _unused_)
{
	struct insmod_options *o = values;

	switch (id) {
	case 'f':
		o->force |= INSERT_FORCE_MODVERSION | INSERT_FORCE_VERMAGIC;
		break;
	case OPT_FORCE_MODVERSION:
		o->force |= INSERT_FORCE_MODVERSION;
		break;
	case OPT_FORCE_VERMAGIC:
		o->force |= INSERT_FORCE_VERMAGIC;
		break;
	default:
		report_option(env, id);
	}
	return 0;
}

/* Which module exports which symbol; what cannot be read is left out. */
static struct catalog *open_catalog(const struct env *env)
{
	struct catalog *catalog;

	return system_open_catalog(&env->sys, NULL, NULL, NULL, &catalog) < 0 ? NULL : catalog;
}

/* The message, and the likely cause, where it can be determined. */
static void tell_failure(struct env *env, const char *path, struct kmsg *kmsg, int error)
{
	_cleanup_(catalog_close_p) struct catalog *catalog = open_catalog(env);
	const struct live_view live = live_sysfs(&env->sys.root);
	const struct plan_world world = { .catalog = catalog, .live = &live };
	_cleanup_kmsg_list_ struct kmsg_list said = { 0 };
	_cleanup_why_ struct why found = { 0 };
	char name[MODNAME_MAX] = "";
	struct refusal refusal = { .sys = &env->sys, .world = &world, .name = name, .path = path, .error = error };

	if (error != -EEXIST && modname_from_path(path, name) == 0) {
		refusal.kmsg = kmsg_collect(kmsg, &said) == 0 ? &said : NULL;
		env->explain(&refusal, &found);
	}
	report_error(env, "insmod.insert", "could not insert module %s: %s%s", path,
		     error == -ENOEXEC ? "Invalid module format" : refusal_words(error, &found),
		     refusal_doubt(error, &found));
	refusal_report_found(&env->sys.diag, name, &found);
}

/* ---- the arguments behind the file ---- */

/* Only errors are shown otherwise; these come before the system call, as with modprobe. */
static void warn(struct env *env, const char *code, const char *text)
{
	int level = env->sys.diag.max_level;

	if (level < LOG_WARNING)
		env->sys.diag.max_level = LOG_WARNING;
	report_warning(env, code, "%s", text);
	env->sys.diag.max_level = level;
}

/* Parameters borrow the file that they were read from. */
struct declared {
	struct source *src;
	struct elf elf;
	struct modinfo info;
	struct parameters params;
};

static void declared_done(struct declared *d)
{
	parameters_done(&d->params);
	modinfo_done(&d->info);
	elf_done(&d->elf);
	source_close(d->src);
}

/* The parameters of the file; false if it cannot be read. */
static bool declared_read(struct env *env, const char *path, struct declared *d)
{
	return source_open(&env->sys.root, path, NULL, NULL, &d->src) >= 0 && elf_open(d->src, &d->elf) >= 0 &&
	       modinfo_read(&d->elf, &d->info) >= 0 && parameters_read(&d->info, &d->params) >= 0;
}

/* The blank in front of the next NAME=, NAME being a parameter (known), or looking like one; NULL: there is none. */
static char *next_assignment(char *text, const struct parameters *params, bool known)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

	for (char *blank = strchr(text, ' '); blank; blank = strchr(blank + 1, ' ')) {
		size_t n = strspn(blank + 1, letters);

		if (n > 0 && blank[1 + n] == '=' && (!known || parameters_find(params, blank + 1, n)))
			return blank;
	}
	return NULL;
}

/*
 * Several assignments in one argument are several parameters, as with kmod 30, whose insmod passes its arguments on as
 * they are. Any other value with blanks is one value, and is quoted.
 */
static int add_argument(struct env *env, char *arg, const struct parameters *params, struct buf *into)
{
	char *value = strchr(arg, '='), *blank;
	int r = 0;

	while (r >= 0 && value && value[1] != '"' && value[1] != '\'' &&
	       (blank = next_assignment(value, params, true))) {
		*blank = '\0';
		r = optstring_join(1, &arg, into);
		buf_addc(into, ' ');
		arg = blank + 1;
		value = strchr(arg, '=');
	}
	if (value && value[1] != '"' && value[1] != '\'' && (blank = next_assignment(value, params, false))) {
		_cleanup_buf_ struct buf text = BUF_INIT;

		buf_addf(&text,
			 "'%s' is one value for %.*s: no parameter is set by '%s'; give each parameter as an "
			 "argument of its own",
			 value + 1, (int)(value - arg), arg, blank + 1);
		warn(env, "insmod.one-value", buf_str(&text));
	}
	return r < 0 ? r : optstring_join(1, &arg, into);
}

static int join_arguments(struct env *env, const char *path, int argc, char *const *argv, struct buf *into)
{
	_cleanup_(declared_done) struct declared file = { 0 };
	_cleanup_strv_ struct strv lines = { 0 };
	char name[MODNAME_MAX];
	bool known = argc > 0 && declared_read(env, path, &file);
	int r = 0;

	for (int i = 0; i < argc && r >= 0; i++) {
		_cleanup_free_ char *copy = strdup(argv[i]);

		if (into->n)
			buf_addc(into, ' ');
		r = copy ? add_argument(env, copy, &file.params, into) : -ENOMEM;
	}
	if (r >= 0 && known && modname_from_path(path, name) >= 0)
		r = options_check_known(name, &file.params, &file.elf, buf_str(into), &lines);
	for (size_t i = 0; i < lines.n && r >= 0; i++)
		warn(env, "insmod.parameter", lines.items[i]);
	return r < 0 ? r : buf_error(into);
}

static int insert_file(struct env *env, const char *path, const char *options, const struct insmod_options *o)
{
	_cleanup_kmsg_ struct kmsg kmsg = { .fd = -1 };
	struct stat st;
	int r = root_stat(&env->sys.root, path, &st);

	if (r < 0) {
		report_error(env, "insmod.file", "could not load module %s: %s", path, strerror(-r));
		return r;
	}
	kmsg_open(&env->sys.root, &kmsg); /* without it the cause is found from other evidence */
	r = insert_module(&env->sys, path, options, o->force);
	if (r < 0)
		tell_failure(env, path, &kmsg, r);
	return r;
}

static int insert(struct env *env, const struct insmod_options *o, int argc, char **argv)
{
	_cleanup_buf_ struct buf options = BUF_INIT;

	if (argc < 1) {
		report_error(env, "insmod.missing", "missing filename.");
		return -EINVAL;
	}
	if (strcmp(argv[0], "-") == 0) {
		report_error(env, "insmod.stdin", "this tool does not support loading from stdin!");
		return -EINVAL;
	}
	if (join_arguments(env, argv[0], argc - 1, argv + 1, &options) < 0) {
		report_error(env, "cli.memory", "out of memory");
		return -ENOMEM;
	}
	return insert_file(env, argv[0], buf_str(&options), o);
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	int r = insert(env, values, argc, argv);

	if (r < 0 && argc > 0)
		report_why(env, (const char *const *)argv, 1);
	return r < 0 ? 1 : 0;
}

int cmd_insmod(struct env *env, int argc, char **argv)
{
	static const char *const usage[] = { "[options] filename [module options]", NULL };
	static const struct cli cli = {
		.usage = usage,
		.options = insmod_options,
		.set = insmod_set,
		.run = run,
	};
	struct insmod_options options = { 0 };

	env->sys.diag.max_level = LOG_ERR;
	return cli_main(env, &cli, argc, argv, &options);
}
