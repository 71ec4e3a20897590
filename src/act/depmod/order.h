/* SPDX-License-Identifier: MIT */
#pragma once

/* The order of the module list, which is the order of lines in the text files and the priority in the indexes. */

#include "act/depmod/inputs.h"
#include "act/depmod/scan.h"

/*
 * Modules that modules.order (of scan->dir) names come first, in its order; all others follow in hash order.
 * A missing modules.order gives a warning. One whose last line has no newline gives an error message and is not used
 * at all, as with kmod. Its text is cut into lines. Returns 0, -ENOMEM, or -errno of reading it (reported).
 */
int order_sort(struct scan *s, struct input *order);
