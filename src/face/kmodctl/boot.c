// SPDX-License-Identifier: MIT
/* kmodctl boot: modules to load at every boot, one file of modules-load.d(5) per module. */
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/report.h"
#include "face/kmodctl/commands.h"
#include "verb/boot/list.h"

static const char *const usage[] = { "enable MODULE...", "disable MODULE...", "list [--json]", NULL };

/* ---- list ---- */

static void print_row(FILE *out, const struct boot_row *r)
{
	fprintf(out, "%-23s %-11s %s", r->entry->name, r->state, r->entry->file);
	if (r->entry->line)
		fprintf(out, ":%u", r->entry->line);
	if (r->denied)
		fprintf(out, ", deny-listed by %s:%u", r->denied->file, r->denied->line);
	fputc('\n', out);
}

static void json_row(struct json *j, const struct boot_row *r)
{
	json_object(j, NULL);
	json_str(j, "name", r->entry->name);
	json_str(j, "options", r->entry->options);
	json_str(j, "state", r->state);
	json_str(j, "file", r->entry->file);
	if (r->entry->line)
		json_uint(j, "line", r->entry->line);
	else
		json_null(j, "line");
	json_bool(j, "managed", r->managed);
	json_bool(j, "denied", r->denied != NULL);
	json_str(j, "denied_file", r->denied ? r->denied->file : NULL);
	if (r->denied)
		json_uint(j, "denied_line", r->denied->line);
	else
		json_null(j, "denied_line");
	json_end(j);
}

static void print_list(struct env *env, const struct boot_list *l, bool as_json)
{
	struct json j;

	if (!as_json) {
		for (size_t i = 0; i < l->n; i++)
			print_row(env->out, &l->rows[i]);
		return;
	}
	answer_open(env, &j);
	json_array(&j, "modules");
	for (size_t i = 0; i < l->n; i++)
		json_row(&j, &l->rows[i]);
	json_end(&j);
	answer_close(env, &j);
}

static int list(struct env *env, bool as_json)
{
	_cleanup_boot_list_ struct boot_list l = { 0 };
	int r = boot_list_read(&env->sys, &l);

	if (r < 0)
		return r;
	print_list(env, &l, as_json);
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
		.summary = "Says which modules are loaded at every boot, whatever hardware there is.",
		.options = cli_json_option,
		.set = cli_set_json,
		.run = run,
	};
	bool json = false;

	return cli_main(env, &cli, argc, argv, &json);
}
