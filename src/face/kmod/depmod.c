// SPDX-License-Identifier: MIT
/* depmod: options -> request -> depmod/run.h. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/json.h"
#include "base/vec.h"
#include "act/depmod/freshness.h"
#include "act/depmod/run.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/say.h"
#include "face/kmod/commands.h"
#include "face/common/progress.h"
#include "face/common/report.h"
#include "system/release.h"

#define DEFAULT_CACHE_DIR "/var/cache/kmodctl"

enum { OPT_JOBS = CLI_LONG, OPT_CACHE, OPT_NO_CACHE, OPT_VERIFY, OPT_STRICT, OPT_JSON };

struct depmod_options {
	bool all, quick, show, errsyms, warn, verify, strict, json, no_cache;
	unsigned verbose;
	const char *basedir, *outdir, *moduledir, *symvers, *filesyms, *cache_dir;
	char prefix;
	uint32_t jobs;
	struct strv config;
};

static const struct cli_option option_table[] = {
	{ 'a', "all", NULL, "work on all modules (default)", NULL, 0 },
	{ 'A', "quick", NULL, "do nothing unless a module is newer than modules.dep", NULL, 0 },
	{ 'e', "errsyms", NULL, "report unknown symbols (with -E or -F)", NULL, 0 },
	{ 'n', "show", NULL, "print the text files, write nothing", NULL, 0 },
	{ 'n', "dry-run", NULL, "the same", NULL, 0 },
	{ 'P', "symbol-prefix", "C", "character that precedes every symbol", NULL, 0 },
	{ 'C', "config", "PATH", "use this file or directory instead of depmod.d (repeatable)", NULL, 0 },
	{ 'v', "verbose", NULL, "print more messages, and which module needs which", NULL, 0 },
	{ 'w', "warn", NULL, "warn about repeated entries", NULL, 0 },
	{ 'b', "basedir", "DIR", "root of the module tree", NULL, 0 },
	{ 'm', "moduledir", "DIR", "instead of " RELEASES_DIR ", below the root", NULL, 0 },
	{ 'o', "outdir", "DIR", "root of the output", NULL, 0 },
	{ 'F', "filesyms", "FILE", "System.map with the symbols of the kernel", NULL, 0 },
	{ 'E', "symvers", "FILE", "Module.symvers with symbols and versions", NULL, 0 },
	{ OPT_JOBS, "jobs", "N", "number of threads (default: CPUs)", NULL, 0 },
	{ OPT_CACHE, "cache", "DIR", "directory in which facts about modules are cached", NULL, 0 },
	{ OPT_NO_CACHE, "no-cache", NULL, "read every module", NULL, 0 },
	{ OPT_VERIFY, "verify", NULL, "compare indexes and modules, write nothing", NULL, 0 },
	{ OPT_STRICT, "strict", NULL, "fail when something cannot be read or indexed", NULL, 0 },
	{ OPT_JSON, "json", NULL, "print JSON (with --verify)", NULL, 0 },
	{ 0 },
};

static int set_prefix(struct env *env, struct depmod_options *o, const char *arg)
{
	if (strlen(arg) != 1) {
		report_fatal(env, "depmod.prefix", "-P only takes a single char");
		return -EINVAL;
	}
	o->prefix = arg[0];
	return 0;
}

static int set_option(struct env *env, void *values, int id, const char *arg)
{
	struct depmod_options *o = values;

	switch (id) {
	case 'a':
		o->all = true;
		break;
	case 'A':
		o->quick = true;
		break;
	case 'e':
		o->errsyms = true;
		break;
	case 'n':
		o->show = true;
		break;
	case 'w':
		o->warn = true;
		break;
	case 'v':
		o->verbose++;
		break;
	case 'b':
		o->basedir = arg;
		break;
	case 'm':
		o->moduledir = arg;
		break;
	case 'o':
		o->outdir = arg;
		break;
	case 'F':
		o->filesyms = arg;
		break;
	case 'E':
		o->symvers = arg;
		break;
	case 'P':
		return set_prefix(env, o, arg);
	case 'C':
		return strv_add(&o->config, arg);
	case OPT_JOBS:
		return cli_set_jobs(env, arg, &o->jobs);
	case OPT_CACHE:
		o->cache_dir = arg;
		break;
	case OPT_NO_CACHE:
		o->no_cache = true;
		break;
	case OPT_VERIFY:
		o->verify = true;
		break;
	case OPT_STRICT:
		o->strict = true;
		break;
	case OPT_JSON:
		o->json = true;
		break;
	}
	return 0;
}

static const char *const usage[] = { "[options] [VERSION [FILE...]]", NULL };

/* ---- from options to directories ---- */

