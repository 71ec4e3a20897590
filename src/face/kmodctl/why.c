// SPDX-License-Identifier: MIT
/* kmodctl why: what a name, alias or file resolves to, and everything that bears on loading it. */
#include <errno.h>
#include <string.h>

#include "face/common/say.h"
#include "verb/why/outlook.h"
#include "verb/why/target.h"
#include "verb/why/why.h"
#include "decide/plan/order.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/status.h"
#include "face/common/report.h"
#include "system/system.h"
#include "verb/trust/evidence.h"

/* What is shown about one argument. */
struct answer {
	struct env *env;
	struct running *running;
	struct why_query query;
	const char *asked;
	struct json *json; /* NULL: text */
};

/* ---- text ---- */

static void print_candidate(FILE *out, const struct candidate *c)
{
	say(out, "  %-10s by %s%s%s", "found", resolve_source_name(c->source), c->alias ? " " : "",
	    c->alias ? c->alias : "");
	if (c->entry)
		say(out, " (%s:%u)", c->entry->file, c->entry->line);
	fputc('\n', out);
}

static void print_findings(FILE *out, const struct why *w)
{
	static const char marks[] = { [WHY_FACT] = ' ', [WHY_NOTE] = '*', [WHY_TROUBLE] = '?', [WHY_OBSTACLE] = '!' };

	for (size_t i = 0; i < w->n; i++) {
		const struct why_finding *f = &w->items[i];

		say(out, "%c %-10s %s", marks[f->weight], f->topic, f->text);
		if (f->file)
			say(out, " (%s", f->file);
		if (f->line)
			say(out, ":%u", f->line);
		fputs(f->file ? ")\n" : "\n", out);
	}
}

static bool same_command(const char *const *a, const char *const *b)
{
	if (!a || !b)
		return a == b;
	while (*a && *b && strcmp(*a, *b) == 0)
		a++, b++;
	return !*a && !*b;
}

static bool same_fix(const struct why_finding *a, const struct why_finding *b)
{
	return a->fix && strcmp(a->fix, b->fix) == 0 && same_command(a->command, b->command);
}

static int print_answers(FILE *out, const struct why *w)
{
	int r = 0;

	for (enum why_way way = 0; way < WHY_WAYS && r >= 0; way++) {
		_cleanup_buf_ struct buf text = BUF_INIT;

		r = outlook_text(w, way, &text);
		say(out, "  %-10s %s\n", outlook_way_name(way), buf_str(&text));
	}
	return r;
}

/* Two findings may have the same one. */
static void print_fixes(FILE *out, const struct why *w)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct why_finding *f = &w->items[i];
		bool told = !f->fix;

		for (size_t k = 0; k < i && !told; k++)
			told = same_fix(&w->items[k], f);
		if (told)
			continue;
		say(out, "  %-10s %s\n", "fix", f->fix);
		if (f->command)
			say_command(out, "             ", f->command);
	}
}

static void print_steps(FILE *out, const struct plan *plan)
{
	if (plan->n)
		fputs("  modprobe would do:\n", out);
	for (size_t i = 0; i < plan->n; i++) {
		if (!plan->steps[i].builtin)
			say_step(out, "    ", &plan->steps[i]);
	}
}

static int print_verdict(const struct answer *a, const struct candidate *c, const struct why *w)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = outlook_verdict(w, c ? c->name : NULL, a->asked, &text);

	if (r >= 0 && a->json)
		json_str(a->json, "verdict", buf_str(&text));
	else if (r >= 0)
		say(a->env->out, "%s\n", buf_str(&text));
	return r;
}

/* By what was given: a name or an alias. */
static bool is_loadable(const struct candidate *c, const struct why *w)
{
	return w->n_obstacles == 0 && !(c->alias && why_obstacle_of(w, WHY_OF_ALIASES));
}

static int print_text(const struct answer *a, const struct candidate *c, const struct why *w, const struct plan *plan)
{
	FILE *out = a->env->out;
	int r = print_verdict(a, c, w);

	if (r < 0)
		return r;
	if (c)
		r = print_answers(out, w);
	if (r < 0)
		return r;
	if (c)
		print_candidate(out, c);
	print_findings(out, w);
	print_fixes(out, w);
	if (c && is_loadable(c, w))
		print_steps(out, plan);
	return 0;
}

