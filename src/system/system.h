/* SPDX-License-Identifier: MIT */
#pragma once

/* What decisions about the running kernel are based on: its indexes, the configuration, what is loaded. */

#include "decide/plan/world.h"
#include "system/sys.h"

struct running {
	struct catalog *catalog;
	struct policy *policy;
	struct live_view live;
	struct plan_world world; /* of the three */
	struct utsname uts;
};

/* Points into *ret, which must not be moved. Failures are reported. */
int running_open(struct sys *sys, struct running *ret);
/*
 * The same of an installed release, which uts names then: what is loaded, and the kernel command line, are those of the
 * running one and are left out. NULL, or the release of the running kernel: running_open().
 */
int running_open_release(struct sys *sys, const char *release, struct running *ret);
void running_close(struct running *r);

#define _cleanup_running_ _cleanup_(running_close)
