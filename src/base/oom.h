/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * For callers that go on without what could not be read: that is not an error to them, but running out of memory is.
 */

#include <errno.h>

static inline int only_oom(int r)
{
	return r == -ENOMEM ? r : 0;
}
