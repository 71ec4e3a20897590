/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What removing one module takes: softdeps, the modules that use it, its remove command, and the dependencies that
 * are unused afterwards, down the whole chain. Use counts are computed as they will be when each step's turn comes,
 * including the effect of steps already in the plan.
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
 * Appends one request and its steps. When it cannot be done, the verdict is PLAN_ABSENT, PLAN_BUILTIN or PLAN_IN_USE
 * and it has no steps, even if only a holder of a holder is in use. Softdeps that cannot be removed are skipped
 * silently.
 */
int unload_module(const struct plan_world *w, const struct candidate *c, const struct unload_options *o,
		  struct plan *into);
