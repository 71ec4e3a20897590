/* SPDX-License-Identifier: MIT */
#pragma once

/* Setting parameters: in the running kernel, in modprobe.d, or both. */

#include "read/conf/edit.h"
#include "verb/params/subject.h"

/* What to set, and where. */
struct params_request {
	bool persist;                /* at every load from now on */
	bool now;                    /* in the running kernel */
	struct strv words;           /* owns the names and values of the changes */
	struct edit_change *changes; /* in the order given; value NULL: --unset */
	size_t n, cap;
};

/*
 * Checks every change, then carries all of them out and brings *s up to date. Adds to notes what the user
 * must still do. 0, or -errno after reporting.
 */
int params_set(struct params_subject *s, const struct params_request *o, struct strv *notes);
