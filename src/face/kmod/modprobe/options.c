// SPDX-License-Identifier: MIT
#include "face/kmod/modprobe/options.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "act/load/insert.h"
#include "base/num.h"
#include "base/paths.h"
#include "face/common/report.h"

enum {
	OPT_FIRST_TIME = CLI_LONG,
	OPT_FORCE_MODVERSION,
	OPT_FORCE_VERMAGIC,
	OPT_REMOVE_HOLDERS,
	OPT_SHOW_MODVERSIONS,
	OPT_SHOW_EXPORTS,
	OPT_JOBS,
	OPT_JSON,
};

const struct cli_option modprobe_option_table[] = {
	{ 'a', "all", NULL, "load several modules: every argument is a module name", NULL, 0 },
	{ 'r', "remove", NULL, "remove modules instead of loading them", NULL, 0 },
	{ OPT_REMOVE_HOLDERS, "remove-holders", NULL, "remove the modules that use it first (implies -r)", NULL, 0 },
	{ OPT_REMOVE_HOLDERS, "remove-dependencies", NULL, NULL, "remove-holders", 0 },
	{ 'w', "wait", "MSEC", "when removing, wait up to MSEC for a module in use", NULL, 0 },
	{ OPT_FIRST_TIME, "first-time", NULL, "fail if the module is already loaded or removed", NULL, 0 },
	{ 'i', "ignore-install", NULL, "ignore install commands", NULL, 0 },
	{ 'i', "ignore-remove", NULL, "ignore remove commands", NULL, 0 },
	{ 'b', "use-blacklist", NULL, "apply the blacklist to names, too", NULL, 0 },
	{ 'f', "force", NULL, "load despite differing versions; remove despite users. DANGEROUS", NULL, 0 },
	{ OPT_FORCE_MODVERSION, "force-modversion", NULL, "ignore the versions of symbols", NULL, 0 },
	{ OPT_FORCE_VERMAGIC, "force-vermagic", NULL, "ignore the version magic", NULL, 0 },
	{ OPT_JOBS, "jobs", "N", "with -a: load up to N modules at once", NULL, 0 },
	{ 'D', "show-depends", NULL, "only print the modules that would be loaded, and loaded ones", NULL, 0 },
	{ 'R', "show-alias", NULL, "only print the modules that a name or alias stands for", NULL, 0 },
	{ 'R', "resolve-alias", NULL, NULL, "show-alias", 0 },
	{ 'c', "show-config", NULL, "print the configuration and the indexes, and exit", NULL, 0 },
	{ 'c', "showconfig", NULL, NULL, "show-config", 0 },
	{ OPT_SHOW_MODVERSIONS, "show-modversions", NULL, "print the symbol versions that a module needs", NULL, 0 },
	{ OPT_SHOW_MODVERSIONS, "dump-modversions", NULL, NULL, "show-modversions", 0 },
	{ OPT_SHOW_EXPORTS, "show-exports", NULL, "print the symbol versions that a module exports", NULL, 0 },
	{ 'n', "dry-run", NULL, "do nothing, only print what would be done", NULL, 0 },
	{ 'n', "show", NULL, NULL, "dry-run", 0 },
	{ OPT_JSON, "json", NULL, "print JSON (with -n, -D, -R, -c)", NULL, 0 },
	{ 'C', "config", "FILE", "use this file or directory instead of modprobe.d (repeatable)", NULL, 0 },
	{ 'd', "dirname", "DIR", "use DIR" RELEASES_DIR, NULL, 0 },
	{ 'S', "set-version", "VERSION", "use this kernel release instead of the running one", NULL, 0 },
	{ 's', "syslog", NULL, "print to syslog, not stderr", NULL, 0 },
	{ 'q', "quiet", NULL, "print no messages", NULL, 0 },
	{ 'v', "verbose", NULL, "print what is done, and more messages", NULL, 0 },
	{ 0 },
};

/* Remembers what install and remove commands must pass to their own modprobe. */
static void export_option(struct modprobe_options *o, const char *option, const char *value)
{
	buf_addf(&o->exported, "%s%s%s%s", o->exported.n ? " " : "", option, value ? " " : "", value ? value : "");
}

static int set_wait(struct env *env, struct modprobe_options *o, const char *arg)
{
	unsigned long long ms;
	char *end;

	/* Blanks, signs and what is too large are kmod's: -5 waits as good as forever. */
	ms = strtoull(arg, &end, 0);
	if (end == arg || *end) {
		report_error(env, "modprobe.wait", "unexpected wait value '%s'.", arg);
		return -EINVAL;
	}
	o->wait_ms = ms < UINT_MAX ? (unsigned)ms : UINT_MAX;
	o->has_wait = true;
	return 0;
}

