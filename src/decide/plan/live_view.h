/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What decisions need to know about the running kernel, as a table of functions: over /sys/module
 * (system/live_sysfs.h), a snapshot, or a test's own data. Names are normalized.
 */

#include "base/vec.h"
#include "read/kernel/live.h"

struct live_view {
	int (*state)(void *data, const char *name,
		     enum live_state *ret);                    /* LIVE_ABSENT: not loaded; never LIVE_BUILTIN */
	bool (*is_live)(void *data, const char *name);         /* the same, cheaper; also false if it is not known */
	int (*refcnt)(void *data, const char *name, int *ret); /* -ENOENT: not loaded or cannot be unloaded */
	int (*holders)(void *data, const char *name, struct strv *ret); /* adds the modules that use it */
	void *data;
};
