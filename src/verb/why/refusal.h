/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Why the kernel refused a module. The attempt adds two facts to what could be known before it: the errno, which says
 * which checks of this room can be the cause, and the kernel's own messages. Reads files, changes nothing.
 */

#include "read/kernel/kmsg.h"
#include "verb/why/query.h"

#define REFUSAL_FINDINGS_MAX 3

struct refusal {
	struct sys *sys;
	const struct plan_world *world; /* the catalog may be NULL: providers of symbols are then not looked up */
	const struct kmsg_list *kmsg;   /* what the kernel logged meanwhile; NULL: unknown */
	const char *name;               /* normalized */
	const char *path;               /* NULL: unknown */
	int error;                      /* the kernel's -errno */
};

/* At most REFUSAL_FINDINGS_MAX findings, the decisive one first; none if nothing explains the error. 0, -ENOMEM. */
int refusal_explain(const struct refusal *x, struct why *ret);
/* Explains and reports. */
void refusal_report(const struct refusal *x);

/*
 * What follows puts findings into words, and is linked without refusal_explain() where that is in a library of its own
 * (face/kmod/reasons.h).
 */

/* One finding as a line for people: "NAME: text (FILE:LINE); fix: ...". Appends; sticky error. */
int refusal_line(const char *name, const struct why_finding *f, struct buf *into);
/* Reports each finding as an error, by its own code. */
void refusal_report_found(struct diag *diag, const char *name, const struct why *found);
/* The error in words, which of ENOENT say no more than what was found. found may be NULL. */
const char *refusal_words(int error, const struct why *found);
/* What ends the message about the failure: that its cause is unknown, if nothing was found; "". */
const char *refusal_doubt(int error, const struct why *found);

#define REFUSAL_NO_SUPPORT "this kernel has no support for loadable modules: only what is built in can be used"
/*
 * Reports that the running kernel loads no module at all, where /proc shows it: below the message of a tool that has
 * found no module, or no list of them.
 */
void refusal_report_support(struct sys *sys);
