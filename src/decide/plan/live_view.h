/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The questions that decisions ask about the running kernel, as a table: /sys/module (load/live_sysfs.h), a
 * snapshot, or a test's own. Names are normalised.
 */

#include "base/vec.h"
#include "read/kernel/live.h"

struct live_view {
	int (*state)(void *data, const char *name,
		     enum live_state *ret); /* LIVE_ABSENT: not loaded; never LIVE_BUILTIN */
	bool (*is_live)(void *data,
			const char *name); /* the same question, cheaper; false: also if it cannot be asked */
	int (*refcnt)(void *data, const char *name, int *ret);          /* -ENOENT: not loaded or cannot be unloaded */
	int (*holders)(void *data, const char *name, struct strv *ret); /* adds the modules that use it */
	void *data;
};
