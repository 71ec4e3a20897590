/* SPDX-License-Identifier: MIT */
#pragma once

/* Whose key signed a module, and does this kernel trust it? A key is its bytes: a name alone decides nothing. */

#include "act/sign/verify.h"
#include "verb/trust/reading.h"

/* verify_for() the machine's kernel, also against the certificates that .blacklist has by digest. 0 or -ENOMEM */
int signer_verify(const struct trust_context *ctx, struct span file, const struct keyring *ring,
		  struct verify_result *ret);
/* The same, as if .blacklist had what dbx and MokListX list, without keys: is a certificate forbidden? Or -ENOMEM. */
int signer_is_listed(const struct trust_context *ctx, struct span file);
/* What a kernel with these keys makes of the signature. */
enum trust_signature signer_state(const struct verify_result *v);
/* Of one that cannot be told: what it may be. */
void signer_doubt(const struct verify_result *v, struct trust_module *mod);

/*
 * Of a signature by keys that verify_bytes() does not know without certificates: looks for them among the machine's,
 * and fills in m->module, the deciding signer and its key. 0 or -ENOMEM.
 */
int signer_judge(struct trust_context *ctx, struct module_reading *m, struct span file, struct verify_result *v);
