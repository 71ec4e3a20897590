// SPDX-License-Identifier: MIT
/* modprobe NAME, -a, -D, -R, -n: the loading side. */
#include <errno.h>
#include <string.h>

#include "verb/why/refusal.h"
#include "base/optstring.h"
#include "verb/params/check.h"
#include "read/kernel/kmsg.h"
#include "act/load/chain.h"
#include "act/load/parallel.h"
#include "decide/plan/order.h"
#include "face/kmod/modprobe/private.h"
#include "face/common/answer.h"
#include "face/common/report.h"

struct loading {
	struct modprobe *m;
	char **args; /* the operands; without -a, those behind the first are options */
	int n_args;
	const char *extra; /* options given on the command line, joined */
	struct plan plan;
	const struct plan_step *failed; /* the vital step that ended the request */
	struct kmsg kmsg;               /* open from the first real load on */
	bool watching;
};

/* ---- messages about a load, on standard error ---- */

/* The argument that an unknown parameter stands for, if it is a module. */
static const char *module_meant(struct loading *x, const struct plan_step *step, const char *line)
{
	for (int i = 1; i < x->n_args && step->reason == PLAN_REQUESTED; i++) {
		_cleanup_candidates_ struct candidates found = { 0 };
		_cleanup_buf_ struct buf part = BUF_INIT;

		buf_addf(&part, ": no parameter '%s'", x->args[i]);
		if (strstr(line, buf_str(&part)) && resolve_name(&x->m->world, x->args[i], &found) >= 0 && found.n > 0)
			return x->args[i];
	}
	return NULL;
}

static void check_options(struct loading *x, const struct plan_step *step)
{
	struct modprobe *m = x->m;
	const struct options_query q = {
		.root = &m->env->sys.root,
		.policy = m->world.policy,
		.name = step->name,
		.alias = step->alias,
		.path = step->path,
		.given = step->reason == PLAN_REQUESTED ? x->extra : "",
	};
	_cleanup_strv_ struct strv lines = { 0 };

	if (!*step->options || !diag_wants(&m->env->sys.diag, LOG_WARNING) || options_check(&q, &lines) < 0)
		return;
	for (size_t i = 0; i < lines.n; i++) {
		const char *other = module_meant(x, step, lines.items[i]);

		report_warning(m->env, "modprobe.parameter",
			       other ? "%s; %s is a module: modprobe -a loads several" : "%s", lines.items[i], other);
	}
}

/* Options that do not take effect, because the module is loaded already. */
static void tell_unused_options(struct loading *x, const struct plan_request *request)
{
	if (!*x->extra)
		return;
	report_warning(x->m->env, "modprobe.options-unused", "%s is %s; parameters not applied: %s", request->name,
		       request->verdict == PLAN_BUILTIN ? "built into the kernel" : "already loaded", x->extra);
}

/* Why the kernel refused the module of the step, where that is a question. */
static void explain(struct loading *x, const struct plan_step *step, int error, struct why *ret)
{
	struct modprobe *m = x->m;
	_cleanup_kmsg_list_ struct kmsg_list said = { 0 };
	const struct refusal refusal = {
		.sys = &m->env->sys,
		.world = &m->world,
		.kmsg = &said,
		.name = step->name,
		.path = step->path,
		.error = error,
	};

	if (x->watching)
		kmsg_collect(&x->kmsg, &said);
	m->env->explain(&refusal, ret);
}

static void tell_failure(struct modprobe *m, const char *name, int r, const struct why *found)
{
	report_error(m->env, "modprobe.insert", "could not insert '%s': %s%s", name,
		     r == -EEXIST ? "Module already in kernel" : refusal_words(r, found),
		     found ? refusal_doubt(r, found) : "");
}

/* ---- carrying out ---- */

static void starting(void *data, const struct plan_step *step)
{
	struct loading *x = data;
	const struct modprobe_options *o = x->m->o;

	if (step->action == PLAN_INSERT && step->path && !o->show_depends)
		check_options(x, step);
	if (modprobe_shows_steps(o))
		plan_print_step(step, x->m->env->out);
	if (o->show_depends || o->dry_run)
		return;
	if (!x->watching && diag_wants(&x->m->env->sys.diag, LOG_ERR))
		x->watching = kmsg_open(&x->m->env->sys.root, &x->kmsg) >= 0;
	fflush(x->m->env->out); /* before what a command prints */
}

