// SPDX-License-Identifier: MIT
/* modinfo: what module files and built-in modules say about themselves. */
#include <errno.h>
#include <string.h>

#include "base/collect.h"
#include "base/modname.h"
#include "base/paths.h"
#include "base/pool.h"
#include "base/vec.h"
#include "decide/plan/resolve.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/kmod/commands.h"
#include "face/kmod/modinfo/private.h"
#include "face/common/report.h"
#include "system/release.h"
#include "verb/why/refusal.h"

/* Modules are read by this many at once, so that a whole tree needs little memory. */
#define BATCH 256
/* Fewer files than this are not worth a thread. */
#define THREADS_FROM 16

struct modinfo_options {
	struct modinfo_style style;
	bool name_only, json, all;
	const char *version, *basedir;
};

enum { OPT_JSON = CLI_LONG, OPT_ALL };

static const struct cli_option modinfo_options[] = {
	{ 'a', "author", NULL, "Print only 'author'", NULL, 0 },
	{ 'd', "description", NULL, "Print only 'description'", NULL, 0 },
	{ 'l', "license", NULL, "Print only 'license'", NULL, 0 },
	{ 'p', "parameters", NULL, "Print only 'parm'", NULL, 0 },
	{ 'n', "filename", NULL, "Print only 'filename'", NULL, 0 },
	{ '0', "null", NULL, "Use \\0 instead of \\n", NULL, 0 },
	{ 'm', "modname", NULL, "Handle argument as module name instead of alias or filename", NULL, 0 },
	{ 'F', "field", "FIELD", "Print only provided FIELD", NULL, 0 },
	{ 'k', "set-version", "VERSION", "Use VERSION instead of `uname -r`", NULL, 0 },
	{ 'b', "basedir", "DIR", "Use DIR as filesystem root for " RELEASES_DIR, NULL, 0 },
	{ OPT_ALL, "all", NULL, "All modules of the kernel release, including built-in ones", NULL, 0 },
	{ OPT_JSON, "json", NULL, "Print JSON", NULL, 0 },
	{ 0 },
};

static int modinfo_set(struct env *env _unused_, void *values, int id, const char *arg)
{
	struct modinfo_options *o = values;

	switch (id) {
	case 'a':
		o->style.field = "author";
		break;
	case 'd':
		o->style.field = "description";
		break;
	case 'l':
		o->style.field = "license";
		break;
	case 'p':
		o->style.field = "parm";
		break;
	case 'n':
		o->style.field = "filename";
		break;
	case 'F':
		o->style.field = arg;
		break;
	case '0':
		o->style.separator = '\0';
		break;
	case 'm':
		o->name_only = true;
		break;
	case 'k':
		o->version = arg;
		break;
	case 'b':
		o->basedir = arg;
		break;
	case OPT_ALL:
		o->all = true;
		break;
	case OPT_JSON:
		o->json = true;
		break;
	}
	return 0;
}

/* ---- which modules ---- */

struct target {
	char *name, *path; /* path NULL: built in */
};

struct targets {
	struct target *items;
	size_t n, cap;
};

static void targets_done(struct targets *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->items[i].name);
		free(t->items[i].path);
	}
	free(t->items);
}

/* Takes ownership of path, also on failure. */
static int add_target(struct targets *t, const char *name, char *path)
{
	struct target item = { strdup(name), path };

	if (!item.name || vec_room(&t->items, t->n, &t->cap) < 0) {
		free(item.name);
		free(path);
		return -ENOMEM;
	}
	t->items[t->n++] = item;
	return 0;
}

static bool is_module_file(const struct env *env, const char *path)
{
	return modname_extension(path) > 0 && root_is_regular(&env->sys.root, path);
}

static int add_file(struct targets *t, const char *path)
{
	char name[MODNAME_MAX];
	char *absolute;
	int r = modname_from_path(path, name);

	if (r == 0)
		r = root_abspath(path, &absolute);
	return r < 0 ? r : add_target(t, name, absolute);
}

static int add_candidates(const struct plan_world *w, const struct candidates *c, struct targets *t)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->n; i++) {
		char *path = NULL;

		if (!c->items[i].builtin)
			r = world_path(w, c->items[i].name, &path);
		if (r == 0)
			r = add_target(t, c->items[i].name, path);
	}
	return r;
}

static int add_argument(struct env *env, const struct modinfo_options *o, const struct plan_world *w, const char *arg,
			struct targets *t)
{
	_cleanup_candidates_ struct candidates found = { 0 };
	int r;

