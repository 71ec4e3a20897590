/* SPDX-License-Identifier: MIT */
#pragma once

/* kmodctl params: the parts that show (cmd_params.c) and that set (cmd_params_set.c). */

#include "read/conf/edit.h"
#include "verb/params/subject.h"

struct params_options {
	bool persist, now, json;
	struct strv words;           /* owns the names and values of the changes */
	struct edit_change *changes; /* in the order given; value NULL: --unset */
	size_t n, cap;
};

/*
 * Checks every change, then carries all of them out, and leaves *s as it is afterwards. Adds to notes what the user must
 * still do. 0, or -errno after reporting.
 */
int params_set(struct params_subject *s, const struct params_options *o, struct strv *notes);
