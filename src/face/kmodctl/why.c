// SPDX-License-Identifier: MIT
/* kmodctl why: what a name, alias or file resolves to, and everything that bears on loading it. */
#include <errno.h>
#include <string.h>

#include "verb/why/outlook.h"
#include "verb/why/target.h"
#include "verb/why/why.h"
#include "decide/plan/order.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/display.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/status.h"
#include "face/kmodctl/why_text.h"
#include "face/common/report.h"
#include "system/system.h"
#include "verb/trust/evidence.h"

struct why_options {
	bool json, details;
};

/* What is shown about one argument. */
struct answer {
	struct env *env;
	struct running *running;
	struct why_query query;
	const char *asked;
	const char *said;  /* what that is, when it is not obvious and not said yet */
	struct json *json; /* NULL: text */
	const struct why_options *o;
	size_t n_blocks; /* of text, so far */
};

/* ---- JSON ---- */

static int json_verdict(const struct answer *a, const struct candidate *c, const struct why *w)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = outlook_verdict(w, c ? c->name : NULL, a->asked, &text);

	if (r >= 0)
		json_str(a->json, "verdict", buf_str(&text));
	return r;
}

static int print_object(const struct answer *a, const struct candidate *c, const struct why *w, const struct plan *plan)
{
	struct json *j = a->json;
	int r;

	json_object(j, NULL);
	json_str(j, "name", c->name);
	r = json_verdict(a, c, w);
	json_str(j, "found_by", resolve_source_name(c->source));
	json_str(j, "alias", c->alias);
	json_str(j, "file", c->entry ? c->entry->file : NULL);
	c->entry && c->entry->line ? json_int(j, "line", c->entry->line) : json_null(j, "line");
	json_bool(j, "loadable", why_is_loadable(c, w));
	outlook_json(w, j);
	why_json(w, "findings", j);
	plan_json(plan, j);
	json_end(j);
	return r;
}

/* ---- one argument ---- */

/* A block of text; what the argument is stands in the first one. */
static int print_text(struct answer *a, const struct candidate *c, const struct why *w, const struct plan *plan)
{
	const struct why_text text = {
		.asked = a->asked, .said = a->said, .candidate = c, .found = w, .plan = plan, .details = a->o->details
	};

	if (a->n_blocks)
		fputc('\n', a->env->out);
	a->n_blocks++;
	a->said = NULL;
	return why_print_text(a->env, &text);
}

/* One "no" decides, then one "unknown". */
static int status_with(int so_far, enum why_outcome outcome)
{
	if (so_far == STATUS_NO || outcome == WHY_NO)
		return STATUS_NO;
	return outcome == WHY_UNKNOWN ? STATUS_UNKNOWN : so_far;
}

static int show_candidate(struct answer *a, const struct candidate *c, int *status)
{
	const struct order_options o = { .asked = a->asked };
	_cleanup_why_ struct why found = { 0 };
	_cleanup_plan_ struct plan plan = { 0 };
	int r = why_module(&a->query, c, &found);

	if (r >= 0)
		r = order_load(&a->running->world, c, &o, &plan);
	if (r < 0)
		return r;
	*status = status_with(*status, outlook_outcome(&found));
	return a->json ? print_object(a, c, &found, &plan) : print_text(a, c, &found, &plan);
}

/* What the argument is, when that is not obvious. */
static void print_target(struct answer *a, const struct target *t)
{
	const char *said = t->said.n && t->modules.n ? t->said.items[0].text : NULL;

	a->said = said;
	if (!a->json)
		return;
	json_object(a->json, "argument");
	json_str(a->json, "kind", target_kind_name(t->kind));
	json_str(a->json, "text", said);
	json_end(a->json);
}

/* It stands for no module: the target says why, or the indexes have to be asked. */
static int show_nothing(struct answer *a, const struct target *t, int *status)
{
	_cleanup_why_ struct why absence = { 0 };
	int r = t->said.n ? 0 : why_not_found(&a->query, a->asked, &absence);
	const struct why *w = t->said.n ? &t->said : &absence;

	*status = w->n_obstacles ? STATUS_NO : STATUS_YES;
	if (r >= 0)
		r = a->json ? json_verdict(a, NULL, w) : print_text(a, NULL, w, NULL);
	if (a->json)
		why_json(w, "not_found", a->json);
	return r;
}

