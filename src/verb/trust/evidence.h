/* SPDX-License-Identifier: MIT */
#pragma once

#include "verb/why/why.h"
#include "system/sys.h"

/*
 * Adds what the verdict of `kmodctl trust` on this file is. What stops every module, and module_blacklist=, is left out:
 * why_module() tells of them. data: struct env. For why_query.signature.
 */
int why_trust(void *data, const char *path, struct why *found);
