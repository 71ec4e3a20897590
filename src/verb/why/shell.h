/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A line of commands as /bin/sh reads it (POSIX sh, XCU 2.2 and 2.3), as far as that is certain whichever shell it is:
 * words, quotes, separators, redirections, remarks. Whatever else is in it, nothing is said of it.
 */

#include <stdbool.h>

/* Do all its commands do nothing but end, or print their words? false: one may do more, or that is not known. */
bool shell_does_nothing(const char *commands);
