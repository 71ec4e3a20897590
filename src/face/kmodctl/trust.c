// SPDX-License-Identifier: MIT
/* kmodctl trust: would this kernel accept these modules, by which key; if not, by which rule, and what to do. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/modname.h"
#include "read/index/catalog.h"
#include "read/index/similar.h"
#include "face/common/cli.h"
#include "face/common/display.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/trust_json.h"
#include "face/kmodctl/status.h"
#include "face/kmodctl/trust_text.h"
#include "face/common/report.h"
#include "verb/trust/module.h"
#include "system/release.h"

struct trust_options {
	const char *assume;
	bool json, table, force, details;
};

enum { OPT_ASSUME = CLI_LONG, OPT_JSON, OPT_TABLE };

static const struct cli_option options[] = {
	{ OPT_ASSUME, "assume", "LIST",
	  "assume a state: a list, with commas, of secure-boot=on|off, sig_enforce=0|1, lockdown=LEVEL, "
	  "platform=asked|not-asked, may-load=yes|no ...",
	  NULL, 0 },
	{ 'f', "force", NULL, "assume modprobe --force", NULL, 0 },
	{ OPT_JSON, "json", NULL, "print JSON", NULL, 0 },
	{ OPT_TABLE, "table", NULL, "print the truth table of this kernel", NULL, 0 },
	{ 'v', "verbose", NULL, "show the machine, its key rings and all details, and the codes of messages", NULL,
	  CLI_DETAILS },
	{ 0 },
};

static int set(struct env *env, void *values, int id, const char *arg)
{
	struct trust_options *o = values;

	(void)env;
	if (id == OPT_ASSUME)
		o->assume = arg;
	else if (id == OPT_JSON)
		o->json = true;
	else if (id == OPT_TABLE)
		o->table = true;
	else if (id == 'v')
		o->details = true;
	else
		o->force = true;
	return 0;
}

/* ---- names ---- */

/* e1000e.ko may be a file here; where there is none, a module's name was meant. */
static bool is_path(struct env *env, const char *argument)
{
	struct stat st;

	return strchr(argument, '/') ||
	       (strstr(argument, ".ko") && root_stat(&env->sys.root, argument, &st) != -ENOENT);
}

/* The path of a module by name, as modules.dep has it. Reports. */
static int path_of(struct env *env, const struct catalog *c, const char *argument, char **ret)
{
	char name[MODNAME_MAX] = "";
	const char *line = NULL;
	_cleanup_buf_ struct buf hint = BUF_INIT;

	if (is_path(env, argument)) {
		*ret = strdup(argument);
		return *ret ? 0 : -ENOMEM;
	}
	if (c && !modname_extension(argument) && modname_normalize(argument, name) == 0)
		line = catalog_dep_line(c, name);
	if (line)
		return catalog_join(c, line, strcspn(line, ":"), ret);
	if (c && catalog_is_builtin(c, name))
		report_error(env, "trust.builtin", "%s is built into the kernel: there is nothing to load", argument);
	else if (similar_hint(c, argument, &hint) >= 0)
		report_error(env, "trust.no-module", "%s: no such %s%s", argument,
			     modname_extension(argument) && !hint.n ? "file" : "module is installed", buf_str(&hint));
	return -ENOENT;
}

/* ---- the command ---- */

static void readings_done(struct readings *r)
{
	for (size_t i = 0; i < r->n; i++)
		module_reading_done(&r->items[i]);
	free(r->items);
	strv_done(&r->missing);
}

