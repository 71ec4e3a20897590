/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What a kernel makes of a certificate that it is to put on a key ring, so that it can check modules by it. The rules
 * were measured with add_key(2) on Linux 6.1, 6.12 and 6.18 (docs/formats/signature.md).
 */

#include <stdbool.h>
#include <stddef.h>

#include <openssl/evp.h>

#include "read/kernel/target.h"

struct cert;
struct cert_facts;
struct cert_standing; /* cert.h */

/* By the rules, the configuration and, where it can be asked, the answer of the kernel itself. */
void cert_judge(const struct cert *c, const struct kernel_target *kernel, struct cert_standing *ret);
/*
 * What cert_keep_standing() kept with the certificate, or else the rules alone, for a kernel of this version (100 *
 * major + minor).
 */
void cert_judged(const struct cert *c, unsigned version, struct cert_standing *ret);
/* cert_problems(), without those that are known not to matter to the kernel, and those that cert_judge() finds. */
unsigned cert_problems_here(const struct cert_facts *facts, const struct kernel_target *kernel);
/* Is the RSA key of a length that the kernel's RSA takes? */
bool cert_is_kernel_rsa(const EVP_PKEY *key);
