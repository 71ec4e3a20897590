/* SPDX-License-Identifier: MIT */
#pragma once

/* Judges one module file by the machine and its keys. */

#include "verb/trust/reading.h"

/* 0, or -errno after reporting a file that cannot be read. The reading must not be moved. */
int module_read(struct trust_context *ctx, const char *path, struct module_reading *ret);
void module_reading_done(struct module_reading *m);

/* The ring that the certificate is in: as seen, or for an assumed state as the kernel would place it. */
enum trust_ring trust_entry_ring(const struct trust_context *ctx, enum key_store_id store, const struct key_entry *e);

/* Does this kernel refuse what the certificate of dbx or MokListXRT signed? */
bool trust_entry_revokes(const struct trust_context *ctx, enum key_store_id store, const struct key_entry *e);

#define _cleanup_module_reading_ _cleanup_(module_reading_done)
