// SPDX-License-Identifier: MIT
/* rmmod: removes modules one by one, after checks whose messages are clearer than the kernel's. */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/modname.h"
#include "verb/users/users.h"
#include "read/index/catalog.h"
#include "read/kernel/live.h"
#include "act/load/remove.h"
#include "face/common/cli.h"
#include "face/kmod/commands.h"
#include "face/common/report.h"
#include "system/release.h"
#include "verb/why/refusal.h"

struct rmmod_options {
	bool force;
};

static const struct cli_option rmmod_options[] = {
	{ 'f', "force", NULL, "forces a module unload and may crash your machine; needs a kernel that allows it", NULL,
	  0 },
	REPORT_OPTIONS,
	{ 0 },
};

static int rmmod_set(struct env *env, void *values, int id, const char *arg _unused_)
{
	struct rmmod_options *o = values;

	o->force |= id == 'f';
	report_option(env, id);
	return 0;
}

/* Follows kmod's own line, which already names the holders. */
static void tell_users(struct env *env, const struct catalog *catalog, const char *name)
{
	const struct users_query q = { .root = &env->sys.root, .catalog = catalog, .module = name };
	_cleanup_strv_ struct strv lines = { 0 };

	if (users_brief(&q, false, &lines) < 0)
		return;
	for (size_t i = 0; i < lines.n; i++)
		report_error(env, "rmmod.users", "%s", lines.items[i]);
}

/* ---- checks: true when nothing prevents the removal ---- */

static bool check_builtin(struct env *env, struct catalog *catalog, const char *name)
{
	if (!catalog_is_builtin(catalog, name))
		return true;
	report_error(env, "rmmod.builtin", "Module %s is builtin.", name);
	return false;
}

static bool check_loaded(struct env *env, const char *name)
{
	enum live_state state;

	if (live_state_of(&env->sys.root, name, &state) == 0 && state != LIVE_ABSENT)
		return true;
	report_error(env, "rmmod.not-loaded", "Module %s is not currently loaded", name);
	refusal_report_support(&env->sys);
	return false;
}

static bool check_holders(struct env *env, const struct catalog *catalog, const char *name)
{
	_cleanup_strv_ struct strv holders = { 0 };
	_cleanup_buf_ struct buf list = BUF_INIT;
	int r = live_holders_of(&env->sys.root, name, &holders);

	if (r < 0)
		report_error(env, "rmmod.holders", "could not open '/sys/module/%s/holders': %s", name, strerror(-r));
	for (size_t i = 0; i < holders.n; i++)
		buf_addf(&list, " %s", holders.items[i]);
	if (holders.n == 0)
		return true;
	report_error(env, "rmmod.in-use", "Module %s is in use by:%s", name, buf_str(&list));
	tell_users(env, catalog, name);
	return false;
}

static bool check_refcnt(struct env *env, const struct catalog *catalog, const char *name)
{
	int count;
	int r = live_refcnt_of(&env->sys.root, name, &count);

	if (r == -ENOENT)
		report_error(env, "rmmod.unsupported", "Module unloading is not supported");
	else if (r == 0 && count > 0) {
		report_error(env, "rmmod.in-use", "Module %s is in use", name);
		tell_users(env, catalog, name);
	} else
		return true; /* an unreadable count is left to the kernel */
	return false;
}

static bool check_all(struct env *env, struct catalog *catalog, const char *name)
{
	return check_builtin(env, catalog, name) && check_loaded(env, name) && check_holders(env, catalog, name) &&
	       check_refcnt(env, catalog, name);
}

/* ---- removal ---- */

static int remove_one(struct env *env, const struct catalog *catalog, const char *arg, const char *name,
		      const struct rmmod_options *o)
{
	const struct remove_options how = { .force = o->force };
	int r = remove_module(&env->sys, name, &how);

	if (r < 0) {
		report_error(env, "rmmod.kernel", "could not remove '%s': %s", name, strerror(-r));
		report_error(env, "rmmod.failed", "could not remove module %s: %s", arg, strerror(-r));
		refusal_report_support(&env->sys);
	}
	if (r == -EBUSY)
		tell_users(env, catalog, name);
	return r;
}

/* An argument that exists as a file stands for the module of that name. */
static int name_of(struct env *env, const char *arg, char name[static MODNAME_MAX])
{
	int r = root_exists(&env->sys.root, arg) ? modname_from_path(arg, name) : modname_normalize(arg, name);

	if (r < 0)
		report_error(env, "rmmod.name", "could not use module %s: %s", arg, strerror(-r));
	return r;
}

static int remove_all(struct env *env, struct catalog *catalog, const struct rmmod_options *o, int argc, char **argv)
{
	int status = 0;

	for (int i = 0; i < argc; i++) {
		char name[MODNAME_MAX];

		if (name_of(env, argv[i], name) < 0)
			return 1;
		if ((!o->force && !check_all(env, catalog, name)) || remove_one(env, catalog, argv[i], name, o) < 0)
			status = 1;
	}
	return status;
}

static int open_catalog(struct env *env, struct catalog **ret)
{
	int r = system_open_catalog(&env->sys, NULL, NULL, &env->sys.diag, ret);

	if (r < 0)
		report_error(env, "rmmod.catalog", "could not use the indexes of the running kernel: %s", strerror(-r));
	return r;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	_cleanup_(catalog_close_p) struct catalog *catalog = NULL;

	if (argc == 0) {
		report_error(env, "rmmod.missing", "missing module name.");
		return 1;
	}
	return open_catalog(env, &catalog) < 0 ? 1 : remove_all(env, catalog, values, argc, argv);
}

int cmd_rmmod(struct env *env, int argc, char **argv)
{
	static const char *const usage[] = { "[options] modulename ...", NULL };
	static const struct cli cli = {
		.usage = usage, .options = rmmod_options, .long_lines = true, .set = rmmod_set, .run = run
	};
	struct rmmod_options options = { 0 };

	env->sys.diag.max_level = LOG_ERR;
	return cli_main(env, &cli, argc, argv, &options);
}