/* All operands; what cannot be read is reported, and counts as missing. 0, -ENOMEM. */
static int read_modules(struct env *env, struct trust_context *ctx, int argc, char **argv, struct readings *into)
{
	_cleanup_(catalog_close_p) struct catalog *catalog = NULL;
	int r = 0;

	into->items = calloc((size_t)argc + 1, sizeof(*into->items));
	if (!into->items)
		return -ENOMEM;
	if (system_open_catalog(ctx->sys, NULL, ctx->reading->release, &ctx->sys->diag, &catalog) < 0)
		catalog = NULL;
	for (int i = 0; i < argc && r == 0; i++) {
		_cleanup_free_ char *path = NULL;

		if (path_of(env, catalog, argv[i], &path) < 0 || module_read(ctx, path, &into->items[into->n]) < 0)
			r = strv_add(&into->missing, argv[i]);
		else
			into->n++;
	}
	return r;
}

static int show_text(struct env *env, struct trust_context *ctx, const struct trust_options *o,
		     const struct readings *modules, bool asked)
{
	int r = 0;

	for (size_t i = 0; i < modules->n && r == 0; i++) {
		if (i)
			fputc('\n', env->out);
		r = trust_print_module(env, ctx, &modules->items[i], i + 1 == modules->n, o->details);
	}
	if (o->details && modules->n)
		fputc('\n', env->out);
	if (o->details || (!asked && !o->table))
		trust_print_machine(env, ctx, !modules->n);
	if (o->table && (modules->n || o->details))
		fputc('\n', env->out);
	if (o->table)
		trust_print_table(env, &ctx->machine);
	if (r < 0)
		report_error(env, "cli.memory", "out of memory");
	return r;
}

/* One that is refused decides, then one that could not be read or found out. */
static int status_of(const struct readings *modules)
{
	int status = modules->missing.n ? STATUS_UNKNOWN : STATUS_YES;

	for (size_t i = 0; i < modules->n; i++) {
		enum trust_outcome o = modules->items[i].verdict.outcome;

		if (o == TRUST_REFUSED)
			return STATUS_NO;
		if (o == TRUST_UNDECIDED)
			status = STATUS_UNKNOWN;
	}
	return status;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const struct trust_options *o = values;
	_cleanup_machine_reading_ struct machine_reading reading = { 0 };
	_cleanup_key_stores_ struct key_stores stores = { 0 };
	_cleanup_(readings_done) struct readings modules = { 0 };
	struct trust_context ctx = { .sys = &env->sys,
				     .reading = &reading,
				     .stores = &stores,
				     .forced = o->force,
				     .assumed = o->assume != NULL };

	display_page(env);
	command_confine(env, CONFINE_KEEP_KEYS);
	if (machine_read(&env->sys, &reading) < 0 || key_stores_read(&env->sys, &stores) < 0) {
		report_error(env, "trust.state", "could not read the state of this machine");
		return STATUS_UNKNOWN;
	}
	ctx.machine = reading.machine;
	key_stores_prove(&stores, &ctx.machine);
	if (o->assume && trust_machine_assume(&ctx.machine, o->assume, &env->sys.diag) < 0)
		return STATUS_USAGE;
	if (read_modules(env, &ctx, argc, argv, &modules) < 0) {
		report_error(env, "cli.memory", "out of memory");
		return STATUS_UNKNOWN;
	}
	if (o->json)
		trust_show_json(env, &ctx, &modules, o->table);
	else if (show_text(env, &ctx, o, &modules, argc > 0) < 0)
		return STATUS_UNKNOWN;
	return status_of(&modules);
}

int cmd_trust(struct env *env, int argc, char **argv)
{
	static const char *const usage[] = { "[options] [MODULE|FILE...]", NULL };
	static const struct cli cli = {
		.usage = usage,
		.summary = "Predict whether this kernel accepts these modules, why not, and what to do.\n"
			   "Without operands, show Secure Boot, lockdown and the key rings.\n"
			   "Nothing is loaded.",
		.wrong_usage = STATUS_USAGE,
		.epilog = STATUS_HELP("all load", "a module is refused",
				      STATUS_ROW(3, "of a module it could not be found out, or it is not there")),
		.options = options,
		.set = set,
		.run = run,
	};
	struct trust_options o = { 0 };

	return cli_main(env, &cli, argc, argv, &o);
}
