/* SPDX-License-Identifier: MIT */
#pragma once

/* How far two names are from each other, for "did you mean". */

#include <stddef.h>

#define NEAREST_LEN_MAX 64 /* longer names are near to nothing */

/*
 * The edit distance (Levenshtein) without regard to case. SIZE_MAX: one of them is longer than NEAREST_LEN_MAX.
 */
size_t nearest_distance(const char *a, size_t n, const char *b, size_t m);
