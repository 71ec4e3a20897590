/* SPDX-License-Identifier: MIT */
#pragma once

/* The files of a module directory, besides modules, that depmod uses. Read once, at the beginning. */

#include <stdbool.h>

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
	int error; /* 0, or -errno of reading it: reported by whoever needs the file */
};

const char *input_name(enum input_id id);
/*
 * Is the file as good as missing? It is if it cannot be opened or is no regular file; strict: only if it does not
 * exist.
 * A failure to read it is different: an index without it would replace one that was made with it.
 */
bool input_counts_as_missing(int error, bool strict);
void inputs_read(const struct root *root, const char *dir, struct input inputs[static INPUTS]);
void inputs_done(struct input inputs[static INPUTS]);
