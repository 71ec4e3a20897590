/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * 64 bits that stand for any number of bytes: docs/formats/depmod-cache.md. Finds damage, not forgery. A change that
 * is confined to eight aligned bytes is always seen, any other but for one time in 2^64.
 */

#include <stdint.h>

#include "base/span.h"

uint64_t digest_of(struct span bytes);
/* Of a regular file's content. -errno; -EINVAL: not a regular file. */
int digest_of_file(int dir_fd, const char *name, uint64_t *ret);