/* ---- JSON ---- */

static int print_object(const struct answer *a, const struct candidate *c, const struct why *w, const struct plan *plan)
{
	struct json *j = a->json;
	int r;

	json_object(j, NULL);
	json_str(j, "name", c->name);
	r = print_verdict(a, c, w);
	json_str(j, "found_by", resolve_source_name(c->source));
	json_str(j, "alias", c->alias);
	json_str(j, "file", c->entry ? c->entry->file : NULL);
	c->entry && c->entry->line ? json_int(j, "line", c->entry->line) : json_null(j, "line");
	json_bool(j, "loadable", is_loadable(c, w));
	outlook_json(w, j);
	why_json(w, "findings", j);
	plan_json(plan, j);
	json_end(j);
	return r;
}

/* ---- one argument ---- */

/* One "no" decides, then one "unknown". */
static int status_with(int so_far, enum why_outcome outcome)
{
	if (so_far == STATUS_NO || outcome == WHY_NO)
		return STATUS_NO;
	return outcome == WHY_UNKNOWN ? STATUS_UNKNOWN : so_far;
}

static int show_candidate(const struct answer *a, const struct candidate *c, int *status)
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
static void print_target(const struct answer *a, const struct target *t)
{
	const char *said = t->said.n && t->modules.n ? t->said.items[0].text : NULL;

	if (!a->json) {
		if (said)
			say(a->env->out, "%s\n", said);
		return;
	}
	json_object(a->json, "argument");
	json_str(a->json, "kind", target_kind_name(t->kind));
	json_str(a->json, "text", said);
	json_end(a->json);
}

/* It stands for no module: the target says why, or the indexes have to be asked. */
static int show_nothing(const struct answer *a, const struct target *t, int *status)
{
	_cleanup_why_ struct why absence = { 0 };
	int r = t->said.n ? 0 : why_not_found(&a->query, a->asked, &absence);
	const struct why *w = t->said.n ? &t->said : &absence;

	*status = w->n_obstacles ? STATUS_NO : STATUS_YES;
	if (r >= 0)
		r = a->json ? print_verdict(a, NULL, w) : print_text(a, NULL, w, NULL);
	if (a->json)
		why_json(w, "not_found", a->json);
	return r;
}

static int show_modules(const struct answer *a, const struct target *t, int *status)
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

static int show(const struct answer *a, int *status)
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

static int answer(struct env *env, const char *asked, bool as_json)
{
	_cleanup_running_ struct running running = { 0 };
	int status = STATUS_YES;
	struct json json;
	struct answer a = { .env = env, .running = &running, .asked = asked, .json = as_json ? &json : NULL };
	int r;

	if (running_open(&env->sys, &running) < 0)
		return STATUS_UNKNOWN;
	a.query = (struct why_query){
		.sys = &env->sys,
		.world = &running.world,
		.release = running.uts.release,
		.signature = why_trust,
	};
	r = show(&a, &status);
	if (r < 0)
		report_error(env, "why.failed", "could not examine %s: %s", asked, strerror(-r));
	if (a.json)
		answer_close(env, a.json);
	return r < 0 ? STATUS_UNKNOWN : status;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const bool *json = values;

	command_confine(env, CONFINE_KEEP_KEYS);
	if (argc == 1)
		return answer(env, argv[0], *json);
	report_error(env, "why.arguments", "give one module, alias, file, device or symbol; see --help");
	return STATUS_USAGE;
}

int cmd_why(struct env *env, int argc, char **argv)
{
	static const char *const usage[] = { "[--json] MODULE|ALIAS|FILE|DEVICE|SYMBOL", NULL };
	static const struct cli cli = {
		.usage = usage,
		.summary = "Explain whether a module would be loaded, and what bears on it:\n"
			   "! stands in the way, ? may be why it does not work, * changes what happens.",
		.options = cli_json_option,
		.set = cli_set_json,
		.run = run,
		.wrong_usage = STATUS_USAGE,
		.epilog =
			"The questions are: is it loaded by its name, for its devices and other aliases,\n"
			"at boot?\n\n" STATUS_HELP("yes to each question that applies", "no to one of them, or not found",
						STATUS_ROW(3, "of one it could not be found out")),
	};
	bool json = false;

	return cli_main(env, &cli, argc, argv, &json);
}
