// SPDX-License-Identifier: MIT
/* kmodctl users: who keeps a module in use. */
#include <errno.h>
#include <string.h>

#include "face/common/say.h"
#include "verb/users/users.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/table.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/status.h"
#include "read/index/similar.h"
#include "face/common/display.h"
#include "face/common/report.h"
#include "system/module_files.h"
#include "system/system.h"

static void print_head(FILE *out, const char *name, const struct users *u)
{
	if (u->permanent)
		say(out, "%s: cannot be unloaded, it has no exit function; ", name);
	else
		say(out, "%s: ", name);
	if (u->refcnt < 0)
		fputs("this kernel keeps no use count\n", out);
	else
		say(out, "use count %lld\n", (long long)u->refcnt);
}

/* Does not prevent unloading, but loses the module. */
static bool is_passive(const struct user *u)
{
	return u->kind == USER_DEVICE || u->kind == USER_INTERFACE;
}

enum {
	COL_HELD,
	COL_KIND,
	COL_TEXT,
	COL_NAME,
	COL_DETAIL,
	COL_SOURCE,
	COL_PROCESS,
	COL_PID,
	COL_COUNT,
	COL_REFERENCES,
	COL_UP,
	COLS
};

/* Text of the first three, JSON of the others and the kind. */
static const struct table_column columns[COLS] = {
	[COL_HELD] = { .width = -5, .after = "  " },
	[COL_KIND] = { .key = "kind", .width = 9, .after = "  " },
	[COL_TEXT] = { .key = NULL },
	[COL_NAME] = { .key = "name", .json_only = true },
	[COL_DETAIL] = { .key = "detail", .json_only = true },
	[COL_SOURCE] = { .key = "source", .json_only = true },
	[COL_PROCESS] = { .key = "process", .json_only = true },
	[COL_PID] = { .key = "pid", .kind = TABLE_NUMBER, .json_only = true },
	[COL_COUNT] = { .key = "count", .kind = TABLE_NUMBER, .json_only = true },
	[COL_REFERENCES] = { .key = "references", .kind = TABLE_NUMBER, .json_only = true },
	[COL_UP] = { .key = "up", .kind = TABLE_BOOL, .json_only = true },
};

static void print_row(FILE *out, struct json *j, const struct user *u)
{
	_cleanup_buf_ struct buf line = BUF_INIT;
	char held[16];

	snprintf(held, sizeof(held), "%u", u->references);
	user_describe(u, &line);
	const struct table_cell cells[COLS] = {
		[COL_HELD] = { .text = u->references ? held :
				       is_passive(u) ? "-" :
						       "" },
		[COL_KIND] = { .text = user_kind_name(u->kind) },
		[COL_TEXT] = { .text = buf_str(&line) },
		[COL_NAME] = { .text = u->name },
		[COL_DETAIL] = { .text = u->detail },
		[COL_SOURCE] = { .text = u->source },
		[COL_PROCESS] = { .text = u->process },
		[COL_PID] = TABLE_POSITIVE((uint64_t)u->pid),
		[COL_COUNT] = { .number = u->count },
		[COL_REFERENCES] = { .number = u->references },
		[COL_UP] = { .number = u->up, .is_unknown = u->kind != USER_INTERFACE },
	};

	if (j)
		table_json(j, NULL, columns, cells, COLS);
	else
		table_line(out, columns, cells, COLS);
}

static void print_users(FILE *out, const char *name, const struct users *u)
{
	print_head(out, name, u);
	for (size_t i = 0; i < u->n; i++)
		print_row(out, NULL, &u->items[i]);
	if (u->unexplained)
		say(out, "%5u  references of unknown origin\n", u->unexplained);
	if (!u->complete)
		fputs("       (processes of other users could not be examined)\n", out);
}

static void print_json(struct env *env, const char *name, const struct users *u)
{
	struct json j;

	answer_open(env, &j);
	json_str(&j, "module", name);
	json_int(&j, "refcnt", u->refcnt);
	json_uint(&j, "explained", u->explained);
	json_uint(&j, "unexplained", u->unexplained);
	json_bool(&j, "permanent", u->permanent);
	json_bool(&j, "complete", u->complete);
	json_array(&j, "users");
	for (size_t i = 0; i < u->n; i++)
		print_row(NULL, &j, &u->items[i]);
	json_end(&j);
	answer_close(env, &j);
}

static int show(struct env *env, const char *arg, bool json)
{
	_cleanup_running_ struct running running = { 0 };
	_cleanup_users_ struct users users = { 0 };
	_cleanup_buf_ struct buf hint = BUF_INIT;
	char name[MODNAME_MAX];
	struct users_query q = { .root = &env->sys.root, .module = name, .diag = &env->sys.diag };
	int r;

	if (module_name_of_operand(&env->sys, "users.arguments", arg, name) < 0)
		return STATUS_USAGE;
	if (running_open(&env->sys, &running) < 0)
		return STATUS_UNKNOWN;
	q.catalog = running.catalog;
	r = users_read(&q, &users);
	if (r == -ENOENT && similar_hint(running.catalog, name, &hint) >= 0)
		report_error(env, "users.not-loaded", "Module %s is not loaded%s", name, buf_str(&hint));
	else if (r < 0)
		report_error(env, "users.read", "could not find the users of %s: %s", arg, users_strerror(r));
	else if (json)
		print_json(env, name, &users);
	else
		print_users(env->out, name, &users);
	return r == 0 ? STATUS_YES : r == -ENOENT ? STATUS_NO : STATUS_UNKNOWN;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const bool *json = values;

	display_page(env);
	if (argc == 1)
		return show(env, argv[0], *json);
	report_error(env, "users.arguments", "give one module; see --help");
	return STATUS_USAGE;
}

int cmd_users(struct env *env, int argc, char **argv)
{
	static const char *const usage[] = { "[--json] MODULE", NULL };
	static const struct cli cli = {
		.usage = usage,
		.summary = "Show who keeps a loaded module in use.",
		.options = cli_json_option,
		.set = cli_set_json,
		.run = run,
		.epilog = "Each line begins with the references that the use holds; - marks what does not\n"
			  "keep the module from being unloaded, but stops working then.\n\n" STATUS_HELP(
				  "done", "the module is not loaded",
				  STATUS_ROW(3, "the kernel's modules or their uses could not be read")),
		.wrong_usage = STATUS_USAGE,
	};
	bool json = false;

	return cli_main(env, &cli, argc, argv, &json);
}
