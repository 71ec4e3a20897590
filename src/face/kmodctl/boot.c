// SPDX-License-Identifier: MIT
/* kmodctl boot: modules to load at every boot, one file of modules-load.d(5) per module. */
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "base/nearest.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/display.h"
#include "face/common/report.h"
#include "face/common/table.h"
#include "face/kmodctl/boot_plot.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/status.h"
#include "verb/boot/list.h"

static const char *const usage[] = { "enable [--force] MODULE...", "disable MODULE...", "list [--json]",
				     "plot [--json]", NULL };

/* ---- list ---- */

enum {
	COL_NAME,
	COL_OPTIONS,
	COL_STATE,
	COL_FILE,
	COL_LINE,
	COL_MANAGED,
	COL_DENIED,
	COL_DENIED_FILE,
	COL_DENIED_LINE,
	COLS
};

static const struct table_column columns[COLS] = {
	[COL_NAME] = { .key = "name", .width = 23, .after = " " },
	[COL_OPTIONS] = { .key = "options", .json_only = true },
	[COL_STATE] = { .key = "state", .width = 11, .after = " " },
	[COL_FILE] = { .key = "file" },
	[COL_LINE] = { .key = "line", .kind = TABLE_NUMBER, .before = ":" },
	[COL_MANAGED] = { .key = "managed", .kind = TABLE_BOOL, .json_only = true },
	[COL_DENIED] = { .key = "denied", .kind = TABLE_BOOL, .json_only = true },
	[COL_DENIED_FILE] = { .key = "denied_file", .before = ", deny-listed by " },
	[COL_DENIED_LINE] = { .key = "denied_line", .kind = TABLE_NUMBER, .before = ":" },
};

/* j NULL: as a line. */
static void print_row(FILE *out, struct json *j, const struct boot_row *r)
{
	const struct table_cell cells[COLS] = {
		[COL_NAME] = { .text = r->entry->name },
		[COL_OPTIONS] = { .text = r->entry->options },
		[COL_STATE] = { .text = r->state },
		[COL_FILE] = { .text = r->entry->file },
		[COL_LINE] = TABLE_POSITIVE(r->entry->line),
		[COL_MANAGED] = { .number = r->managed },
		[COL_DENIED] = { .number = r->denied != NULL },
		[COL_DENIED_FILE] = { .text = r->denied ? r->denied->file : NULL },
		[COL_DENIED_LINE] = { .number = r->denied ? r->denied->line : 0, .is_unknown = !r->denied },
	};

	if (j)
		table_json(j, NULL, columns, cells, COLS);
	else
		table_line(out, columns, cells, COLS);
}

static void print_list(struct env *env, const struct boot_list *l, bool as_json)
{
	struct json j;

	if (as_json) {
		answer_open(env, &j);
		json_array(&j, "modules");
	}
	for (size_t i = 0; i < l->n; i++)
		print_row(env->out, as_json ? &j : NULL, &l->rows[i]);
	if (as_json) {
		json_end(&j);
		answer_close(env, &j);
	}
}

static int list(struct env *env, bool as_json)
{
	_cleanup_boot_list_ struct boot_list l = { 0 };
	int r = boot_list_read(&env->sys, &l);

	if (r < 0)
		return r;
	print_list(env, &l, as_json);
	if (l.n == 0 && !as_json)
		fputs("No list names a module to be loaded at every boot.\n", env->err);
	return l.entries.error;
}

/* ---- enable, disable ---- */

struct boot_options {
	bool json, force;
};

static int enable_one(struct env *env, const struct boot_options *o, const char *module)
{
	return boot_enable(&env->sys, module, o->force);
}

static int disable_one(struct env *env, const struct boot_options *o _unused_, const char *module)
{
	return boot_disable(&env->sys, module);
}

