/* SPDX-License-Identifier: MIT */
#pragma once

#include "read/kernel/target.h"
#include "system/sys.h"

/*
 * The kernel of that release or version; NULL: the running one (of RELEASE_VERSION_ASSUMED when that is not known).
 * -EINVAL, reported: it is not a version.
 */
int kernel_target_read(struct sys *sys, const char *release, struct kernel_target *ret);
