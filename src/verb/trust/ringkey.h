/* SPDX-License-Identifier: MIT */
#pragma once

/* Compares a signer that no certificate at hand fits with what the rings show of their keys: a name and an id. */

#include "act/sign/verify.h"
#include "read/image/trailer.h"
#include "verb/trust/reading.h"

/* May .builtin_trusted_keys hold the key, so that the kernel's image is worth reading? */
bool ringkey_may_be_builtin(const struct trust_context *ctx, const struct module_reading *m, const struct trailer *t);
/*
 * Finds a key of that id on a ring that is consulted: the signature was not checked by it. Otherwise one of that name:
 * another key if its certificate is at hand, or else perhaps the same. Sets state and facts of m->module. 0 or -ENOMEM
 */
int ringkey_compare(const struct trust_context *ctx, struct module_reading *m, const struct trailer *t,
		    const struct verify_result *v);
