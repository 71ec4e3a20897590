/* SPDX-License-Identifier: MIT */
#pragma once

/* What an explanation goes by, whatever the module. */

#include "decide/plan/resolve.h"
#include "system/sys.h"
#include "verb/why/finding.h"

struct why_query {
	struct sys *sys;
	const struct plan_world *world; /* of the running release */
	const char *release;            /* of the running kernel; "": unknown */
	/* What the kernel thinks of the file's signature, as findings of the code WHY_SIGNATURE; NULL: not asked. 0, -errno. */
	int (*signature)(struct sys *sys, const char *path, struct why *found);
};
