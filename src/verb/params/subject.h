/* SPDX-License-Identifier: MIT */
#pragma once

/* One module of the running kernel's release with everything that is known about its parameters. */

#include "verb/params/params.h"
#include "read/kernel/live.h"
#include "system/sys.h"
#include "system/module.h"

struct params_subject {
	struct sys *sys;
	char release[256];
	char *name; /* normalized */
	char *path; /* NULL: built in, or not installed */
	bool builtin;
	enum live_state state; /* LIVE_BUILTIN for a built-in module */
	struct catalog *catalog;
	struct policy *policy;
	struct modinfo_subject facts;
	struct settings live;
	struct params params;
};

/* 0, or -errno after reporting: the release has no such module and the kernel does not know it. */
int params_subject_open(struct sys *sys, const char *module, struct params_subject *ret);
/* Reads configuration and live values again. 0 or -ENOMEM. */
int params_subject_refresh(struct params_subject *s);
void params_subject_close(struct params_subject *s);

#define _cleanup_params_subject_ _cleanup_(params_subject_close)
