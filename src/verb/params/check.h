/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Do the options for a module fit the parameters it declares? This is reported before the module is loaded, since the
 * kernel ignores unknown options.
 */

#include "base/root.h"
#include "base/vec.h"
#include "read/conf/policy.h"
#include "read/image/facts.h"

struct options_query {
	const struct root *root;
	const struct policy *policy; /* NULL: no configured options */
	const char *name;            /* normalized */
	const char *alias;           /* by which it was looked up, or NULL */
	const char *path;            /* of the module file */
	const char *given;           /* options of this load, "" for none */
};

/*
 * Appends one line for each option that the module does not have (with the nearest name and those it has) or whose
 * value is not of the declared type or has more elements than the array, where the file has its size, with file and
 * line for configured ones; of a configured line with a remark, a typographic quotation mark or a quote that is never
 * closed, one line that says so. 0, also for files that cannot be read; -ENOMEM.
 */
int options_check(const struct options_query *q, struct strv *lines);

struct options_problem {
	const struct policy_entry *at; /* the line of the configuration; NULL: an option of this load */
	struct span word;              /* the option, as written, or all from it to the end of the line */
	const char *text;              /* without name and place */
	bool refused; /* the kernel does not load the module with it; otherwise it ignores the option */
};
typedef int options_add(void *data, const struct options_problem *p);

/* Passes each problem to add(). 0, the error of add(), or -ENOMEM. */
int options_problems(const struct options_query *q, options_add *add, void *data);

/*
 * As options_check() for the options of this load only, against parameters that were read already. e: their module,
 * NULL for one that is built in.
 */
int options_check_known(const char *name, const struct parameters *known, const struct elf *e, const char *given,
			struct strv *lines);
