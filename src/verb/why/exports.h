/* SPDX-License-Identifier: MIT */
#pragma once

#include "verb/why/refusal.h"
#include "read/image/elf.h"

/*
 * Names the symbols that are there, but not for this module: exported to GPL modules only, or in a namespace that it
 * does not import. What the rule is comes from the module that modules.symbols names, for the kernel's own symbols from
 * build/Module.symvers of the running release, where that is installed. 0 (also without a line) or -ENOMEM.
 */
int cause_export_rules(const struct cause_query *q, const struct elf *e, struct strv *lines);
