// SPDX-License-Identifier: MIT
/* lsmod, kmod list: the loaded modules, from one snapshot of /proc/modules. */
#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "read/kernel/live.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/kmod/commands.h"
#include "face/common/report.h"
#include "verb/why/refusal.h"

struct lsmod_options {
	bool json;
};

enum { OPT_JSON = CLI_LONG };

static const struct cli_option lsmod_options[] = {
	REPORT_OPTIONS,
	{ OPT_JSON, "json", NULL, "print JSON", NULL, 0 },
	{ 0 },
};

static int lsmod_set(struct env *env, void *values, int id, const char *arg _unused_)
{
	struct lsmod_options *o = values;

	if (!report_option(env, id))
		o->json = true;
	return 0;
}

static void print_line(FILE *out, const struct live_module *m)
{
	fprintf(out, "%-19s %8" PRIu64 "  ", m->name, m->size);
	if (m->has_refcnt)
		fprintf(out, "%" PRId64, m->refcnt);
	else
		fputc('-', out);
	for (size_t i = 0; i < m->n_users; i++)
		fprintf(out, "%c%s", i ? ',' : ' ', m->users[i]);
	fputc('\n', out);
}

static void print_table(FILE *out, const struct live *l)
{
	fputs("Module                  Size  Used by\n", out);
	for (size_t i = 0; i < live_count(l); i++)
		print_line(out, live_get(l, i));
}

static void print_object(struct json *j, const struct live_module *m)
{
	json_object(j, NULL);
	json_str(j, "name", m->name);
	json_uint(j, "size", m->size);
	if (m->has_refcnt)
		json_int(j, "refcnt", m->refcnt);
	else
		json_null(j, "refcnt");
	json_array(j, "used_by");
	for (size_t i = 0; i < m->n_users; i++)
		json_str(j, NULL, m->users[i]);
	json_end(j);
	json_str(j, "state", live_state_name(m->state));
	json_bool(j, "permanent", m->permanent);
	json_str(j, "taint", m->taint);
	json_end(j);
}

static void print_json(struct env *env, const struct live *l)
{
	struct json j;

	answer_open(env, &j);
	json_array(&j, "modules");
	for (size_t i = 0; i < live_count(l); i++)
		print_object(&j, live_get(l, i));
	json_end(&j);
	answer_close(env, &j);
}

static int list_modules(struct env *env, const struct lsmod_options *o)
{
	_cleanup_(live_free_p) struct live *l = NULL;
	int r = live_read(&env->sys.root, &env->sys.diag, &l);

	if (r < 0) {
		report_error(env, "lsmod.unreadable", "could not open /proc/modules: %s", strerror(-r));
		report_error(env, "lsmod.no-list", "could not get list of modules: %s", strerror(-r));
		refusal_report_support(&env->sys);
		return 1;
	}
	if (o->json)
		print_json(env, l);
	else
		print_table(env->out, l);
	return live_damaged(l) ? 1 : 0;
}

static int run(struct env *env, void *values, int argc, char **argv _unused_)
{
	if (argc == 0)
		return list_modules(env, values);
	report_error(env, "lsmod.arguments", "too many arguments provided.");
	return 1;
}

int cmd_lsmod(struct env *env, int argc, char **argv)
{
	static const char *const usage[] = { "[options]", NULL };
	static const struct cli cli = { .usage = usage, .options = lsmod_options, .set = lsmod_set, .run = run };
	struct lsmod_options options = { 0 };

	env->sys.diag.max_level = LOG_ERR;
	return cli_main(env, &cli, argc, argv, &options);
}
