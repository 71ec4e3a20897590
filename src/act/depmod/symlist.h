/* SPDX-License-Identifier: MIT */
#pragma once

/* What modules.symbols lists, in its order. */

#include "base/arena.h"
#include "act/depmod/symtab.h"

struct symbol_line {
	const char *key; /* "symbol:NAME" */
	uint32_t owner, bucket;
};

/* All symbols of modules, in hash order, which does not depend on the order of the table. -ENOMEM. */
int symlist_make(const struct symtab *t, struct arena *arena, struct symbol_line **ret, uint32_t *ret_n);
