/* SPDX-License-Identifier: MIT */
#pragma once

/* Carries a plan out, step by step in its order. */

#include "act/load/insert.h"
#include "decide/plan/live_view.h"
#include "decide/plan/plan.h"

struct run {
	struct sys *sys;
	const struct live_view *live; /* checked before each step: is it still needed? */
	unsigned insert_flags;        /* enum insert_flags, for every module of the plan */
	bool dry_run;                 /* report the steps but do nothing */
	bool ignore_loaded;           /* load: do not skip what is loaded */
	/* Loading: -EEXIST if the requested module is already loaded. Removal: -ENOENT if it is not. */
	bool fail_on_loaded;
	bool force;       /* removal, except of modules that are removed as a side effect */
	unsigned wait_ms; /* removal of the requested module */

	/* All callbacks are optional. step: about to be done. */
	void (*starting)(void *data, const struct plan_step *step);
	/* A command of the administrator, $CMDLINE_OPTS replaced; negative: failed. NULL: the shell runs it. */
	int (*run_command)(void *data, const struct plan_step *step, const char *command);
	/* A step ended; result 0, 1 (nothing to do) or -errno, also where that error is then ignored. */
	void (*ended)(void *data, const struct plan_step *step, int result);
	void *data;
	/* Gets the status of a remove command that failed, for run_tell_signal(). NULL: nobody asks. */
	int *remove_status;
};

/* Names the signal that has ended the command of the step, if one has: below the line that reports the failure. */
void run_tell_signal(struct sys *sys, const struct plan_step *s, int status);

/*
 * Loads one request of a plan made by order_load(). Failures of steps that are not vital are ignored. 0 or
 * the first vital -errno; -EINVAL for an install command that failed, -ELOOP for one that is being run already (both
 * reported).
 */
int run_load(const struct run *r, const struct plan *p, const struct plan_request *request);

/*
 * Removes, for a plan made by unload_module(). Failures of modules that are removed as a side effect (softdeps, unused
 * dependencies) are ignored. 0, -errno of the kernel, -EINVAL for a remove command that failed, -ELOOP for one that is
 * being run already (reported), or -EBUSY for a step with a doubt that has proved true; ended() reports which step it
 * was.
 */
int run_unload(const struct run *r, const struct plan *p, const struct plan_request *request);

/* ---- one step, for runners of their own ---- */

/*
 * 0: done; 1: nothing to do, already loaded (removed); -errno. Calls starting() and run_command() of *r, not ended().
 */
int run_insert_step(const struct run *r, const struct plan_step *s);
int run_remove_step(const struct run *r, const struct plan_step *s);
