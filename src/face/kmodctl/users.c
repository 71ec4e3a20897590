// SPDX-License-Identifier: MIT
/* kmodctl users: who keeps a module in use. */
#include <errno.h>
#include <string.h>

#include "base/modname.h"
#include "verb/users/users.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/kmodctl/commands.h"
#include "face/common/report.h"
#include "system/system.h"

static void print_head(FILE *out, const char *name, const struct users *u)
{
	if (u->permanent)
		fprintf(out, "%s: cannot be unloaded, it has no exit function; ", name);
	else
		fprintf(out, "%s: ", name);
	if (u->refcnt < 0)
		fputs("this kernel keeps no use count\n", out);
	else
		fprintf(out, "use count %lld\n", (long long)u->refcnt);
}

/* Does not keep the module, but loses it. */
static bool is_passive(const struct user *u)
{
	return u->kind == USER_DEVICE || u->kind == USER_INTERFACE;
}

static void print_users(FILE *out, const char *name, const struct users *u)
{
	_cleanup_buf_ struct buf line = BUF_INIT;

	print_head(out, name, u);
	for (size_t i = 0; i < u->n; i++) {
		const struct user *x = &u->items[i];

		buf_clear(&line);
		user_describe(x, &line);
		if (x->references)
			fprintf(out, "%5u  %-9s  %s\n", x->references, user_kind_name(x->kind), buf_str(&line));
		else
			fprintf(out, "%5s  %-9s  %s\n", is_passive(x) ? "-" : "", user_kind_name(x->kind),
				buf_str(&line));
	}
	if (u->unexplained)
		fprintf(out, "%5u  references that cannot be explained\n", u->unexplained);
	if (!u->complete)
		fputs("       (processes of other users could not be looked at)\n", out);
}

static void print_json(struct env *env, const char *name, const struct users *u)
{
	struct json j;

	answer_open(env, &j);
	json_str(&j, "module", name);
	users_json(u, &j);
	answer_close(env, &j);
}

static int show(struct env *env, const char *arg, bool json)
{
	_cleanup_running_ struct running running = { 0 };
	_cleanup_users_ struct users users = { 0 };
	char name[MODNAME_MAX];
	struct users_query q = { .root = &env->sys.root, .module = name, .diag = &env->sys.diag };
	int r;

	if (running_open(&env->sys, &running) < 0)
		return 1;
	q.catalog = running.catalog;
	r = modname_normalize(arg, name);
	if (r >= 0)
		r = users_read(&q, &users);
	if (r == -ENOENT)
		report_error(env, "users.not-loaded", "Module %s is not loaded", arg);
	else if (r < 0)
		report_error(env, "users.read", "could not find the users of %s: %s", arg, strerror(-r));
	else if (json)
		print_json(env, name, &users);
	else
		print_users(env->out, name, &users);
	return r < 0;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const bool *json = values;

	if (argc == 1)
		return show(env, argv[0], *json);
	report_error(env, "users.arguments", "one module is needed; --help tells how");
	return 1;
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
		.epilog = "Each line begins with the references that the use holds; - marks what does not keep the "
			  "module\n"
			  "from being unloaded, but stops working then.",
	};
	bool json = false;

	return cli_main(env, &cli, argc, argv, &json);
}
