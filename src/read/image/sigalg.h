/* SPDX-License-Identifier: MIT */
#pragma once

/* The algorithms of signatures by their object identifiers, and which kernels know them (docs/formats/signature.md). */

#include <stdbool.h>

#include "base/span.h"

/* OpenSSL's names: "sha256"; "rsaEncryption", "ecdsa-with-SHA384". NULL: unknown. */
const char *sigalg_hash_name(struct span oid);
const char *sigalg_scheme_name(struct span oid);
/*
 * Does the parser of that kernel (100 * major + minor) know it in the signature of a module, of any key? It stops at
 * others with ENOPKG.
 */
bool sigalg_knows_hash(struct span oid, unsigned kernel);
bool sigalg_knows_scheme(struct span oid, unsigned kernel);
bool sigalg_is_mldsa(struct span oid); /* of a scheme or a key */
/*
 * The same of what a certificate is signed with. Its hash into *ret_hash: the name; NULL: it is a part of the
 * algorithm, or there is none.
 */
bool sigalg_knows_certificate(struct span oid, unsigned kernel, const char **ret_hash);
/* What that comes to: printf format of the algorithm's name, and the version in two numbers. */
#define SIGALG_UNKNOWN_TO_CERTIFICATES \
	"the certificate itself is signed with %s, which Linux %u.%u does not know for certificates"