	if (!o->name_only && is_module_file(env, arg)) {
		r = add_file(t, arg);
		if (r < 0)
			report_error(env, "modinfo.not-found", "Module file %s not found.", arg);
		return r;
	}
	r = o->name_only ? resolve_name(w, arg, &found) : resolve(w, arg, &found);
	/* A file with another suffix, but no module of that name: as insmod, whatever it is called. */
	if (!o->name_only && r == 0 && found.n == 0 && root_is_regular(&env->sys.root, arg))
		return add_file(t, arg);
	if (o->name_only && (r < 0 || found.n == 0))
		report_error(env, "modinfo.not-found", "Module name %s not found.", arg);
	else if (r < 0)
		report_error(env, "modinfo.not-found", "Module alias %s not found.", arg);
	else if (found.n == 0)
		report_error(env, "modinfo.not-found", "Module %s not found.", arg);
	if (r >= 0 && found.n == 0)
		report_similar(env, w->catalog, arg);
	if (r < 0 || found.n == 0) {
		if (!o->basedir && !o->version)
			refusal_report_support(&env->sys);
		return r < 0 ? r : -ENOENT;
	}
	return add_candidates(w, &found, t);
}

struct walk {
	const struct plan_world *world;
	struct targets *targets;
};

static int add_installed(void *data, const char *key, const char *value _unused_, uint32_t priority _unused_)
{
	struct walk *walk = data;
	char *path = NULL;
	int r = world_path(walk->world, key, &path);

	return r < 0 ? r : add_target(walk->targets, key, path);
}

static int add_builtin(void *data, const char *key, const char *value _unused_, uint32_t priority _unused_)
{
	struct walk *walk = data;

	return add_target(walk->targets, key, NULL);
}

static int add_all(struct env *env, const struct plan_world *w, struct targets *t)
{
	const struct index_reader *dep = catalog_reader(w->catalog, CATALOG_DEP);
	const struct index_reader *builtin = catalog_reader(w->catalog, CATALOG_BUILTIN);
	struct walk walk = { w, t };
	int r = dep ? index_reader_walk(dep, add_installed, &walk) : -ENOENT;

	if (r == 0 && builtin)
		r = index_reader_walk(builtin, add_builtin, &walk);
	if (r < 0)
		report_error(env, "modinfo.no-index", "could not list the modules of %s: %s", catalog_dir(w->catalog),
			     strerror(-r));
	return r;
}

/* ---- reading them, several at once ---- */

/* The result for one module: its text, and the messages to be shown when it is printed. */
struct result {
	char *text;
	size_t text_len;
	struct collect messages;
	bool failed;
};

struct batch {
	struct env *env;
	const struct modinfo_options *options;
	const struct catalog *catalog;
	const struct target *targets;
	struct result *results;
	struct scratch **scratches;
};

static int describe(const struct batch *b, const struct target *t, struct scratch *scratch, struct diag *diag,
		    FILE *out)
{
	_cleanup_modinfo_subject_ struct modinfo_subject s = { 0 };
	struct json j;
	int r;

	if (!b->options->json && modinfo_print_head(out, t->name, t->path, &b->options->style))
		return 0;
	r = modinfo_subject_read(&b->env->sys.root, b->catalog, t->name, t->path, scratch, diag, &s);
	if (r == -ENOSYS && b->options->all)
		return r; /* a library is missing, which was reported, and for the others as well */
	if (r < 0) {
		diag_err(diag, "modinfo.unreadable", "could not get modinfo from '%s': %s", t->name, strerror(-r));
		if (t->path && modname_extension(t->path) == 0)
			diag_err(diag, "modinfo.no-object",
				 "%s is no ELF object, nor one that is compressed with gzip, xz or zstd", t->path);
		return r;
	}
	if (!b->options->json)
		return modinfo_print(out, &s, &b->options->style, diag);
	json_init(&j, out, false);
	return modinfo_json(&j, &s);
}

static int describe_job(void *data, unsigned worker, size_t index)
{
	struct batch *b = data;
	struct result *r = &b->results[index];
	FILE *out = open_memstream(&r->text, &r->text_len);

	collect_init(&r->messages, &b->env->sys.diag);
	if (!out)
		return -ENOMEM;
	r->failed = describe(b, &b->targets[index], b->scratches[worker], &r->messages.diag, out) < 0;
	return fclose(out) == 0 ? 0 : -ENOMEM;
}

