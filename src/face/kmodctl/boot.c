// SPDX-License-Identifier: MIT
/* kmodctl boot: modules to load at every boot, one file of modules-load.d(5) per module. */
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/report.h"
#include "face/common/table.h"
#include "face/kmodctl/commands.h"
#include "verb/boot/list.h"

static const char *const usage[] = { "enable MODULE...", "disable MODULE...", "list [--json]", NULL };

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

/* ---- the command ---- */

static int for_each(struct env *env, int (*fn)(struct sys *sys, const char *module), int argc, char **argv)
{
	int first = 0;

	if (argc == 0) {
		report_error(env, "boot.missing", "missing module");
		return -EINVAL;
	}
	for (int i = 0; i < argc; i++) {
		int r = fn(&env->sys, argv[i]);

		first = first ? first : r;
	}
	return first;
}

static int run_word(struct env *env, bool json, int argc, char **argv)
{
	if (argc > 0 && strcmp(argv[0], "enable") == 0)
		return for_each(env, boot_enable, argc - 1, argv + 1);
	if (argc > 0 && strcmp(argv[0], "disable") == 0)
		return for_each(env, boot_disable, argc - 1, argv + 1);
	if (argc == 1 && strcmp(argv[0], "list") == 0)
		return list(env, json);
	report_error(env, "boot.word", "one of enable, disable and list is needed");
	return -EINVAL;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const bool *json = values;

	return run_word(env, *json, argc, argv) < 0 ? 1 : 0;
}

int cmd_boot(struct env *env, int argc, char **argv)
{
	static const struct cli cli = {
		.usage = usage,
		.summary = "Choose modules to load at every boot, regardless of hardware.",
		.options = cli_json_option,
		.set = cli_set_json,
		.run = run,
	};
	bool json = false;

	return cli_main(env, &cli, argc, argv, &json);
}
