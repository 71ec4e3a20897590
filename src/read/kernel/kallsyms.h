/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Names in the kernel and its loaded modules: /proc/kallsyms, lines of `ADDRESS TYPE NAME[\t[MODULE]]` (proc(5)). Local
 * names are included, so that a name that is listed need not be exported, but one that is missing is not.
 */

#include <stdbool.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/root.h"

struct kallsyms {
	struct buf text;
	struct map names;
};

/* -errno of the file; -ENODATA: it is empty; -ENOMEM. */
int kallsyms_read(const struct root *root, struct kallsyms *ret);
void kallsyms_done(struct kallsyms *k);
/*
 * Calls look() with each name, one after the other, until it returns true. 1: it did; 0; -errno of the file. Needs no
 * memory for the names.
 */
int kallsyms_each(const struct root *root, bool (*look)(const char *name, void *data), void *data);
bool kallsyms_has(const struct kallsyms *k, const char *name);

#define _cleanup_kallsyms_ _cleanup_(kallsyms_done)