static void ended(void *data, const struct plan_step *step, int result)
{
	struct loading *x = data;

	x->m->looped |= result == -ELOOP && step->action == PLAN_INSTALL_COMMAND;
	if (result < 0 && step->vital)
		x->failed = step;
}

static struct run make_run(struct loading *x)
{
	struct modprobe *m = x->m;

	return (struct run){
		.sys = &m->env->sys,
		.live = &m->live,
		.insert_flags = m->o->force,
		.dry_run = m->o->dry_run || m->o->show_depends,
		.ignore_loaded = m->o->show_depends,
		.fail_on_loaded = m->o->first_time,
		.starting = starting,
		.ended = ended,
		.data = x,
	};
}

/* `alias M off`, the old way to switch a module off: there is no module of that name. */
static void tell_switched_off(struct modprobe *m, const struct plan_request *request)
{
	const struct policy *p = m->world.policy;

	for (size_t i = 0; request->alias && i < policy_count(p, POLICY_ALIAS); i++) {
		const struct policy_entry *e = policy_get(p, POLICY_ALIAS, i);

		if (strcmp(request->name, "off") == 0 && strcmp(e->value, "off") == 0 &&
		    strcmp(e->name, request->alias) == 0)
			diag_report(&m->env->sys.diag, LOG_ERR, "modprobe.alias-off", e->file, e->line,
				    "%s is switched off by `alias %s off` (%s:%u)", request->asked, e->name, e->file,
				    e->line);
	}
}

/* step: the one that failed; NULL: unknown. */
static void tell_refusal(struct loading *x, const struct plan_request *request, const struct plan_step *step, int error)
{
	struct modprobe *m = x->m;
	_cleanup_why_ struct why found = { 0 };
	bool inserts = step && step->action == PLAN_INSERT;

	if (!diag_wants(&m->env->sys.diag, LOG_ERR))
		return;
	if (inserts && error != -EEXIST)
		explain(x, step, error, &found);
	/* A command that is not run has failed as one that was run; it is no loop of symbolic links. */
	else if (error == -ELOOP && step && step->action == PLAN_INSTALL_COMMAND)
		error = -EINVAL;
	tell_failure(m, request->name, error, inserts ? &found : NULL);
	tell_switched_off(m, request);
	if (inserts)
		refusal_report_found(&m->env->sys.diag, step->name, &found);
}

/* The exit status of a request for which there is nothing to do. */
static int settle(struct loading *x, const struct plan_request *request)
{
	if (request->verdict == PLAN_DENIED)
		return 0;
	if (x->m->o->first_time) {
		tell_failure(x->m, request->name, -EEXIST, NULL);
		return 1;
	}
	tell_unused_options(x, request);
	return 0;
}

static int carry_out(struct loading *x, const struct plan_request *request)
{
	struct run run = make_run(x);
	int r;

	if (request->verdict != PLAN_GO)
		return settle(x, request);
	x->failed = NULL;
	r = run_load(&run, &x->plan, request);
	if (r < 0)
		tell_refusal(x, request, x->failed, r);
	return r < 0;
}

/* ---- planning ---- */

static int plan_candidate(struct loading *x, const char *asked, const struct candidate *c)
{
	struct modprobe *m = x->m;
	const struct order_options o = {
		.asked = asked,
		.extra = x->extra,
		.ignore_commands = m->o->ignore_commands,
		.ignore_loaded = m->o->show_depends,
		.deny_by_alias = true,
		.deny = m->o->use_blacklist,
	};
	int r = order_load(&m->world, c, &o, &x->plan);

	if (r < 0)
		tell_failure(m, c->name, r, NULL);
	return r;
}

static int show_candidates(struct modprobe *m, const char *arg, const struct candidates *found)
{
	struct json j;

	if (!m->o->json) {
		for (size_t i = 0; i < found->n; i++)
			fprintf(m->env->out, "%s\n", found->items[i].name);
		return 0;
	}
	answer_open(m->env, &j);
	json_str(&j, "asked", arg);
	candidates_json(found, "modules", &j);
	answer_close(m->env, &j);
	return 0;
}

