/* SPDX-License-Identifier: MIT */
#pragma once

/* On which ring is a certificate, as seen or as the rules put it, and what follows for modules? */

#include "verb/trust/reading.h"

/* The ring that the certificate is in: as seen, or for an assumed state as the kernel would place it. */
enum trust_ring trust_entry_ring(const struct trust_context *ctx, enum key_store_id store, const struct key_entry *e);

/* All rings that it may be in, a set of 1 << enum trust_ring: an assumed state may leave more than one. */
unsigned trust_entry_rings(const struct trust_context *ctx, enum key_store_id store, const struct key_entry *e);

/* Would this kernel put the certificate on a key ring at all? It is not asked: it may be an assumed one. */
void trust_certificate_standing(const struct trust_context *ctx, const struct cert *cert, struct cert_standing *ret);

/* Does this kernel refuse what the certificate of dbx or MokListXRT signed? */
bool trust_entry_revokes(const struct trust_context *ctx, enum key_store_id store, const struct key_entry *e);