/* Each in turn, whatever became of those before it. */
static int for_each(struct env *env, const struct boot_options *o, const char *done,
		    int (*fn)(struct env *env, const struct boot_options *o, const char *module), int argc, char **argv)
{
	int status = STATUS_YES;
	struct json j;

	if (argc == 0) {
		report_error(env, "boot.missing", "missing module");
		return STATUS_USAGE;
	}
	if (o->json) {
		answer_open(env, &j);
		json_array(&j, "modules");
	}
	for (int i = 0; i < argc; i++) {
		int r = fn(env, o, argv[i]);

		status = r < 0 ? STATUS_NO : status;
		if (!o->json)
			continue;
		json_object(&j, NULL);
		json_str(&j, "name", argv[i]);
		json_str(&j, "result", r < 0 ? "failed" : r > 0 ? "unchanged" : done);
		json_end(&j);
	}
	if (o->json) {
		json_end(&j);
		answer_close(env, &j);
	}
	return status;
}

/* ---- the command ---- */

static const struct cli_option options[] = {
	{ 'f', "force", NULL, "enable what no installed kernel has", NULL, 0 },
	{ CLI_LONG, "json", NULL, "print JSON", NULL, 0 },
	CLI_VERBOSE,
	{ 0 },
};

static int set(struct env *env _unused_, void *values, int id, const char *arg _unused_)
{
	struct boot_options *o = values;

	o->force |= id == 'f';
	o->json |= id == CLI_LONG;
	return 0;
}

static int unknown_verb(struct env *env, int argc, char **argv)
{
	static const char *const verbs[] = { "enable", "disable", "list", "plot" };
	_cleanup_buf_ struct buf hint = BUF_INIT;
	size_t second = 0;

	while (argc > 1 && second < ELEMENTSOF(verbs) && strcmp(argv[1], verbs[second]) != 0)
		second++;
	if (argc == 0)
		report_error(env, "boot.word", "one of enable, disable, list and plot is needed");
	else if (argc > 1 && (strcmp(argv[0], "list") == 0 || strcmp(argv[0], "plot") == 0))
		command_takes_none(env, "boot.word", argv[0], argv[1]);
	else if (argc > 1 && second < ELEMENTSOF(verbs))
		report_error(env, "boot.word", "unknown verb '%s': the verb comes first: kmodctl boot %s %s", argv[0],
			     argv[1], argv[0]);
	else if (nearest_among(argv[0], strlen(argv[0]), verbs, sizeof(verbs[0]), ELEMENTSOF(verbs), &hint) == 0)
		report_error(env, "boot.word", "unknown verb '%s'%s", argv[0], buf_str(&hint));
	return STATUS_USAGE;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const struct boot_options *o = values;

	/* A picture is no text to be broken into lines. */
	if (argc == 1 && strcmp(argv[0], "plot") == 0)
		return boot_plot(env, o->json);
	display_page(env);
	if (argc > 0 && strcmp(argv[0], "enable") == 0)
		return for_each(env, o, "enabled", enable_one, argc - 1, argv + 1);
	if (argc > 0 && strcmp(argv[0], "disable") == 0)
		return for_each(env, o, "disabled", disable_one, argc - 1, argv + 1);
	if (argc == 1 && strcmp(argv[0], "list") == 0)
		return list(env, o->json) < 0 ? STATUS_UNKNOWN : STATUS_YES;
	return unknown_verb(env, argc, argv);
}

int cmd_boot(struct env *env, int argc, char **argv)
{
	static const struct cli cli = {
		.usage = usage,
		.summary = "Choose modules to load at every boot, regardless of hardware.",
		.options = options,
		.set = set,
		.run = run,
		.wrong_usage = STATUS_USAGE,
		.epilog = STATUS_HELP("done", "not done for one of them: no such module, not enabled, not written",
				      STATUS_ROW(3, "list: a list could not be read; plot: no module's time is known")),
	};
	struct boot_options o = { 0 };

	return cli_main(env, &cli, argc, argv, &o);
}
