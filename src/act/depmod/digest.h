/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * 64 bits that stand for any number of bytes: docs/formats/depmod-cache.md. Finds damage, not forgery. A change that
 * is confined to eight aligned bytes is always seen, any other but for one time in 2^64.
 */

#include <stdint.h>

#include "base/span.h"

#define DIGEST_LANES 4
#define DIGEST_STEP (DIGEST_LANES * sizeof(uint64_t))

struct digest {
	uint64_t lanes[DIGEST_LANES];
	uint64_t n; /* bytes so far */
};

void digest_init(struct digest *d);
/* n: a multiple of DIGEST_STEP, but for the last call. */
void digest_add(struct digest *d, const void *p, size_t n);
uint64_t digest_value(const struct digest *d);

uint64_t digest_of(struct span bytes);
/* Of a regular file's content. -errno; -EINVAL: not a regular file. */
int digest_of_file(int dir_fd, const char *name, uint64_t *ret);