static void show(struct env *env, const struct modinfo_options *o, struct json *j, struct result *r)
{
	collect_flush(&r->messages, &env->sys.diag);
	if (!o->json)
		fwrite(r->text, 1, r->text_len, env->out);
	else if (!r->failed)
		json_raw(j, NULL, r->text);
}

static void result_done(struct result *r)
{
	collect_done(&r->messages);
	free(r->text);
	*r = (struct result){ 0 };
}

/* Reads and shows n targets. 0, -EIO when one of them failed and was reported, or -ENOMEM. */
static int run_batch(struct batch *b, unsigned workers, size_t n, struct json *j)
{
	int r = pool_run(workers, n, describe_job, b);

	for (size_t i = 0; i < n; i++) {
		if (r == 0 || b->results[i].text)
			show(b->env, b->options, j, &b->results[i]);
		if (b->results[i].failed && r == 0)
			r = -EIO;
		result_done(&b->results[i]);
	}
	return r;
}

static int run_batches(struct env *env, const struct modinfo_options *o, const struct catalog *c,
		       const struct targets *t, struct json *j)
{
	unsigned workers = t->n < THREADS_FROM ? 1 : pool_cpus();
	_cleanup_free_ struct scratch **scratches = calloc(workers, sizeof(struct scratch *));
	_cleanup_free_ struct result *results = calloc(BATCH, sizeof(*results));
	struct batch b = { .env = env, .options = o, .catalog = c, .results = results, .scratches = scratches };
	struct span builtin;
	int r = 0;

	if (!scratches || !results)
		return -ENOMEM;
	for (unsigned i = 0; i < workers; i++)
		scratches[i] = scratch_new();
	(void)catalog_builtin_modinfo(c, &builtin); /* opened before there are threads */
	for (size_t at = 0; at < t->n; at += BATCH) {
		size_t n = t->n - at < BATCH ? t->n - at : BATCH;
		int one;

		b.targets = t->items + at;
		one = run_batch(&b, workers, n, j);
		if (one < 0)
			r = one;
	}
	for (unsigned i = 0; i < workers; i++)
		scratch_free(scratches[i]);
	return r;
}

static int print_targets(struct env *env, const struct modinfo_options *o, const struct catalog *c,
			 const struct targets *t)
{
	struct json j;
	int r;

	if (o->json) {
		answer_open(env, &j);
		json_array(&j, "modules");
	}
	r = run_batches(env, o, c, t, &j);
	if (o->json) {
		json_end(&j);
		answer_close(env, &j);
	}
	return r;
}

/* ---- the command ---- */

static int open_catalog(struct env *env, const struct modinfo_options *o, struct catalog **ret)
{
	int r = o->basedir ? root_anchor_add(&env->sys.root, o->basedir) : 0;

	if (r >= 0)
		r = system_open_catalog(&env->sys, o->basedir, o->version, &env->sys.diag, ret);
	if (r < 0)
		report_error(env, "modinfo.release", "could not find the kernel release: %s", strerror(-r));
	return r;
}

static int describe_targets(struct env *env, const struct modinfo_options *o, int argc, char **argv)
{
	_cleanup_(catalog_close_p) struct catalog *catalog = NULL;
	_cleanup_(targets_done) struct targets targets = { 0 };
	struct plan_world world = { .diag = &env->sys.diag };
	int r = open_catalog(env, o, &catalog);
	bool failed = false;

	if (r < 0)
		return r;
	world.catalog = catalog;
	if (o->all)
		failed = add_all(env, &world, &targets) < 0;
	for (int i = 0; i < argc; i++)
		failed |= add_argument(env, o, &world, argv[i], &targets) < 0;
	r = print_targets(env, o, catalog, &targets);
	return failed ? -ENOENT : r;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const struct modinfo_options *o = values;
	int r;

	if (argc == 0 && !o->all) {
		report_error(env, "modinfo.missing", "missing module or filename.");
		return 1;
	}
	command_confine(env, 0);
	r = describe_targets(env, o, argc, argv);
	root_anchors_close(&env->sys.root);
	return r < 0 ? 1 : 0;
}

int cmd_modinfo(struct env *env, int argc, char **argv)
{
	static const char *const usage[] = { "[options] <modulename|filename> [args]", NULL };
	static const struct cli cli = {
		.usage = usage, .options = modinfo_options, .long_lines = true, .set = modinfo_set, .run = run
	};
	struct modinfo_options options = { .style.separator = '\n' };

	env->sys.diag.max_level = LOG_ERR;
	return cli_main(env, &cli, argc, argv, &options);
}
