// SPDX-License-Identifier: MIT
/*
 * modprobe: sets up what the options select. The work is in load.c, remove.c and show.c; what is loaded in which order
 * is decided in decide/plan and done in act/load.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "face/common/cli.h"
#include "face/common/report.h"
#include "face/kmod/commands.h"
#include "face/kmod/modprobe/private.h"
#include "system/live_sysfs.h"
#include "system/release.h"

static int load_policy(struct modprobe *m, const char *dir, struct policy **ret)
{
	const struct strv *config = &m->o->config;
	_cleanup_free_ const char **paths = calloc(config->n + 1, sizeof(*paths));
	struct policy_request request = { .root = m->env->sys.root, .moduledir = dir };

	if (!paths)
		return -ENOMEM;
	for (size_t i = 0; i < config->n; i++)
		paths[i] = config->items[i];
	request.paths = config->n ? paths : NULL;
	return policy_load(&request, &m->env->sys.diag, ret);
}

/* In the environment of commands. */
#define LOOPED "MODPROBE_LOOPED"

bool modprobe_ends_at_loop(const struct modprobe *m, const char *next)
{
	if (!m->looped)
		return false;
	if (m->is_below)
		report_error(m->env, "modprobe.loop-ends", "the names from '%s' on are not tried", next);
	return m->is_below || setenv(LOOPED, "1", 1) < 0;
}

static int perform(struct modprobe *m, int n, char **args)
{
	if (m->o->show_config)
		return modprobe_show_config(m);
	if (m->o->show_modversions)
		return modprobe_show_versions(m, args[0]);
	if (m->o->show_exports)
		return modprobe_show_exports(m, args[0]);
	if (m->o->remove)
		return modprobe_remove(m, n, args);
	return modprobe_load(m, n, args);
}

static int set_up_and_perform(struct modprobe *m, int n, char **args)
{
	_cleanup_(catalog_leave_p) struct catalog *catalog = NULL;
	_cleanup_(policy_free_p) struct policy *policy = NULL;
	struct sys *sys = &m->env->sys;
	int r = modprobe_export_options(m->o);

	if (r >= 0 && m->o->dirname)
		r = root_anchor_add(&sys->root, m->o->dirname);
	if (r >= 0)
		r = system_open_catalog(sys, m->o->dirname, m->o->release, &sys->diag, &catalog);
	if (r >= 0)
		r = load_policy(m, catalog_dir(catalog), &policy);
	if (r < 0) {
		report_fatal(m->env, "modprobe.setup", "could not start: %s", strerror(-r));
		return 1;
	}
	if (strlen(catalog_dir(catalog)) >= PATH_MAX) {
		report_fatal(m->env, "modprobe.directory", "bad directory %s: %s", catalog_dir(catalog),
			     strerror(ENAMETOOLONG));
		return 1;
	}
	m->live = live_sysfs(&m->env->sys.root);
	m->world = (struct plan_world){
		.catalog = catalog, .policy = policy, .live = &m->live, .diag = &m->env->sys.diag
	};
	return perform(m, n, args);
}

static bool modprobe_loads(const struct modprobe_options *o)
{
	return !o->show_config && !o->show_modversions && !o->show_exports && !o->show_depends && !o->remove;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	struct modprobe_options *o = values;
	struct modprobe m = { .env = env, .o = o, .is_below = getenv(LOOPED) };
	int status;

	/* As with kmod, -q does not count for these. */
	if (argc == 0 && !o->show_config) {
		report_error(env, "modprobe.missing", "missing parameters. See -h.");
		return 1;
	}
	env->sys.diag.max_level = o->level;
	o->dry_run |= o->remove && o->show_depends;
	status = set_up_and_perform(&m, argc, argv);
	if (status != 0 && modprobe_loads(o))
		report_why(env, (const char *const *)argv, o->all ? (size_t)argc : 1);
	root_anchors_close(&env->sys.root);
	return status;
}

int cmd_modprobe(struct env *env, int argc, char **argv)
{
	static const struct cli cli = {
		.usage = modprobe_usage,
		.summary = "Load a kernel module and everything it needs, or remove modules.",
		.options = modprobe_option_table,
		.long_lines = true,
		.set = modprobe_set,
		.run = run,
	};
	struct modprobe_options o = { .level = LOG_WARNING };
	_cleanup_strv_ struct strv args = { 0 };
	_cleanup_free_ char **permuted = NULL;
	int status = 1;

	/* Nobody would see the messages: the kernel starts modprobe like that. */
	if (env->no_stderr)
		report_use_syslog(env);
	/* getopt reorders its vector; the owner of the strings keeps its own. */
	if (modprobe_arguments(argc, argv, &args) < 0 || !(permuted = calloc(args.n + 1, sizeof(*permuted)))) {
		report_error(env, "cli.memory", "out of memory");
		return 1;
	}
	memcpy(permuted, args.items, args.n * sizeof(*permuted));
	status = cli_main(env, &cli, (int)args.n, permuted, &o);
	strv_done(&o.config);
	buf_done(&o.exported);
	return status;
}
