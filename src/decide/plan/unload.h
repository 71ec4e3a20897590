/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What removing one module takes: softdeps, the modules that use it, its remove command, and the
 * dependencies that nobody uses afterwards, down the whole chain. Use counts are reckoned as they will be
 * when each step's turn comes, steps already in the plan included.
 */

#include "decide/plan/plan.h"
#include "decide/plan/resolve.h"

struct unload_options {
	const char *asked;
	bool ignore_commands; /* no remove command and no softdeps for the module asked for */
	bool holders;         /* remove the modules that use it first, and those that use them */
	bool wait;            /* a used module is not refused: the removal will wait for it */
};

/*
 * Appends one request and its steps. The verdict is PLAN_ABSENT, PLAN_BUILTIN or PLAN_IN_USE when it cannot
 * be done; then it has no steps, except that with PLAN_IN_USE by a holder of a holder nothing was planned
 * either. Softdeps that cannot be removed are left alone silently.
 */
int unload_module(const struct plan_world *w, const struct candidate *c, const struct unload_options *o,
		  struct plan *into);
