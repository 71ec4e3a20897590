/* SPDX-License-Identifier: MIT */
#pragma once

/* The time of modules.dep, which depmod -A compares with those of the modules. */

#include <stdbool.h>
#include <time.h>

#include "base/diag.h"
#include "base/root.h"

struct freshness {
	int dir_fd;             /* of the module directory */
	struct timespec newest; /* latest time of a module that the run saw */
	bool hidden;            /* there are files that the run did not look at */
};

/*
 * An unchanged modules.dep keeps its time: this gives it the time of the run if a module is newer. (A module from the
 * future stays newer in any case.) Failures are reported as warnings.
 */
void freshness_renew(const struct root *root, const char *dir, const struct freshness *f, struct diag *diag);

/*
 * depmod -A: true when no module file of in_dir is newer than its modules.dep. Returns false, and says why, when it
 * cannot tell.
 */
bool freshness_is_up_to_date(const struct root *root, const char *in_dir, struct diag *diag);
