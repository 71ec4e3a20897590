/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Why the kernel refused a module. All that is known beyond what was known before the attempt is the errno, which says
 * which of the checks of this room can be the cause, and the kernel's own words. Reads files, changes nothing.
 */

#include "read/kernel/kmsg.h"
#include "verb/why/query.h"

#define REFUSAL_FINDINGS_MAX 3

struct refusal {
	struct sys *sys;
	const struct plan_world *world; /* the catalog may be NULL: providers of symbols are then not looked up */
	const struct kmsg_list *kmsg;   /* what the kernel said meanwhile; NULL: unknown */
	const char *name;               /* normalized */
	const char *path;               /* NULL: unknown */
	int error;                      /* the kernel's -errno */
};

/* At most REFUSAL_FINDINGS_MAX findings, what decided first; none if nothing explains the error. 0, -ENOMEM. */
int refusal_explain(const struct refusal *x, struct why *ret);

/* One of them as a line for a person: "NAME: text (FILE:LINE); fix: ...". Appends; sticky error. */
int refusal_line(const char *name, const struct why_finding *f, struct buf *into);
/* Reports each finding as an error, by its own code. */
void refusal_report_found(struct diag *diag, const char *name, const struct why *found);
/* Explains and reports. */
void refusal_report(const struct refusal *x);
