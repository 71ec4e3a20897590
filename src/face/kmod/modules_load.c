// SPDX-License-Identifier: MIT
/* modules-load: what modules-load.d(5), the kernel command line and /etc/modules ask for, all at once (verb/boot). */
#include <string.h>

#include "base/json.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/report.h"
#include "face/common/say.h"
#include "face/kmod/commands.h"
#include "read/kernel/kmsg.h"
#include "verb/boot/load.h"
#include "verb/why/refusal.h"

struct options {
	uint32_t jobs; /* 0: by CPUs */
	bool dry_run, json, verbose;
};

struct boot {
	struct env *env;
	struct options o;
	struct boot_load load;
	struct kmsg kmsg;
	struct kmsg_list said;
};

enum { OPT_JSON = CLI_LONG };

static const struct cli_option boot_options[] = {
	{ 'j', "jobs", "N", "load up to N modules at once (default: number of CPUs)", NULL, 0 },
	{ 'n', "dry-run", NULL, "print what would be loaded, in order", NULL, 0 },
	{ OPT_JSON, "json", NULL, "print JSON: the result, or with -n the plan", NULL, 0 },
	{ 'v', "verbose", NULL, "print each module as it is loaded", NULL, 0 },
	{ 0 },
};

static int set_option(struct env *env, void *values, int id, const char *arg)
{
	struct options *o = values;

	switch (id) {
	case 'j':
		return cli_set_jobs(env, arg, &o->jobs);
	case 'n':
		o->dry_run = true;
		return 0;
	case OPT_JSON:
		o->json = true;
		return 0;
	default:
		o->verbose = true;
		report_show_codes(env);
		return 0;
	}
}

static const char *const usage[] = { "[options] [configuration file...]", NULL };

/* ---- carrying out ---- */

static void starting(void *data, const struct plan_step *step)
{
	struct boot *b = data;

	if (b->o.verbose && !b->o.json)
		say_step(b->env->out, "", step);
	fflush(b->env->out);
}

static int carry_out(struct boot *b)
{
	if (kmsg_open(&b->env->sys.root, &b->kmsg) < 0)
		b->kmsg.fd = -1;
	return boot_load_run(&b->load, b->o.jobs, starting, b);
}

/* Why a wish failed: its own module's error, or that of the dependency which failed first. */
static void find_cause(struct boot *b, struct boot_wish *w, size_t node)
{
	struct refusal refusal = { .sys = &b->env->sys, .world = &b->load.world, .kmsg = &b->said };
	const struct plan_step *step;

	if (b->load.results[node].error == -ECANCELED)
		node = b->load.results[node].blocker;
	step = &b->load.plan.steps[b->load.graph.nodes[node].step];
	w->outcome = BOOT_FAILED;
	w->error = b->load.results[node].error;
	w->culprit = step->name;
	refusal.name = step->name;
	refusal.path = step->path;
	refusal.error = w->error;
	if (step->action == PLAN_INSERT)
		b->env->explain(&refusal, &w->causes);
}

static void find_results(struct boot *b)
{
	if (b->kmsg.fd >= 0)
		kmsg_collect(&b->kmsg, &b->said);
	for (size_t i = 0; i < b->load.n; i++) {
		struct boot_wish *w = &b->load.wishes[i];
		size_t node;

		if (boot_load_failed(&b->load, w, &node))
			find_cause(b, w, node);
	}
}

/* ---- reporting ---- */

static const char *outcome_name(enum boot_outcome o)
{
	static const char *const names[] = { "loaded", "already-loaded", "builtin", "denied", "not-found", "failed" };

	return names[o];
}

static void place_of(const struct modload_entry *e, struct buf *into)
{
	buf_adds(into, e->file);
	if (e->line)
		buf_addf(into, ":%u", e->line);
}

