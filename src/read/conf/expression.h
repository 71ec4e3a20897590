/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Extended regular expressions for kernel releases (regex(7)), of depmod.d and dkms.conf, with what the GNU C library
 * adds: \w \W \s \S \b \B \< \> \` \'. Bytes are compared, as in the C locale.
 *
 * The C library's own are not for files of somebody else: a few bytes ("((()|){9})+", "\b\b\b...", "6?+++++") make
 * its compiler take all memory, or practically forever. Here the time is bounded by the number of steps times the
 * length of the release, and memory by the number of steps.
 */

#include "read/conf/expression_program.h"

/* Is the expression found anywhere in the release? 1, 0, or an error of expression_compile(); -ENOMEM. */
int expression_matches(const char *expression, const char *release);
