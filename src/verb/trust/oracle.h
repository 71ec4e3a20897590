/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Questions that the running kernel itself answers, by means of private key rings. No module is loaded, and no key is
 * left behind.
 */

#include "verb/trust/reading.h"

/*
 * Does the kernel's own crypto take the signature of m->key over the module? Unknown when it cannot be asked: no
 * permission, an algorithm that it lacks, no key, or one that vouches by way of certificates in the signature.
 */
enum trust_answer oracle_signature(const struct trust_context *ctx, const struct module_reading *m, struct span file);

/* Does the kernel vouch for the certificate of m->key, by the rings that it consults for modules? */
bool oracle_vouches(const struct trust_context *ctx, const struct module_reading *m);
