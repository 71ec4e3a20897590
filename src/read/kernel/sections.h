/* SPDX-License-Identifier: MIT */
#pragma once

/* /sys/module/NAME/sections: where the parts of a loaded module are in memory (root only; 0 otherwise). */

#include <stdint.h>

#include "base/diag.h"
#include "base/root.h"

struct section {
	char *name;
	uint64_t address;
};

struct sections {
	struct section *items; /* directory order */
	size_t n, cap;
};

/* -errno when the directory or an entry cannot be read, -EINVAL for one that is not a number; reported. */
int sections_read(const struct root *root, const char *module, struct diag *diag, struct sections *ret);
void sections_done(struct sections *s);