/* With several modules for one name all are tried and the last one's status counts. */
static int load_name(struct loading *x, const char *arg)
{
	struct modprobe *m = x->m;
	_cleanup_candidates_ struct candidates found = { 0 };
	int status = 0;

	if (modprobe_find(m, arg, &found) <= 0)
		return 1;
	if (m->o->show_alias)
		return show_candidates(m, arg, &found);
	for (size_t i = 0; i < found.n; i++) {
		if (plan_candidate(x, arg, &found.items[i]) < 0)
			return 1;
		status = carry_out(x, &x->plan.requests[x->plan.n_requests - 1]);
	}
	return status;
}

static int load_in_order(struct loading *x, int n, char **args)
{
	int status = 0;

	for (int i = 0; i < n && !report_was_fatal(x->m->env) && !modprobe_ends_at_loop(x->m, args[i]); i++)
		status |= load_name(x, args[i]);
	return status;
}

/* ---- all at once ---- */

static int plan_name(struct loading *x, const char *arg)
{
	_cleanup_candidates_ struct candidates found = { 0 };

	if (modprobe_find(x->m, arg, &found) <= 0)
		return 1;
	for (size_t i = 0; i < found.n; i++)
		if (plan_candidate(x, arg, &found.items[i]) < 0)
			return 1;
	return 0;
}

static int tell_result(struct loading *x, const struct plan_request *request, const struct graph *g,
		       const struct parallel_result *results)
{
	const struct plan_step *step;
	size_t node;
	int error;

	if (request->verdict != PLAN_GO)
		return settle(x, request);
	if (!graph_find(g, request->name, &node) || results[node].error == 0)
		return 0;
	error = results[node].error;
	if (error == -ECANCELED) {
		node = results[node].blocker;
		error = results[node].error;
	}
	step = &x->plan.steps[g->nodes[node].step];
	tell_refusal(x, request, step, error);
	return 1;
}

static int load_at_once(struct loading *x, int n, char **args)
{
	_cleanup_graph_ struct graph graph = { 0 };
	_cleanup_free_ struct parallel_result *results = NULL;
	struct run run = make_run(x);
	int status = 0, r;

	for (int i = 0; i < n; i++)
		status |= plan_name(x, args[i]);
	r = plan_graph(&x->m->world, &x->plan, &graph);
	if (r >= 0) {
		results = calloc(graph.n + 1, sizeof(*results));
		r = results ? run_parallel(&run, &x->plan, &graph, x->m->o->jobs, results) : -ENOMEM;
	}
	if (r < 0) {
		report_error(x->m->env, "modprobe.parallel", "could not load in parallel: %s", strerror(-r));
		return 1;
	}
	for (size_t i = 0; i < x->plan.n_requests; i++)
		status |= tell_result(x, &x->plan.requests[i], &graph, results);
	return status;
}

static void print_json(struct loading *x)
{
	struct json j;

	answer_open(x->m->env, &j);
	plan_json(&x->plan, &j);
	answer_close(x->m->env, &j);
}

int modprobe_load(struct modprobe *m, int n, char **args)
{
	_cleanup_buf_ struct buf extra = BUF_INIT;
	struct loading x = { .m = m, .args = args, .n_args = m->o->all ? 0 : n, .kmsg.fd = -1 };
	bool real = !m->o->show_alias && !m->o->show_depends && !m->o->dry_run;
	int status;

	if (real && policy_check(m->world.policy, &m->env->sys.diag) < 0)
		return 1;
	if (!m->o->all) {
		if (optstring_join(n - 1, args + 1, &extra) < 0)
			return 1;
		n = 1;
	}
	x.extra = buf_str(&extra);
	/* In order below a command: only then does the first loop end what would branch at every name. */
	status = m->o->all && m->o->jobs && real && !chain_is_below() ? load_at_once(&x, n, args) :
									load_in_order(&x, n, args);
	if (m->o->json && !real && !m->o->show_alias)
		print_json(&x);
	kmsg_close(&x.kmsg);
	plan_done(&x.plan);
	return status;
}
