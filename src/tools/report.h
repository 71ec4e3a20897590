/* SPDX-License-Identifier: MIT */
#pragma once

/* Messages of the tools: `tool: LEVEL: text` on standard error, or syslog. */

#include "tools/env.h"

struct report {
	struct env *env;
	bool syslog;
	bool fatal; /* a FATAL message was emitted: the command must end with status 1 */
};

/* Sets env->diag up. level: the first syslog level that is not printed is level + 1. */
void report_init(struct report *r, struct env *env, int level);
void report_use_syslog(struct report *r);
void report_done(struct report *r);

/* LOG_CRIT, printed as FATAL. Returns true when it was really emitted: the caller then gives up with status 1. */
#define report_fatal(env, code, ...) diag_report(&(env)->diag, LOG_CRIT, code, NULL, 0, __VA_ARGS__)
#define report_error(env, code, ...) diag_report(&(env)->diag, LOG_ERR, code, NULL, 0, __VA_ARGS__)
#define report_warning(env, code, ...) diag_report(&(env)->diag, LOG_WARNING, code, NULL, 0, __VA_ARGS__)
