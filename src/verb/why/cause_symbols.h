/* SPDX-License-Identifier: MIT */
#pragma once

#include "verb/why/refusal.h"
#include "read/image/elf.h"

/* Names the symbols that the module needs and that neither the kernel nor a loaded module has. */
int cause_unresolved(const struct cause_query *q, const struct elf *e, struct strv *lines);
/* The module that modules.symbols names for a symbol, NULL: none. Borrowed from the catalog. */
const char *cause_provider(const struct cause_query *q, const char *symbol);
