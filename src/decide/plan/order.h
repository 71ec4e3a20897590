/* SPDX-License-Identifier: MIT */
#pragma once

/* What loading one module takes: its hard dependencies, softdeps before and after, commands, options. */

#include "decide/plan/plan.h"
#include "decide/plan/resolve.h"

struct order_options {
	const char *asked; /* the name in plan_request; NULL: the candidate's name */
	const char *extra; /* options given for this load, joined; NULL or "" for none */
	/*
	 * The module asked for is loaded without its softdeps, and without its install command wherever it comes up in
	 * the plan.
	 */
	bool ignore_commands;
	bool ignore_loaded; /* plan it even if it is in the kernel */
	bool deny_by_alias; /* a blacklisted module is denied if it was found through an alias */
	bool deny;          /* a blacklisted module is denied */
	bool deny_all;      /* every blacklisted module is left out, dependencies and softdeps too */
};

/*
 * Appends one request and its steps, exactly in kmod's order: a module may occur more than once. A step whose module
 * is already loaded when its turn comes must be skipped. Softdep loops are cut: every module expands its own list once
 * per request. Names in softdeps that resolve to nothing are dropped.
 */
int order_load(const struct plan_world *w, const struct candidate *c, const struct order_options *o, struct plan *into);

/* Resolved softdeps or, for POLICY_WEAKDEP (names in *pre), weakdeps of a module: its first matching line only. */
int order_soft(const struct plan_world *w, enum policy_kind kind, const char *name, struct candidates *pre,
	       struct candidates *post);
