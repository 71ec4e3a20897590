/* SPDX-License-Identifier: MIT */
#pragma once

#include "verb/why/finding.h"
#include "system/sys.h"

/*
 * Adds what the verdict of `kmodctl trust` on this file is. What stops every module, and module_blacklist=, is left
 * out: why_module() has them. For why_query.signature.
 */
int why_trust(struct sys *sys, const char *path, struct why *found);
