/* SPDX-License-Identifier: MIT */
#pragma once

/* One module file against the machine and its keys. */

#include "verb/trust/reading.h"

/* Reported: a file that cannot be read (-errno). The reading must not be moved. */
int module_read(struct trust_context *ctx, const char *path, struct module_reading *ret);
void module_reading_done(struct module_reading *m);

/* The ring that the certificate is in: as seen, or for an assumed state as the kernel would place it. */
enum trust_ring trust_entry_ring(const struct trust_context *ctx, enum key_store_id store, const struct key_entry *e);

/* Does this kernel refuse what the certificate of dbx or MokListXRT signed? */
bool trust_entry_revokes(const struct trust_context *ctx, enum key_store_id store, const struct key_entry *e);

#define _cleanup_module_reading_ _cleanup_(module_reading_done)
