/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What removing one module takes: softdeps, the modules that use it, its remove command, and the dependencies that
 * are unused afterwards, down the whole chain. Use counts are computed as they will be when each step's turn comes,
 * including the effect of steps already in the plan.
 */

#include "decide/plan/plan.h"
#include "decide/plan/resolve.h"

/* What happens about a softdep that cannot be removed, or that is not there where that counts. */
enum unload_softdeps {
	UNLOAD_SOFTDEPS_SKIP, /* nothing: it is left out of the plan */
	UNLOAD_SOFTDEPS_WARN, /* its step fails, and the request goes on */
	/* As with kmod: a step behind the module fails the request; before the module it prevents the request. */
	UNLOAD_SOFTDEPS_FAIL,
};

struct unload_options {
	const char *asked;
	enum unload_softdeps softdeps;
	bool first_time;      /* a softdep that is not loaded counts as one that cannot be removed */
	bool ignore_commands; /* no remove command and no softdeps for the module asked for */
	bool holders;         /* remove the modules that use it first, and those that use them */
	bool by_name;         /* those in an order of their own; else as the kernel lists them */
	bool wait;            /* a used module is not refused: the removal will wait for it */
};

/*
 * Appends one request and its steps. When it cannot be done, the verdict is PLAN_ABSENT, PLAN_BUILTIN or PLAN_IN_USE
 * and it has no steps, even if only a holder of a holder is in use. Behind a remove command nothing is refused for
 * being in use, since the command may free it: the step is planned with a doubt.
 */
int unload_module(const struct plan_world *w, const struct candidate *c, const struct unload_options *o,
		  struct plan *into);
