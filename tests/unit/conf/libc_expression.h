/* SPDX-License-Identifier: MIT */
#pragma once

/* What the C library says of an expression, for the tests that compare with it. */

#include <errno.h>
#include <regex.h>

/* As expression_matches(), but for -E2BIG. The caller keeps away from what takes the C library all time or memory. */
static inline int answer_of_libc(const char *expression, const char *release)
{
	regex_t re;
	int r;

	if (regcomp(&re, expression, REG_EXTENDED | REG_NOSUB) != 0)
		return -EINVAL;
	r = regexec(&re, release, 0, NULL, 0);
	regfree(&re);
	return r == 0;
}
