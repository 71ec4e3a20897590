/* SPDX-License-Identifier: MIT */
#pragma once

/* Builds the bytes of one modules.*.bin file: pre-order, byte-identical to kmod 34's. Pure. */

#include "base/buf.h"

struct index_writer;

struct index_writer *index_writer_new(void);
void index_writer_free(struct index_writer *w);
/*
 * key and value are borrowed until the end. -EINVAL: a byte is not 7-bit ASCII, or a control character. Equal
 * priorities of one key are stored newest first, as kmod stores them.
 */
int index_writer_add(struct index_writer *w, const char *key, const char *value, uint32_t priority);
/* Appends the file's bytes. May be called once. -EFBIG: more than 256 MiB, which the format cannot address. */
int index_writer_finish(struct index_writer *w, struct buf *into);

DEFINE_CLEANUP(struct index_writer *, index_writer_free)
