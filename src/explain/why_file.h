/* SPDX-License-Identifier: MIT */
#pragma once

#include "explain/why.h"
#include "kernel/lockstate.h"

/* Findings on the module's file: is it there, for this kernel, signed as this kernel demands? path NULL: none known. */
int why_file(const struct why_query *q, const char *name, const char *path, const struct lockstate *l, struct why *found);
