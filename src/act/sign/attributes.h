/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Signed attributes (RFC 5652, 5.4). On modules, kernels take them from keys of ML-DSA only, if they are built to
 * (CONFIG_PKCS7_WAIVE_AUTHATTRS_REJECTION_FOR_MLDSA), as OpenSSL before 4.0 makes no such signature without.
 */

#include <stdbool.h>

#include "act/sign/cms.h"
#include "read/kernel/kconfig.h"

/* Does a kernel built so take those of a message's signers? Unknown counts as yes. */
bool attributes_are_taken(const struct cms *message, enum kconfig_built option);
/* The only hash that goes with them is sha512. Also true without attributes. */
bool attributes_have_hash(const struct cms_signer *s);
/*
 * What the signer signed: the payload; or the attributes, which have its digest, and are put into *into.
 * -EKEYREJECTED: the digest is another one; -ENOPKG: libcrypto here has no such hash; -ENOMEM
 */
int attributes_cover(const struct cms_signer *s, struct span payload, struct buf *into, struct span *ret);
