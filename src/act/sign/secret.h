/* SPDX-License-Identifier: MIT */
#pragma once

/* Memory that holds private keys and passphrases: wiped before it is freed. */

#include "base/buf.h"
#include "base/root.h"

/*
 * Makes libcrypto wipe every piece of memory that it frees, and keeps cores from being written and other processes
 * of the user from reading this one's memory (PR_SET_DUMPABLE, prctl(2)). Must be the first
 * use of libcrypto in the process; later calls do nothing. False when libcrypto was in use already.
 */
bool secret_protect(void);

/* A buffer for secrets: reserved once, so that growing it leaves no copy behind; wiped when done. */
#define SECRET_MAX 65536
int secret_init(struct buf *b);
void secret_done(struct buf *b);
/* Reads the whole file, at most SECRET_MAX bytes (-EFBIG), into a buffer of secret_init(); FIFOs as file_read(). */
int secret_read(const struct root *root, const char *path, struct buf *into);

#define _cleanup_secret_ _cleanup_(secret_done)
