/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * For callers that continue without what could not be read: that is not an error for them, but running out of memory
 * is.
 */

#include <errno.h>

static inline int only_oom(int r)
{
	return r == -ENOMEM ? r : 0;
}
