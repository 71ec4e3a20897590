/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/vec.h"
#include "face/common/env.h"
#include "verb/trust/reading.h"

/* The modules that were asked about, in order. */
struct readings {
	struct module_reading *items;
	size_t n;
	struct strv missing; /* operands that could not be found or read; reported */
};

/* The answer of `kmodctl trust --json`; table: with the truth table. */
void trust_show_json(struct env *env, const struct trust_context *ctx, const struct readings *modules, bool table);
