/* SPDX-License-Identifier: MIT */
#pragma once

/* What a request to MokManager requires of the machine, and whether the machine has it. */

#include <limits.h>

#include "system/sys.h"

/* The file that shim starts when a request waits: it must lie beside the shim that was booted. */
struct mokmanager {
	int is_there;        /* 1, 0, -1: unknown */
	char path[PATH_MAX]; /* where it is or should be; "" when that is not known */
	const char *why;     /* for -1: a constant */
};

struct mok_machine {
	bool shim; /* booted through it */
	struct mokmanager manager;
	int64_t nvram_free; /* bytes that the firmware has left for variables; -1: it does not report this */
};

void mok_machine_read(struct sys *sys, struct mok_machine *ret);
