/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The head of an .xz file, as far as it decides whether the kernel's own unpacker takes the file (The .xz File Format
 * 1.2, 2.1.1 and 3.1; Documentation/staging/xz.rst: CRC32 is the only check that is always there).
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct xzhead {
	uint8_t check;       /* 0: none, 1: CRC32, 4: CRC64, 10: SHA-256 */
	uint64_t dictionary; /* bytes, of the first block; 0: not told by an LZMA2 filter */
};

/* head: the first bytes of the file, at least 12. -EINVAL: not the head of an .xz file, or damaged. */
int xzhead_read(struct span head, struct xzhead *ret);
bool xzhead_kernel_can(const struct xzhead *x);
const char *xzhead_check_name(uint8_t check); /* "CRC64"; "unknown" */
