/* SPDX-License-Identifier: MIT */
#pragma once

/* Module parameters on the kernel command line: MODULE.PARAM, MODULE.PARAM=VALUE and "MODULE.PARAM=VALUE". */

#include "base/buf.h"
#include "base/span.h"

/* As much of /proc/cmdline as kmod looks at. */
#define CMDLINE_CAP 4095

struct cmdline_item {
	const char *module; /* as written; may be empty */
	const char *param;
	const char *value; /* after the first '='; NULL: none. An item quoted as a whole has the quotes here */
};

struct cmdline {
	struct span rest;
	struct buf text; /* the strings of the last item */
};

void cmdline_init(struct cmdline *c, struct span content); /* content is borrowed */
void cmdline_done(struct cmdline *c);
/* 1: *ret is the next module parameter, borrowed until the next call. 0: end. -ENOMEM. */
int cmdline_next(struct cmdline *c, struct cmdline_item *ret);

#define _cleanup_cmdline_ _cleanup_(cmdline_done)