/* One run of the command. */
struct depmod_command {
	struct env *env;
	struct depmod_options options;
	struct arena arena;
	const char *release;
	const char *in_dir, *out_dir;
	const char *cache; /* file, or NULL */
	struct progress progress;
};

/* Made absolute against the working directory, which "" stands for, without slashes at the end. NULL: reported. */
static const char *absolute_dir(struct depmod_command *c, const char *dir)
{
	_cleanup_free_ char *absolute = NULL;
	const char *start;
	size_t n;
	int r = root_abspath(dir, &absolute);

	if (r < 0) {
		report_error(c->env, "depmod.cwd", "could not determine the working directory: %s", strerror(-r));
		return NULL;
	}
	start = absolute;
	start += *dir != '/' && strncmp(start, "//", 2) == 0; /* the working directory is "/" */
	n = strlen(start);
	while (n > 0 && start[n - 1] == '/')
		n--;
	return arena_strn(&c->arena, start, n);
}

static const char *module_dir(struct depmod_command *c, const char *base)
{
	const char *moduledir = c->options.moduledir ? c->options.moduledir : RELEASES_DIR, *dir;

	base = absolute_dir(c, base);
	if (!base || (*base && root_anchor_add(&c->env->sys.root, base) < 0))
		return NULL;
	moduledir += strspn(moduledir, "/");
	dir = arena_strf(&c->arena, "%s/%s/%s", base, moduledir, c->release);
	if (dir && strlen(dir) >= PATH_MAX) {
		report_error(c->env, "depmod.path", "Bad directory %s/%s/%s: path too long", base, moduledir,
			     c->release);
		return NULL;
	}
	return dir;
}

static int find_release(struct depmod_command *c, const char *arg)
{
	struct utsname u;
	unsigned version;
	int r;

	if (arg && release_version(arg, &version) < 0) {
		report_error(c->env, "depmod.version", "Bad version passed %s", arg);
		report_error(c->env, "depmod.release",
			     "depmod takes the release of a kernel (a name below " RELEASES_DIR "), not a module; "
			     "`depmod -a` indexes everything");
		return -EINVAL;
	}
	if (!arg) {
		r = kernel_uname(c->env->sys.kernel, &u);
		if (r < 0) {
			report_error(c->env, "depmod.uname", "uname() failed: %s", strerror(-r));
			return r;
		}
	}
	c->release = arena_str(&c->arena, arg ? arg : u.release);
	return c->release ? 0 : -ENOMEM;
}

/* The live root has a cache of its own; any other tree only when one is named. */
static int find_cache(struct depmod_command *c)
{
	const struct depmod_options *o = &c->options;
	const char *dir = o->cache_dir;

	if (!dir && !o->basedir && !o->outdir && !o->moduledir)
		dir = DEFAULT_CACHE_DIR;
	if (o->no_cache || !dir)
		return 0;
	dir = absolute_dir(c, dir);
	c->cache = dir ? arena_strf(&c->arena, "%s/depmod-%s.facts", dir, c->release) : NULL;
	return c->cache ? 0 : -ENOMEM;
}

static int find_places(struct depmod_command *c, const char *version)
{
	const struct depmod_options *o = &c->options;
	const char *basedir = o->basedir ? o->basedir : "/";
	int r = find_release(c, version);

	if (r < 0)
		return r;
	c->in_dir = module_dir(c, basedir);
	c->out_dir = o->outdir ? module_dir(c, o->outdir) : c->in_dir;
	if (!c->in_dir || !c->out_dir)
		return -EINVAL;
	return find_cache(c);
}

/* ---- output ---- */

static void show_edge(void *data, const struct module *user, const char *symbol, const struct module *owner)
{
	struct depmod_command *c = data;
	char a[PATH_MAX], b[PATH_MAX];
	const char *user_path = scan_module_file(c->in_dir, user, a),
		   *owner_path = scan_module_file(c->in_dir, owner, b);

	fprintf(c->env->out, "%s needs \"%s\": %s\n", user_path ? user_path : user->path, symbol,
		owner_path ? owner_path : owner->path);
}

static void show_progress(void *data, size_t done, size_t total)
{
	struct depmod_command *c = data;

	progress_show(&c->progress, done, total);
}

static void print_differences(struct depmod_command *c, const struct verify_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct verify_difference *d = &l->items[i];

		say(c->env->out, "%s: %s%s%s\n", verify_kind_name(d->kind), d->file, d->module ? ": " : "",
		    d->module ? d->module : "");
	}
}

