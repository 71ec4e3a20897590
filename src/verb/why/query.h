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
	/* The verdict on the file's signature, as a finding of the code WHY_SIGNATURE; NULL: as far as it can be told without cryptography. 0, -errno. */
	int (*signature)(struct sys *sys, const char *path, struct why *found);
};
