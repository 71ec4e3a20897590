// SPDX-License-Identifier: MIT
/* kmodctl config: what is configured for modules, whether it counts, and mistakes in it. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/display.h"
#include "face/common/report.h"
#include "face/common/say.h"
#include "face/common/table.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/status.h"
#include "read/index/similar.h"
#include "verb/config/image.h"
#include "verb/config/lint.h"

enum { OPT_LINT = CLI_LONG, OPT_ROOT };

struct values {
	const char *release, *root;
	bool lint, all, json;
};

static const struct cli_option options[] = {
	{ 'a', "all", NULL, "list lines that come with modules, too", NULL, 0 },
	{ 'k', "kernel", "VERSION", "kernel version (default: the running one)", NULL, 0 },
	{ OPT_LINT, "lint", NULL, "look for mistakes", NULL, 0 },
	{ OPT_ROOT, "root", "DIR", "read the files of another machine, below DIR", NULL, 0 },
	{ 'J', "json", NULL, "print JSON", NULL, 0 },
	CLI_VERBOSE,
	{ 0 },
};

static int set(struct env *env _unused_, void *values, int id, const char *arg)
{
	struct values *v = values;

	switch (id) {
	case 'a':
		v->all = true;
		break;
	case 'k':
		v->release = arg;
		break;
	case OPT_LINT:
		v->lint = true;
		break;
	case OPT_ROOT:
		v->root = arg;
		break;
	case 'J':
		v->json = true;
		break;
	}
	return 0;
}

/* ---- lines, as text ---- */

static void say_place(FILE *out, const char *file, unsigned line)
{
	if (line)
		say(out, "%s:%u", file, line);
	else
		say(out, "%s", file);
}

