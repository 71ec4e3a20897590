/* SPDX-License-Identifier: MIT */
#pragma once

/* What every explanation is based on, whatever the module. */

#include "decide/plan/resolve.h"
#include "system/sys.h"
#include "verb/why/finding.h"

struct why_query {
	struct sys *sys;
	const struct plan_world *world; /* of the running release */
	const char *release;            /* of the running kernel; "": unknown */
	/*
	 * Adds the verdict on the file's signature, a finding of the code WHY_SIGNATURE or WHY_SIGNATURE_UNKNOWN. NULL:
	 * the signature is judged without cryptography. 0, -errno.
	 */
	int (*signature)(struct sys *sys, const char *path, struct why *found);
};
