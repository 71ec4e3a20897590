/* SPDX-License-Identifier: MIT */
#pragma once

/* What a module directory holds beside modules that depmod goes by. Read once, at the beginning. */

#include "base/buf.h"
#include "base/root.h"

enum input_id {
	INPUT_ORDER,           /* modules.order */
	INPUT_BUILTIN,         /* modules.builtin */
	INPUT_BUILTIN_MODINFO, /* modules.builtin.modinfo */
	INPUTS,
};

struct input {
	struct buf text;
	int error; /* 0, or -errno of reading it: for whoever needs it to report */
};

const char *input_name(enum input_id id);
void inputs_read(const struct root *root, const char *dir, struct input inputs[static INPUTS]);
void inputs_done(struct input inputs[static INPUTS]);