static void tell(struct boot *b, const struct boot_wish *w)
{
	_cleanup_buf_ struct buf place = BUF_INIT;
	const struct modload_entry *e = w->entry;

	place_of(e, &place);
	if (w->outcome == BOOT_NOT_FOUND)
		report_warning(b->env, "modules-load.not-found", "%s: Failed to find module '%s'", buf_str(&place),
			       e->name);
	else if (w->outcome == BOOT_DENIED)
		report_notice(b->env, "modules-load.denied", "%s: Module '%s' is deny-listed (%s:%u)", buf_str(&place),
			      e->name, b->load.plan.requests[w->request].file, b->load.plan.requests[w->request].line);
	if (w->outcome != BOOT_FAILED)
		return;
	report_error(b->env, "modules-load.failed", "%s: Failed to insert module '%s': %s", buf_str(&place), w->culprit,
		     strerror(-w->error));
	refusal_report_found(&b->env->sys.diag, w->culprit, &w->causes);
}

static void json_cause(struct json *j, const struct boot_wish *w, const struct why_finding *f)
{
	_cleanup_buf_ struct buf line = BUF_INIT;

	refusal_line(w->culprit, f, &line);
	json_str(j, NULL, buf_str(&line));
}

static void json_wish(struct json *j, const struct boot *b, const struct boot_wish *w)
{
	bool planned = w->outcome != BOOT_NOT_FOUND;

	json_object(j, NULL);
	json_str(j, "asked", w->entry->name);
	json_str(j, "name", planned ? b->load.plan.requests[w->request].name : NULL);
	json_str(j, "file", w->entry->file);
	json_uint(j, "line", w->entry->line);
	json_str(j, "result", outcome_name(w->outcome));
	json_int(j, "errno", -w->error);
	json_str(j, "failed_module", w->culprit);
	json_array(j, "cause");
	for (size_t i = 0; i < w->causes.n; i++)
		json_cause(j, w, &w->causes.items[i]);
	json_end(j);
	json_end(j);
}

static void print_json(const struct boot *b)
{
	struct json j;

	answer_open(b->env, &j);
	if (b->o.dry_run) {
		plan_json(&b->load.plan, &j);
	} else {
		json_array(&j, "modules");
		for (size_t i = 0; i < b->load.n; i++)
			json_wish(&j, b, &b->load.wishes[i]);
		json_end(&j);
	}
	answer_close(b->env, &j);
}

/* Each module once, in an order in which they could be loaded one by one. */
static void print_plan(const struct boot *b)
{
	for (size_t i = 0; i < b->load.graph.n; i++) {
		const struct plan_step *s = &b->load.plan.steps[b->load.graph.nodes[i].step];

		if (!s->builtin)
			say_step(b->env->out, "", s);
	}
}

static int finish(struct boot *b)
{
	int status = b->load.list.error ? 1 : 0;

	for (size_t i = 0; i < b->load.n; i++) {
		tell(b, &b->load.wishes[i]);
		status |= boot_wish_is_failure(&b->load.wishes[i]);
	}
	if (b->o.json)
		print_json(b);
	else if (b->o.dry_run)
		print_plan(b);
	return status;
}

/* ---- the command ---- */

static int boot_run(struct boot *b, const char *const *files)
{
	int r = boot_load_open(&b->env->sys, files, &b->load);

	if (r == 0)
		r = boot_load_plan(&b->load);
	if (r == 0 && !b->o.dry_run)
		r = carry_out(b);
	if (r < 0) {
		report_error(b->env, "modules-load.setup", "could not load modules: %s", strerror(-r));
		return 1;
	}
	if (!b->o.dry_run)
		find_results(b);
	return finish(b);
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const struct options *o = values;
	struct boot b = { .env = env, .o = *o, .kmsg.fd = -1 };
	int status = boot_run(&b, argc > 0 ? (const char *const *)argv : NULL);

	kmsg_list_done(&b.said);
	if (b.kmsg.fd >= 0)
		kmsg_close(&b.kmsg);
	boot_load_done(&b.load);
	return status;
}

int cmd_modules_load(struct env *env, int argc, char **argv)
{
	static const struct cli cli = {
		.usage = usage,
		.summary = "Load the modules listed in modules-load.d(5), on the kernel command line and in\n"
			   "/etc/modules.",
		.options = boot_options,
		.set = set_option,
		.run = run,
	};
	struct options o = { 0 };

	return cli_main(env, &cli, argc, argv, &o);
}
