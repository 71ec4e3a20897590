// SPDX-License-Identifier: MIT
/* insmod: one module file into the kernel, without dependencies and configuration. */
#include <errno.h>
#include <string.h>

#include "base/modname.h"
#include "base/optstring.h"
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

static const char *insert_error(int error)
{
	switch (error) {
	case ENOEXEC:
		return "Invalid module format";
	case ENOENT:
		return "Unknown symbol in module";
	case ESRCH:
		return "Module has wrong symbol version";
	case EINVAL:
		return "Invalid parameters";
	default:
		return strerror(error);
	}
}

/* Which module exports which symbol; what cannot be read is left out. */
static struct catalog *open_catalog(const struct env *env)
{
	struct catalog *catalog;

	return system_open_catalog(&env->sys, NULL, NULL, NULL, &catalog) < 0 ? NULL : catalog;
}

/* After the message itself: the likely cause, where it can be determined. */
static void tell_cause(struct env *env, const char *path, struct kmsg *kmsg, int error)
{
	_cleanup_(catalog_close_p) struct catalog *catalog = open_catalog(env);
	const struct live_view live = live_sysfs(&env->sys.root);
	const struct plan_world world = { .catalog = catalog, .live = &live };
	_cleanup_kmsg_list_ struct kmsg_list said = { 0 };
	char name[MODNAME_MAX];
	struct refusal refusal = { .sys = &env->sys, .world = &world, .name = name, .path = path, .error = error };

	if (error == -EEXIST || modname_from_path(path, name) < 0)
		return;
	refusal.kmsg = kmsg_collect(kmsg, &said) == 0 ? &said : NULL;
	refusal_report(&refusal);
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
	if (r < 0) {
		report_error(env, "insmod.insert", "could not insert module %s: %s", path, insert_error(-r));
		tell_cause(env, path, &kmsg, r);
	}
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
	if (optstring_join(argc - 1, argv + 1, &options) < 0) {
		report_error(env, "cli.memory", "out of memory");
		return -ENOMEM;
	}
	return insert_file(env, argv[0], buf_str(&options), o);
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	return insert(env, values, argc, argv) < 0 ? 1 : 0;
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
