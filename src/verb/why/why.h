/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Everything that bears on loading one module, before anything is done: what stands in the way, what the administrator
 * configured and where, what is already there. Checked in the order that avoids wrong answers: present, may this
 * process load anything, the file, its signature, its dependencies, its parameters.
 */

#include "verb/why/query.h"

/* What is found about one module that a name or alias led to, and the answers (verb/why/outlook.h). 0, -ENOMEM. */
int why_module(const struct why_query *q, const struct candidate *c, struct why *ret);
/* Why a name or alias resolves to nothing: one finding, an obstacle. 0, -ENOMEM. */
int why_not_found(const struct why_query *q, const char *asked, struct why *ret);
/* The directory of the running release is not there: one finding, an obstacle to every module. 0, -ENOMEM. */
int why_no_release(const struct why_query *q, struct why *ret);
