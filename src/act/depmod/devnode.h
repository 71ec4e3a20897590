/* SPDX-License-Identifier: MIT */
#pragma once

/* The device node that a module's aliases request: devname:NAME with char-major-M-N or block-major-M-N. */

#include "act/depmod/scan.h"

struct devnode {
	const char *name; /* below /dev; NULL: none */
	char type;        /* 'b', 'c'; 0: no number was given */
	unsigned major, minor;
};

void devnode_find(const struct module *module, struct devnode *ret);