static int show_modules(struct answer *a, const struct target *t, int *status)
{
	int r = 0;

	if (a->json)
		json_array(a->json, "modules");
	for (size_t i = 0; i < t->modules.n && r >= 0; i++)
		r = show_candidate(a, &t->modules.items[i], status);
	if (a->json)
		json_end(a->json);
	return r;
}

static int show(struct answer *a, int *status)
{
	static const struct why nothing = { 0 };
	_cleanup_target_ struct target t = { 0 };
	int r = target_find(&a->query, a->asked, &t);

	if (a->json) {
		answer_open(a->env, a->json);
		json_str(a->json, "asked", a->asked);
		json_str(a->json, "release", a->query.release);
	}
	print_target(a, &t);
	if (r >= 0)
		r = show_modules(a, &t, status);
	if (r >= 0 && !t.modules.n)
		return show_nothing(a, &t, status);
	if (a->json) {
		json_null(a->json, "verdict");
		why_json(&nothing, "not_found", a->json);
	}
	return r;
}

/* An exit status. */
static int answer_one(struct answer *a, const char *asked)
{
	int status = STATUS_YES, r;

	a->asked = asked;
	r = show(a, &status);
	if (r < 0)
		report_error(a->env, "why.failed", "could not examine %s: %s", asked, strerror(-r));
	if (a->json)
		answer_close(a->env, a->json);
	return r < 0 ? STATUS_UNKNOWN : status;
}

static int answer(struct env *env, const struct why_options *o, int argc, char **argv)
{
	_cleanup_running_ struct running running = { 0 };
	int status = STATUS_YES;
	struct json json;
	struct answer a = { .env = env, .running = &running, .json = o->json ? &json : NULL, .o = o };

	if (running_open(&env->sys, &running) < 0)
		return STATUS_UNKNOWN;
	a.query = (struct why_query){
		.sys = &env->sys,
		.world = &running.world,
		.release = running.uts.release,
		.signature = why_trust,
	};
	for (int i = 0; i < argc; i++) {
		int r = answer_one(&a, argv[i]);

		if (status != STATUS_NO && r != STATUS_YES)
			status = r;
	}
	return status;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const struct why_options *o = values;

	if (argc == 0 || (o->json && argc > 1)) {
		report_error(env, "why.arguments",
			     argc ? "--json answers about one argument; see --help" :
				    "give a module, alias, file, device or symbol; see --help");
		return STATUS_USAGE;
	}
	display_page(env);
	command_confine(env, CONFINE_KEEP_KEYS);
	return answer(env, o, argc, argv);
}

enum { OPT_JSON = CLI_LONG };

static int set(struct env *env _unused_, void *values, int id, const char *arg _unused_)
{
	struct why_options *o = values;

	if (id == OPT_JSON)
		o->json = true;
	else
		o->details = true;
	return 0;
}

int cmd_why(struct env *env, int argc, char **argv)
{
	static const char *const usage[] = { "[options] MODULE|ALIAS|FILE|DEVICE|SYMBOL...", NULL };
	static const struct cli_option options[] = {
		{ OPT_JSON, "json", NULL, "print JSON with everything", NULL, 0 },
		{ 'v', "verbose", NULL, "show all that was found, and the code of each message", NULL, CLI_DETAILS },
		{ 0 },
	};
	static const struct cli cli = {
		.usage = usage,
		.summary = "Explain whether a module would be loaded, and if not, why and what to do:\n"
			   "! stands in the way, ? may be why it does not work, * changes what happens.",
		.options = options,
		.set = set,
		.run = run,
		.wrong_usage = STATUS_USAGE,
		.epilog = "The questions are: is it loaded by its name, for its devices and other aliases,\n"
			  "at boot?\n\n" STATUS_HELP("yes to each question that applies",
						     "no to one of them, or not found",
						     STATUS_ROW(3, "of one it could not be found out")),
	};
	struct why_options o = { 0 };

	return cli_main(env, &cli, argc, argv, &o);
}
