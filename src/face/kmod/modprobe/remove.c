// SPDX-License-Identifier: MIT
/* modprobe -r */
#include <errno.h>
#include <string.h>

#include "verb/users/users.h"
#include "act/load/run.h"
#include "decide/plan/unload.h"
#include "face/kmod/modprobe/private.h"
#include "face/common/answer.h"
#include "face/common/report.h"

struct removal {
	struct modprobe *m;
	struct plan plan;
	const struct plan_step *failed; /* the vital step that ended the request */
	int command_status;             /* of the remove command that failed */
};

static int problem_level(const struct modprobe *m)
{
	return m->o->all ? LOG_WARNING : LOG_CRIT;
}

static void starting(void *data, const struct plan_step *step)
{
	const struct removal *x = data;
	const struct modprobe_options *o = x->m->o;

	if (modprobe_shows_steps(o))
		plan_print_step(step, x->m->env->out);
	fflush(x->m->env->out); /* before what a command prints */
}

/* Follows kmod's own line. */
static void tell_users(struct modprobe *m, const char *name)
{
	const struct users_query q = { .root = &m->env->sys.root, .catalog = m->world.catalog, .module = name };
	_cleanup_strv_ struct strv lines = { 0 };

	if (!diag_wants(&m->env->sys.diag, LOG_ERR) || users_brief(&q, true, &lines) < 0)
		return;
	for (size_t i = 0; i < lines.n; i++)
		report_error(m->env, "modprobe.users", "%s", lines.items[i]);
}

static void tell_failure(struct removal *x, const struct plan_step *s, const char *name, int r)
{
	struct modprobe *m = x->m;

	if (s && s->action == PLAN_REMOVE_COMMAND) {
		diag_report(&m->env->sys.diag, problem_level(m), "modprobe.remove-command", s->file, s->line,
			    "Error running remove command for %s", name);
		run_tell_signal(&m->env->sys, s, x->command_status);
	} else if (s && s->doubt == PLAN_IN_USE && r == -EBUSY)
		diag_report(&m->env->sys.diag, problem_level(m), "modprobe.in-use", NULL, 0, "Module %s is in use.",
			    name);
	else if (r == -ENOENT)
		diag_report(&m->env->sys.diag, problem_level(m), "modprobe.not-loaded", NULL, 0,
			    "Module %s is not in kernel.", name);
	else
		report_error(m->env, "modprobe.remove", "could not remove '%s': %s", name, strerror(-r));
	if (r == -EAGAIN || r == -EBUSY)
		tell_users(m, name);
}

/* With -a, a softdep that stays is reported and does not count. */
static void ended(void *data, const struct plan_step *step, int result)
{
	struct removal *x = data;

	if (result >= 0)
		return;
	x->m->looped |= result == -ELOOP && step->action == PLAN_REMOVE_COMMAND;
	if (step->vital)
		x->failed = step;
	else if (step->doubt || step->action == PLAN_REMOVE_COMMAND)
		tell_failure(x, step, step->name, result);
}

static int carry_out(struct removal *x, const struct plan_request *request)
{
	struct modprobe *m = x->m;
	const struct run run = {
		.sys = &m->env->sys,
		.live = &m->live,
		.dry_run = m->o->dry_run,
		.fail_on_loaded = m->o->first_time,
		.force = m->o->force_unload,
		.wait_ms = m->o->wait_ms,
		.starting = starting,
		.ended = ended,
		.data = x,
		.remove_status = &x->command_status,
	};
	int r;

	x->failed = NULL;
	x->command_status = 0;
	r = run_unload(&run, &x->plan, request);
	if (r < 0)
		tell_failure(x, x->failed, x->failed ? x->failed->name : request->name, r);
	return r < 0;
}

/* The exit status of one request: what prevents it is reported, the rest is done. */
static int judge(struct removal *x, const struct plan_request *request)
{
	struct modprobe *m = x->m;
	struct diag *diag = &m->env->sys.diag;
	int level = problem_level(m);

	switch (request->verdict) {
	case PLAN_ABSENT:
		if (m->o->first_time) {
			diag_report(diag, level, "modprobe.not-loaded", NULL, 0, "Module %s is not in kernel.",
				    request->blocker ? request->blocker : request->name);
			modprobe_tell_support(m);
		}
		return m->o->first_time;
	case PLAN_BUILTIN:
		diag_report(diag, level, "modprobe.builtin", NULL, 0, "Module %s is builtin.", request->blocker);
		return 1;
	case PLAN_IN_USE:
		diag_report(diag, level, "modprobe.in-use", NULL, 0, "Module %s is in use.", request->blocker);
		tell_users(m, request->blocker);
		return 1;
	default:
		return carry_out(x, request);
	}
}

static int remove_candidate(struct removal *x, const char *asked, const struct candidate *c)
{
	struct modprobe *m = x->m;
	const struct unload_options o = {
		.asked = asked,
		.ignore_commands = m->o->ignore_commands,
		.holders = m->o->remove_holders,
		.wait = m->o->has_wait,
		.softdeps = m->o->all ? UNLOAD_SOFTDEPS_WARN : UNLOAD_SOFTDEPS_FAIL,
		.first_time = m->o->first_time,
	};
	int r, status;

	r = unload_module(&m->world, c, &o, &x->plan);
	if (r < 0) {
		report_error(m->env, "modprobe.remove", "could not remove '%s': %s", c->name, strerror(-r));
		return 1;
	}
	status = judge(x, &x->plan.requests[x->plan.n_requests - 1]);
	/* A dry run goes on from what it would have done; a real one asks the kernel again. */
	if (!m->o->dry_run)
		plan_done(&x->plan);
	return status;
}

static int remove_name(struct removal *x, const char *arg)
{
	struct modprobe *m = x->m;
	_cleanup_candidates_ struct candidates found = { 0 };
	int status = 0;

	if (resolve(&m->world, arg, &found) < 0 || found.n == 0) {
		diag_report(&m->env->sys.diag, problem_level(m), "modprobe.not-found", NULL, 0, "Module %s not found.",
			    arg);
		modprobe_tell_support(m);
		return 1;
	}
	for (size_t i = 0; i < found.n && !report_was_fatal(m->env); i++)
		status |= remove_candidate(x, arg, &found.items[i]);
	return status;
}

int modprobe_remove(struct modprobe *m, int n, char **args)
{
	struct removal x = { .m = m };
	int status = 0;

	for (int i = 0; i < n && !report_was_fatal(m->env) && !modprobe_ends_at_loop(m, args[i]); i++)
		status |= remove_name(&x, args[i]);
	if (m->o->json && m->o->dry_run) {
		struct json j;

		answer_open(m->env, &j);
		plan_json(&x.plan, &j);
		answer_close(m->env, &j);
	}
	plan_done(&x.plan);
	return status;
}