static void say_duration(FILE *out, int64_t seconds)
{
	static const struct {
		int64_t seconds;
		const char *one;
	} units[] = { { 86400, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" } };
	size_t i = 0;
	int64_t n;

	while (seconds < units[i].seconds)
		i++;
	n = seconds / units[i].seconds;
	say(out, "%" PRId64 " %s%s", n, units[i].one, n == 1 ? "" : "s");
}

/* The notes below a line stand below its place. */
#define EFFECT_WIDTH 11

static enum look effect_look(enum config_effect effect)
{
	return effect == CONFIG_COUNTS ? LOOK_GOOD : effect == CONFIG_UNSURE ? LOOK_BAD : LOOK_WARN;
}

static void say_line(struct env *env, const struct config_line *l)
{
	const char *value = l->value ? l->value + strspn(l->value, " \t") : "";
	FILE *out = env->out;

	say_look(env, effect_look(l->effect), "%-*s", EFFECT_WIDTH, config_effect_name(l->effect));
	say(out, " ");
	say_place(out, l->file, l->line);
	say(out, ": %s %s%s%s\n", l->directive, l->name, *value ? " " : "", value);
	if (l->why) {
		say(out, "%-*s   %s", EFFECT_WIDTH, "", l->why);
		if (l->by_file) {
			say(out, " (");
			say_place(out, l->by_file, l->by_line);
			say(out, ")");
		}
		say(out, "\n");
	}
	if (l->in_image == CONFIG_IMAGE_OTHER && l->effect != CONFIG_MASKED)
		say(out, "%-*s   the copy of the file in the initramfs does not have this line\n", EFFECT_WIDTH, "");
}

/* Of lists of modules to load at boot there is nothing to say: an initramfs has its own. */
static bool is_missed(const struct config_line *l)
{
	return l->entry && l->effect != CONFIG_MASKED &&
	       (l->in_image == CONFIG_IMAGE_LACKS || l->in_image == CONFIG_IMAGE_OTHER ||
		l->in_image == CONFIG_IMAGE_UNKNOWN);
}

/* What is to be said of the image about all of a file. */
static void say_file(FILE *out, const struct config *c, const struct config_image *i, const struct config_line *l)
{
	int64_t age = config_image_age(c, i, l->file);

	if (l->in_image == CONFIG_IMAGE_LACKS)
		say(out, "The initramfs %s does not have %s", i->path, l->file);
	else if (age > 0)
		say(out, "The initramfs %s is older than %s", i->path, l->file);
	else
		return;
	if (age > 0) {
		say(out, "%s", l->in_image == CONFIG_IMAGE_LACKS ? "; it was made " : ", by ");
		say_duration(out, age);
		if (l->in_image == CONFIG_IMAGE_LACKS)
			say(out, " before the file was changed");
	}
	say(out, ".\n");
}

static void say_image(FILE *out, const struct config *c, const struct config_image *i)
{
	const char *trouble = config_image_trouble(i), *last = "";
	bool unknown = false;

	for (size_t k = 0; k < c->n; k++) {
		const struct config_line *l = &c->lines[k];

		unknown |= l->in_image == CONFIG_IMAGE_UNKNOWN;
		if (!is_missed(l) || strcmp(l->file, last) == 0)
			continue;
		last = l->file;
		say_file(out, c, i, l);
	}
	if (unknown && trouble && i->path)
		say(out, "What the initramfs %s has of this is not known: %s.\n", i->path, trouble);
	else if (unknown && trouble)
		say(out, "What an initramfs has of this is not known: %s.\n", trouble);
}

static void say_lines(struct env *env, const struct config *c, const struct config_image *i)
{
	for (size_t k = 0; k < c->n; k++)
		say_line(env, &c->lines[k]);
	say_image(env->out, c, i);
}

/* ---- lines, as JSON ---- */

enum {
	COL_FILE,
	COL_LINE,
	COL_DIRECTIVE,
	COL_NAME,
	COL_VALUE,
	COL_BY_MODULE,
	COL_EFFECT,
	COL_WHY,
	COL_BY_FILE,
	COL_BY_LINE,
	COL_IMAGE,
	COL_AGE,
	COLS
};

static const struct table_column columns[COLS] = {
	[COL_FILE] = { .key = "file" },           [COL_LINE] = { .key = "line", .kind = TABLE_NUMBER },
	[COL_DIRECTIVE] = { .key = "directive" }, [COL_NAME] = { .key = "name" },
	[COL_VALUE] = { .key = "value" },         [COL_BY_MODULE] = { .key = "by_module", .kind = TABLE_BOOL },
	[COL_EFFECT] = { .key = "effect" },       [COL_WHY] = { .key = "reason" },
	[COL_BY_FILE] = { .key = "by_file" },     [COL_BY_LINE] = { .key = "by_line", .kind = TABLE_NUMBER },
	[COL_IMAGE] = { .key = "initramfs" },     [COL_AGE] = { .key = "initramfs_older_by", .kind = TABLE_NUMBER },
};

static void line_json(struct json *j, const struct config *c, const struct config_image *i, const struct config_line *l)
{
	int64_t age = l->in_image == CONFIG_IMAGE_NONE ? 0 : config_image_age(c, i, l->file);
	const struct table_cell cells[COLS] = {
		[COL_FILE] = { .text = l->file },
		[COL_LINE] = TABLE_POSITIVE(l->line),
		[COL_DIRECTIVE] = { .text = l->directive },
		[COL_NAME] = { .text = l->name },
		[COL_VALUE] = { .text = l->value },
		[COL_BY_MODULE] = { .number = l->by_depmod },
		[COL_EFFECT] = { .text = config_effect_name(l->effect) },
		[COL_WHY] = { .text = l->why },
		[COL_BY_FILE] = { .text = l->by_file },
		[COL_BY_LINE] = TABLE_POSITIVE(l->by_line),
		[COL_IMAGE] = { .text = config_image_name(l->in_image) },
		[COL_AGE] = TABLE_POSITIVE((uint64_t)age),
	};

	table_json(j, NULL, columns, cells, COLS);
}

static void lines_json(struct env *env, const struct config *c, const struct config_image *i)
{
	struct json j;

	answer_open(env, &j);
	json_str(&j, "release", c->release);
	json_str(&j, "initramfs", i->path);
	json_str(&j, "initramfs_unknown", config_image_trouble(i));
	json_bool(&j, "complete", c->is_whole);
	json_array(&j, "lines");
	for (size_t k = 0; k < c->n; k++)
		line_json(&j, c, i, &c->lines[k]);
	json_end(&j);
	answer_close(env, &j);
}

/* ---- the lines ---- */

static void leave_out_modules(struct config *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (!c->lines[i].by_depmod)
			c->lines[n++] = c->lines[i];
	c->n = n;
}

/* 1: there is nothing of that name, and nothing is said about it: reported. */
static int choose(struct env *env, struct config *c, const char *name, const char **ret_module)
{
	_cleanup_buf_ struct buf hint = BUF_INIT;
	enum config_known known;
	int r = config_about(c, name, ret_module, &known);

	if (r == -EINVAL || r == -ENAMETOOLONG) {
		report_error(env, "config.name", "'%s' is not the name of a module or an alias", name);
		return r;
	}
	if (r < 0 || c->n || known != CONFIG_NOTHING)
		return r;
	if (similar_hint(c->catalog, name, &hint) < 0)
		return -ENOMEM;
	report_error(env, "config.unknown", "%s has no module or alias %s, and nothing is configured for it%s",
		     c->release, name, buf_str(&hint));
	return 1;
}

/* Is it not known of a line whether it counts, because the release has no index? */
static bool is_any_unsure(const struct config *c)
{
	size_t i = 0;

	while (i < c->n && c->lines[i].effect != CONFIG_UNSURE)
		i++;
	return i < c->n && !catalog_reader(c->catalog, CATALOG_DEP);
}

static void print_lines(struct env *env, const struct values *v, const struct config *c, const struct config_image *i,
			const char *name)
{
	if (v->json)
		lines_json(env, c, i);
	else if (c->n)
		say_lines(env, c, i);
	else if (name)
		say(env->err, "Nothing is configured for %s.\n", name);
	else
		say(env->err, "Nothing is configured.\n");
}

/* -errno, reported but for -ENOMEM; or the exit status. */
static int show(struct env *env, const struct values *v, struct config *c, const char *name)
{
	_cleanup_config_image_ struct config_image image = { 0 };
	const char *module = NULL;
	int r = name ? choose(env, c, name, &module) : 0;

	if (r != 0)
		return r < 0 ? r : STATUS_NO;
	if (!name && !v->all)
		leave_out_modules(c);
	r = config_judge(c, module);
	if (r == 0)
		r = config_image_open(c, &image);
	if (r == 0)
		r = config_image_compare(c, &image);
	if (r < 0)
		return r;
	print_lines(env, v, c, &image, name);
	if (!c->is_whole)
		report_error(env, "config.incomplete", "not all that is configured could be read: there may be more");
	return c->is_whole && !is_any_unsure(c) ? STATUS_YES : STATUS_UNKNOWN;
}

static int run_show(struct env *env, const struct values *v, const char *name)
{
	_cleanup_config_ struct config config = { 0 };
	int r = config_open(&env->sys, v->release, v->root != NULL, &config);

	if (r < 0)
		return STATUS_UNKNOWN;
	r = show(env, v, &config, name);
	if (r == -ENOMEM)
		report_error(env, "config.memory", "out of memory");
	return r >= 0 ? r : r == -EINVAL || r == -ENAMETOOLONG ? STATUS_USAGE : STATUS_UNKNOWN;
}

/* ---- mistakes ---- */

static void say_finding(struct env *env, const struct lint_finding *f)
{
	static const enum look looks[] = {
		[LINT_ERROR] = LOOK_BAD, [LINT_WARNING] = LOOK_WARN, [LINT_NOTE] = LOOK_PLAIN
	};
	FILE *out = env->out;

	look(env, LOOK_HEAD);
	say_place(out, f->file, f->line);
	look(env, LOOK_PLAIN);
	say(out, ": ");
	say_look(env, looks[f->level], "%s", f->code);
	say(out, ": %s%s", f->level == LINT_NOTE ? "note: " : "", f->text);
	if (f->fix)
		say(out, " (%s)", f->fix);
	say(out, "\n");
}

static void lint_json(struct env *env, const struct lint *l)
{
	struct json j;

	answer_open(env, &j);
	json_bool(&j, "complete", !l->is_incomplete);
	json_uint(&j, "errors", l->errors);
	json_uint(&j, "warnings", l->warnings);
	json_uint(&j, "notes", l->notes);
	json_array(&j, "findings");
	for (size_t i = 0; i < l->n; i++) {
		const struct lint_finding *f = &l->items[i];

		json_object(&j, NULL);
		json_str(&j, "level", lint_level_name(f->level));
		json_str(&j, "code", f->code);
		json_str(&j, "file", f->file);
		if (f->line)
			json_uint(&j, "line", f->line);
		else
			json_null(&j, "line");
		json_str(&j, "text", f->text);
		json_str(&j, "fix", f->fix);
		json_end(&j);
	}
	json_end(&j);
	answer_close(env, &j);
}

static void say_sum(FILE *out, const struct lint *l)
{
	const struct {
		size_t n;
		const char *one;
	} sums[] = { { l->errors, "error" }, { l->warnings, "warning" }, { l->notes, "note" } };
	const char *between = "";

	for (size_t i = 0; i < ELEMENTSOF(sums); i++)
		if (sums[i].n) {
			say(out, "%s%zu %s%s", between, sums[i].n, sums[i].one, sums[i].n == 1 ? "" : "s");
			between = ", ";
		}
	say(out, "%s\n", l->n ? "" : "No mistakes found.");
}

static int run_lint(struct env *env, const struct values *v)
{
	_cleanup_lint_ struct lint lint = { 0 };

	if (lint_config(&env->sys, v->release, v->root != NULL, &lint) < 0)
		return STATUS_UNKNOWN;
	if (lint.is_incomplete)
		report_error(env, "config.incomplete",
			     "not everything could be read: there may be more mistakes than are found");
	if (v->json)
		lint_json(env, &lint);
	for (size_t i = 0; i < lint.n && !v->json; i++)
		say_finding(env, &lint.items[i]);
	if (!v->json)
		say_sum(env->err, &lint);
	return lint.is_incomplete ? STATUS_UNKNOWN : lint.errors || lint.warnings ? STATUS_NO : STATUS_YES;
}

/* ---- the command ---- */

static int enter_root(struct env *env, const char *dir)
{
	int r = root_enter(&env->sys.root, dir);

	if (r < 0)
		report_error(env, "config.root", "%s: %s", dir, strerror(-r));
	return r;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const struct values *v = values;
	int status;

	if (argc > 1 || (argc == 1 && v->lint)) {
		report_error(env, "config.operands", "%s", v->lint ? "--lint takes no name" : "more than one name");
		return STATUS_USAGE;
	}
	if (v->root && enter_root(env, v->root) < 0)
		return STATUS_UNKNOWN;
	display_page(env);
	command_confine(env, 0);
	status = v->lint ? run_lint(env, v) : run_show(env, v, argc ? argv[0] : NULL);
	root_anchors_close(&env->sys.root);
	return status;
}

int cmd_config(struct env *env, int argc, char **argv)
{
	static const char *const usage[] = { "[options] [MODULE]", "--lint [options]", NULL };
	static const struct cli cli = {
		.usage = usage,
		.summary = "Show what is configured for modules, or mistakes in it.",
		.options = options,
		.set = set,
		.run = run,
		.wrong_usage = STATUS_USAGE,
		.epilog = "MODULE is a module or an alias: only lines that concern it are listed.\n"
			  "The lines are those of modprobe.d, modules-load.d and the kernel command line;\n"
			  "--lint reads depmod.d as well.\n\n" STATUS_HELP(
				  "done; with --lint: no mistakes", "MODULE is not known, or with --lint: mistakes",
				  STATUS_ROW(3,
					     "something could not be read: there may be more, or effects are unknown")),
	};
	struct values v = { 0 };

	return cli_main(env, &cli, argc, argv, &v);
}
