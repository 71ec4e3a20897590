/* SPDX-License-Identifier: MIT */
#pragma once

/* What kmodctl trust says to people. */

#include "face/common/env.h"
#include "verb/trust/reading.h"

/*
 * A block about one module: its verdict, cause and fix, and with details the rule and what the verdict is based on.
 * is_last: it also says when whoever asks may not load modules at all. 0, -ENOMEM.
 */
int trust_print_module(struct env *env, const struct trust_context *ctx, const struct module_reading *m, bool is_last,
		       bool details);
/* The state of the machine and its key rings; permission: and whether who asks may load modules. */
void trust_print_machine(struct env *env, const struct trust_context *ctx, bool permission);
void trust_print_table(struct env *env, const struct trust_machine *m);
