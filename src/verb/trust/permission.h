/* SPDX-License-Identifier: MIT */
#pragma once

/* May this process load modules? A fact beside the verdict on a file, which holds for those who may. */

#include "verb/trust/reading.h"

struct permission {
	enum trust_answer may_load;
	const char *text; /* "you are not root", ...: constants */
	const char *fix;  /* NULL: nothing to do */
};

void permission_read(const struct trust_context *ctx, struct permission *ret);