/* Options with an argument, and those that commands inherit. */
static int set_valued(struct env *env, struct modprobe_options *o, int id, const char *arg)
{
	switch (id) {
	case 'w':
		return set_wait(env, o, arg);
	case OPT_JOBS:
		return cli_set_jobs(env, arg, &o->jobs);
	case 'd':
		o->dirname = arg;
		return 0;
	case 'S':
		o->release = arg;
		return 0;
	case 'C':
		export_option(o, "-C", arg);
		return strv_add(&o->config, arg);
	case 's':
		export_option(o, "-s", NULL);
		report_use_syslog(env);
		return 0;
	case 'q':
		export_option(o, "-q", NULL);
		o->level = LOG_EMERG;
		return 0;
	case 'v':
		export_option(o, "-v", NULL);
		o->level++;
		return 0;
	}
	return -EINVAL;
}

int modprobe_set(struct env *env, void *values, int id, const char *arg)
{
	struct modprobe_options *o = values;
	const struct {
		int id;
		bool *flag;
	} flags[] = {
		{ 'a', &o->all },
		{ 'r', &o->remove },
		{ OPT_FIRST_TIME, &o->first_time },
		{ 'i', &o->ignore_commands },
		{ 'b', &o->use_blacklist },
		{ 'D', &o->show_depends },
		{ 'R', &o->show_alias },
		{ 'c', &o->show_config },
		{ OPT_SHOW_MODVERSIONS, &o->show_modversions },
		{ OPT_SHOW_EXPORTS, &o->show_exports },
		{ 'n', &o->dry_run },
		{ OPT_JSON, &o->json },
	};

	for (size_t i = 0; i < ELEMENTSOF(flags); i++)
		if (flags[i].id == id) {
			*flags[i].flag = true;
			return 0;
		}
	switch (id) {
	case OPT_REMOVE_HOLDERS:
		o->remove_holders = o->remove = true;
		return 0;
	case 'f':
		o->force_unload = true;
		o->force |= INSERT_FORCE_MODVERSION | INSERT_FORCE_VERMAGIC;
		return 0;
	case OPT_FORCE_MODVERSION:
		o->force |= INSERT_FORCE_MODVERSION;
		return 0;
	case OPT_FORCE_VERMAGIC:
		o->force |= INSERT_FORCE_VERMAGIC;
		return 0;
	}
	return set_valued(env, o, id, arg);
}

const char *const modprobe_usage[] = {
	"[options] [-i] [-b] MODULE [PARAMETER=VALUE...]",
	"[options] -a [-i] [-b] [--jobs N] MODULE...",
	"[options] -r [-i] MODULE...",
	"[options] -R ALIAS",
	"[options] -D MODULE",
	"[options] -c",
	"[options] --show-modversions MODULE",
	NULL,
};

/* ---- MODPROBE_OPTIONS ---- */

/*
 * Appends the words: split at single blanks, quotes of both kinds may start anywhere in a word and are dropped.
 * Two blanks give an empty word, as with kmod.
 */
static int split_words(const char *text, struct strv *into)
{
	_cleanup_buf_ struct buf word = BUF_INIT;
	char quote = '\0';
	int r = 0;

	for (const char *s = text; *s && r >= 0; s++) {
		if (quote && *s == quote)
			quote = '\0';
		else if (!quote && (*s == '\'' || *s == '"'))
			quote = *s;
		else if (!quote && *s == ' ') {
			r = strv_add(into, buf_str(&word));
			buf_clear(&word);
		} else
			r = buf_addc(&word, *s);
	}
	return r < 0 || !*text ? r : strv_add(into, buf_str(&word));
}

int modprobe_arguments(int argc, char **argv, struct strv *ret)
{
	const char *env = getenv("MODPROBE_OPTIONS");
	int r = strv_add(ret, argv[0]);

	if (r >= 0 && env)
		r = split_words(env, ret);
	for (int i = 1; i < argc && r >= 0; i++)
		r = strv_add(ret, argv[i]);
	return r;
}

int modprobe_export_options(const struct modprobe_options *o)
{
	const char *old = getenv("MODPROBE_OPTIONS"), *seen = buf_str(&o->exported);
	size_t n = old ? strlen(old) : 0;
	_cleanup_buf_ struct buf value = BUF_INIT;

	if (buf_error(&o->exported))
		return -ENOMEM;
	if (!*seen)
		return 0;
	if (n && strncmp(seen, old, n) == 0 && (seen[n] == '\0' || seen[n] == ' '))
		seen += n + (seen[n] == ' ');
	buf_addf(&value, "%s%s%s", n ? old : "", n && *seen ? " " : "", seen);
	if (buf_error(&value))
		return -ENOMEM;
	return setenv("MODPROBE_OPTIONS", buf_str(&value), 1) < 0 ? -errno : 0;
}

bool modprobe_shows_steps(const struct modprobe_options *o)
{
	if (o->json)
		return false;
	return o->show_depends || o->level > LOG_WARNING || (o->dry_run && o->level == LOG_WARNING);
}
