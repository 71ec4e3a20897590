/* SPDX-License-Identifier: MIT */
#pragma once

#include "verb/why/finding.h"
#include "system/sys.h"

/*
 * Adds the verdict of `kmodctl trust` on this file. It leaves out what stops every module, and module_blacklist=,
 * which why_module() reports. For why_query.signature.
 */
int why_trust(struct sys *sys, const char *path, struct why *found);
