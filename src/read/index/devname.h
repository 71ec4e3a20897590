/* SPDX-License-Identifier: MIT */
#pragma once

/* modules.devname: `MODULE DEVICE tMAJOR:MINOR` per line, t = b or c; lines that begin with # are comments. */

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct devname_node {
	const char *module;
	const char *device; /* below /dev */
	char type;          /* 'b' or 'c' */
	uint32_t major, minor;
};

struct devname {
	struct devname_node *items;
	size_t n, cap;
	size_t bad; /* lines that were skipped */
	char *text; /* the strings are in here */
};

/* The callback is called for each bad line. 0, or -ENOMEM, which leaves *ret untouched. */
int devname_parse(struct span text, void (*bad)(void *data, const char *line), void *data, struct devname *ret);
void devname_done(struct devname *d);