static void print_differences_json(struct depmod_command *c, const struct verify_list *l)
{
	struct json j;

	answer_open(c->env, &j);
	json_str(&j, "directory", c->out_dir);
	json_bool(&j, "up_to_date", l->n == 0);
	json_array(&j, "differences");
	for (size_t i = 0; i < l->n; i++) {
		json_object(&j, NULL);
		json_str(&j, "kind", verify_kind_name(l->items[i].kind));
		json_str(&j, "file", l->items[i].file);
		json_str(&j, "module", l->items[i].module);
		json_end(&j);
	}
	json_end(&j);
	answer_close(c->env, &j);
}

/* ---- the run ---- */

static int run_request(struct depmod_command *c, struct depmod_request *req)
{
	_cleanup_(verify_list_done) struct verify_list differences = { 0 };
	int r;

	req->differences = &differences;
	progress_init(&c->progress, c->env->err, c->env->tool, "modules");
	r = depmod_run(req);
	progress_done(&c->progress);
	if (r >= 0 && req->action == DEPMOD_VERIFY) {
		if (c->options.json)
			print_differences_json(c, &differences);
		else
			print_differences(c, &differences);
	}
	return r;
}

static int check_files(struct depmod_command *c, char **files, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (files[i][0] == '/')
			continue;
		report_fatal(c->env, "depmod.relative", "%s: not absolute path.", files[i]);
		return -EINVAL;
	}
	return 0;
}

static int run_command(struct depmod_command *c, char **files, size_t n_files)
{
	struct depmod_options *o = &c->options;
	struct depmod_request req = {
		.root = c->env->sys.root,
		.release = c->release,
		.in_dir = c->in_dir,
		.out_dir = c->out_dir,
		.files = (const char *const *)files,
		.n_files = o->all ? 0 : n_files,
		.symvers = o->symvers,
		.system_map = o->symvers ? NULL : o->filesyms,
		.symbol_prefix = o->prefix,
		.report_unknown = o->errsyms,
		.warn_duplicates = o->warn,
		.strict = o->strict,
		.jobs = o->jobs,
		.cache = c->cache,
		.action = o->verify ? DEPMOD_VERIFY :
			  o->show   ? DEPMOD_PRINT :
				      DEPMOD_PUBLISH,
		.out = c->env->out,
		.edge = o->verbose ? show_edge : NULL,
		.progress = show_progress,
		.data = c,
		.diag = &c->env->sys.diag,
	};
	int r = check_files(c, files, req.n_files);

	if (r < 0)
		return r;
	if (o->config.n) {
		if (vec_room(&o->config.items, o->config.n, &o->config.cap) < 0)
			return -ENOMEM;
		o->config.items[o->config.n] = NULL;
		req.config = (const char *const *)o->config.items;
	}
	return run_request(c, &req);
}

/* Options that have no effect without another one. */
static int check_options(struct depmod_command *c)
{
	struct depmod_options *o = &c->options;

	if (o->errsyms && !o->symvers && !o->filesyms) {
		report_warning(c->env, "depmod.errsyms", "-e needs -E or -F");
		o->errsyms = false;
	}
	if (o->json && !o->verify) {
		report_error(c->env, "depmod.json", "--json needs --verify");
		return -EINVAL;
	}
	return 0;
}

static int depmod_main(struct depmod_command *c, int argc, char **argv)
{
	int r;

	c->env->sys.diag.max_level += (int)c->options.verbose;
	r = find_places(c, argc > 0 ? argv[0] : NULL);
	if (r < 0)
		return 1;
	if (c->options.quick &&
	    (c->options.show || freshness_is_up_to_date(&c->env->sys.root, c->in_dir, &c->env->sys.diag)))
		return 0;
	r = check_options(c);
	if (r == 0)
		r = run_command(c, argv + 1, argc > 1 ? (size_t)(argc - 1) : 0);
	return r == 0 ? 0 : 1;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const struct depmod_options *o = values;
	struct depmod_command c = { .env = env, .options = *o };
	int status = depmod_main(&c, argc, argv);

	root_anchors_close(&env->sys.root);
	arena_done(&c.arena);
	return status;
}

int cmd_depmod(struct env *env, int argc, char **argv)
{
	static const struct cli cli = {
		.usage = usage,
		.summary = "Generate modules.dep and the other indexes by which modules are found.",
		.options = option_table,
		.long_lines = true,
		.set = set_option,
		.run = run,
	};
	struct depmod_options o = { 0 };
	int status = cli_main(env, &cli, argc, argv, &o);

	strv_done(&o.config);
	return status;
}
