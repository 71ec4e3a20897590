/* SPDX-License-Identifier: MIT */
#pragma once

/* Judges one module file by the machine and its keys. */

#include "verb/trust/reading.h"

/* 0, or -errno after reporting a file that cannot be read. The reading must not be moved. */
int module_read(struct trust_context *ctx, const char *path, struct module_reading *ret);
void module_reading_done(struct module_reading *m);

/* Of one with another signature below the last, for people. */
#define SIGNED_TWICE "signed twice: the kernel reads only the last signature"

/* "Name" and key id of the signer whose key was found, or else of all; of a CA's leaf, the CA's name. For people. */
void module_signers_text(const struct module_reading *m, struct buf *into);

#define _cleanup_module_reading_ _cleanup_(module_reading_done)
