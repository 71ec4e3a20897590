/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Why the kernel refused a module: a quarter of the program, for a moment that most machines never see. It is linked,
 * or, with the option reasons=dlopen, in a library of kmod's own, REASONS_LIBRARY, which is opened when a module was
 * refused. Without that library the error is all that the tools report of a refusal.
 *
 * Program and library have copies of the rooms that both need, and the program passes structures of these to the
 * library. So a library from other sources, as there is for a moment in an upgrade, is as good as none: both have
 * REASONS_INTERFACE, a digest of the C files, of macros on the command line and of options. Tables by hash pass, too:
 * the key of src/base/strhash.c is the process's, and the same in either copy.
 */

#include "verb/why/refusal.h"

/* What the library exports. */
struct reasons {
	char interface[65];
	int (*explain)(const struct refusal *x, struct why *ret); /* refusal_explain() */
};

extern const struct reasons kmodctl_reasons;

#ifdef REASONS_LIBRARY
#define REASONS_EXPLAIN reasons_explain
#else
#define REASONS_EXPLAIN refusal_explain
#endif

/*
 * refusal_explain() of the library. Without it nothing is found, the findings' no_doubt is set, and the first call
 * reports a warning. 0, -ENOMEM.
 */
int reasons_explain(const struct refusal *x, struct why *ret);
