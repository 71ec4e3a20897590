/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What decides in the head of an .xz file whether the kernel's own decompressor accepts the file: its check (The .xz
 * File Format 1.2, 2.1.1; Documentation/staging/xz.rst: only CRC32 is always supported). The size of the dictionary
 * does not matter: the kernel allocates what the file requires.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/*
 * 0: none, 1: CRC32, 4: CRC64, 10: SHA-256. head: the first bytes of the file, at least 12. -EINVAL: not an .xz
 * file.
 */
int xzhead_check(struct span head, uint8_t *ret);
bool xzhead_kernel_can(uint8_t check);
const char *xzhead_check_name(uint8_t check); /* "CRC64"; "unknown" */
