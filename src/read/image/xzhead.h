/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The head of an .xz file, as far as it decides whether the kernel's own unpacker takes the file: its check (The .xz
 * File Format 1.2, 2.1.1; Documentation/staging/xz.rst: CRC32 is the only one that is always there). The size of the
 * dictionary does not: it is allocated as large as the file asks for.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/*
 * 0: none, 1: CRC32, 4: CRC64, 10: SHA-256. head: the first bytes of the file, at least 12. -EINVAL: it is no .xz
 * file.
 */
int xzhead_check(struct span head, uint8_t *ret);
bool xzhead_kernel_can(uint8_t check);
const char *xzhead_check_name(uint8_t check); /* "CRC64"; "unknown" */
