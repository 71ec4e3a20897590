/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Lines in which the kernel says when modules were loaded: those of its log with initcall_debug
 * (Documentation/admin-guide/kernel-parameters.txt), and the events module:module_load, initcall:initcall_start and
 * initcall:initcall_finish in /sys/kernel/tracing/trace (Documentation/trace/events.rst). Init functions of what is
 * built in name no module and are left out.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

enum loadtime_event {
	LOADTIME_ENTERED,  /* the module is in the kernel; its init function runs next */
	LOADTIME_CALLED,   /* its init function is called */
	LOADTIME_RETURNED, /* it has returned */
};

struct loadtime {
	enum loadtime_event event;
	struct span module; /* as written; borrowed from the line, as process is */
	int64_t result;     /* RETURNED: 0, or -errno */
	bool has_took;      /* RETURNED, in the log: how long it took is known */
	uint64_t took;      /* microseconds */
	bool has_pid;       /* of the process that loads the module */
	uint64_t pid;
	struct span process; /* its name, in a trace; of no bytes: unknown */
	uint64_t usec;       /* in a trace: when, on its own clock; the log says that beside the line */
};

/* A record of the kernel's log, NUL-terminated. false: it says something else. */
bool loadtime_of_log(const char *text, struct loadtime *ret);
/* A line of the trace, NUL-terminated, without its newline. */
bool loadtime_of_trace(const char *line, struct loadtime *ret);
