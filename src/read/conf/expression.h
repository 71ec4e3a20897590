/* SPDX-License-Identifier: MIT */
#pragma once

/* Extended regular expressions for kernel releases (regex(7)), of depmod.d and dkms.conf. */

/*
 * What is compiled. Longer expressions, or ones with repetition counts, can make the C library's compiler use all
 * memory or stack. Where repetitions are repeated ("6?+++++", "((6?)+)+"), each level can square what the one below
 * costs: six take 18 s. References to groups can take practically forever to match.
 */
#define EXPRESSION_MAX 256           /* bytes */
#define EXPRESSION_REPETITIONS_MAX 6 /* '+', '*' and '?' */
#define EXPRESSION_DEPTH_MAX 3       /* of these, inside each other */

/*
 * Is the expression found anywhere in the release? 1, 0; -E2BIG: it is beyond what is above, or has '{' or a reference
 * to a group; -EINVAL: it does not compile; -ENOMEM.
 */
int expression_matches(const char *expression, const char *release);
