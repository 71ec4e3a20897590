/* SPDX-License-Identifier: MIT */
#pragma once

#include "explain/why.h"

/*
 * Findings on the module's file: is it there, sound, for this kernel, and
 * signed as it demands? path NULL: none known.
 */
int why_file(const struct why_query *q, const char *name, const char *path, struct why *found);
