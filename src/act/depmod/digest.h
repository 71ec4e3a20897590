/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * 64 bits that stand for any number of bytes: docs/formats/depmod-cache.md. Detects damage, not forgery. A change
 * within eight aligned bytes is always detected; any other is missed with a probability of 2^-64.
 */

#include <stdint.h>

#include "base/span.h"

uint64_t digest_of(struct span bytes);
/* Of a regular file's content. -errno; -EINVAL: not a regular file. */
int digest_of_file(int dir_fd, const char *name, uint64_t *ret);
