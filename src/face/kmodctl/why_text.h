/* SPDX-License-Identifier: MIT */
#pragma once

/* What kmodctl why says to people. */

#include "decide/plan/plan.h"
#include "face/common/env.h"
#include "verb/why/finding.h"

/* One module that an argument stands for. */
struct why_text {
	const char *asked;
	const char *said;                  /* what the argument is, when that is not obvious; NULL: it is */
	const struct candidate *candidate; /* NULL: it stands for no module */
	const struct why *found;
	const struct plan *plan;
	bool details; /* everything; else the answer, its reason and what to do */
};

/* 0, -ENOMEM. */
int why_print_text(struct env *env, const struct why_text *t);
/* By what was given: a name or an alias. */
bool why_is_loadable(const struct candidate *c, const struct why *w);
