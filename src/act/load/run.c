// SPDX-License-Identifier: MIT
#include "act/load/run.h"

#include <errno.h>
#include <string.h>

#include "act/load/command.h"
#include "act/load/remove.h"

static void tell_start(const struct run *r, const struct plan_step *s)
{
	if (r->starting)
		r->starting(r->data, s);
}

/* 0, the exit status of the shell's command, or -errno. */
static int run_command(const struct run *r, const struct plan_step *s, const char *options, struct buf *expanded)
{
	int result = command_check(r->sys, s);

	if (result < 0)
		return result;
	if (plan_expand_command(s->command, options, expanded) < 0)
		return -ENOMEM;
	if (r->run_command) {
		result = r->run_command(r->data, s, buf_str(expanded));
		return result < 0 ? result : 0;
	}
	return command_run(&r->sys->root, buf_str(expanded), s);
}

void run_tell_signal(struct sys *sys, const struct plan_step *s, int status)
{
	const char *signal = command_signal(status);

	if (signal)
		diag_report(&sys->diag, LOG_ERR, "load.command-signal", s->file, s->line,
			    "%s: %d is the status of a command that %s has ended", s->name, status, signal);
}

static int install_command(const struct run *r, const struct plan_step *s)
{
	_cleanup_buf_ struct buf expanded = BUF_INIT;
	int status;

	if (s->unsafe_options && strstr(s->command, PLAN_OPTIONS_WORD)) {
		diag_report(&r->sys->diag, LOG_ERR, "load.unsafe-options", s->file, s->line,
			    "install command of %s is not run: its options on the kernel command line have characters "
			    "that the shell would interpret",
			    s->name);
		return -EINVAL;
	}
	status = run_command(r, s, s->options, &expanded);
	if (status <= 0)
		return status;
	diag_report(&r->sys->diag, LOG_ERR, "load.install-command", s->file, s->line,
		    "Error running install command '%s' for module %s: retcode %d", buf_str(&expanded), s->name,
		    status);
	run_tell_signal(r->sys, s, status);
	return -EINVAL;
}

static int remove_command(const struct run *r, const struct plan_step *s)
{
	_cleanup_buf_ struct buf expanded = BUF_INIT;
	int status = run_command(r, s, NULL, &expanded);

	if (status <= 0)
		return status;
	if (r->remove_status)
		*r->remove_status = status;
	return -EINVAL;
}

/* A dry run changes nothing: the requested module is still as it was when the plan was made. */
static bool is_there(const struct run *r, const struct plan_step *s)
{
	if (s->builtin || !r->live)
		return s->builtin;
	return !(r->dry_run && s->reason == PLAN_REQUESTED) && r->live->is_live(r->live->data, s->name);
}

static int insert_file(const struct run *r, const struct plan_step *s)
{
	if (!s->path) {
		sys_error(r->sys, "load.no-path", "could not find module by name='%s'", s->name);
		return -ENOENT;
	}
	return insert_module(r->sys, s->path, s->options, r->insert_flags);
}

int run_insert_step(const struct run *r, const struct plan_step *s)
{
	int result;

	if (!r->ignore_loaded && is_there(r, s))
		return r->fail_on_loaded && s->reason == PLAN_REQUESTED ? -EEXIST : 1;
	tell_start(r, s);
	if (r->dry_run)
		return 0;
	result = s->action == PLAN_INSTALL_COMMAND ? install_command(r, s) : insert_file(r, s);
	return result == -EEXIST && !(r->fail_on_loaded && s->reason == PLAN_REQUESTED) ? 1 : result;
}

/* Modules that are removed as a side effect were unused when the plan was made; that may have changed since. */
static bool came_into_use(const struct run *r, const struct plan_step *s)
{
	int refcnt;

	return !s->vital && r->live && r->live->refcnt(r->live->data, s->name, &refcnt) >= 0 && refcnt > 0;
}

static bool is_gone(const struct run *r, const struct plan_step *s)
{
	enum live_state state;

	return r->live && r->live->state(r->live->data, s->name, &state) >= 0 && state == LIVE_ABSENT;
}

/* What prevented the removal when the plan was made, or what a remove command has done: 0, or how the step ends. */
static int doubts(const struct run *r, const struct plan_step *s)
{
	int refcnt = 0;

	if (s->action != PLAN_REMOVE || (!s->doubt && !s->after_command))
		return 0;
	if (s->doubt == PLAN_ABSENT || (s->after_command && !r->dry_run && is_gone(r, s)))
		return (s->doubt == PLAN_ABSENT || s->reason == PLAN_REQUESTED) && r->fail_on_loaded ? -ENOENT : 1;
	if (s->doubt != PLAN_IN_USE)
		return 0;
	if (!r->dry_run && r->live && r->live->refcnt(r->live->data, s->name, &refcnt) >= 0 && refcnt <= 0)
		return 0;
	return s->reason == PLAN_UNUSED ? 1 : -EBUSY;
}

int run_remove_step(const struct run *r, const struct plan_step *s)
{
	struct remove_options o = { .force = r->force && s->vital,
				    .wait_ms = s->reason == PLAN_REQUESTED ? r->wait_ms : 0 };
	int result = doubts(r, s);

	if (result != 0)
		return result;
	if (!r->dry_run && s->action == PLAN_REMOVE && came_into_use(r, s))
		return 1;
	tell_start(r, s);
	if (r->dry_run)
		return 0;
	if (s->action == PLAN_REMOVE_COMMAND)
		return remove_command(r, s);
	result = remove_module(r->sys, s->name, &o);
	if (result != -ENOENT && result != -EEXIST)
		return result;
	return r->fail_on_loaded && s->reason == PLAN_REQUESTED ? -ENOENT : 1;
}

static int run_steps(const struct run *r, const struct plan *p, const struct plan_request *request,
		     int (*step)(const struct run *r, const struct plan_step *s))
{
	for (size_t i = 0; i < request->n; i++) {
		const struct plan_step *s = &p->steps[request->first + i];
		int result = step(r, s);

		if (r->ended)
			r->ended(r->data, s, result);
		if (result < 0 && s->vital)
			return result;
	}
	return 0;
}

int run_load(const struct run *r, const struct plan *p, const struct plan_request *request)
{
	return run_steps(r, p, request, run_insert_step);
}

int run_unload(const struct run *r, const struct plan *p, const struct plan_request *request)
{
	return run_steps(r, p, request, run_remove_step);
}
