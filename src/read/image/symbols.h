/* SPDX-License-Identifier: MIT */
#pragma once

/* What symbols.c and linkage.c share. */

#include "read/image/facts.h"

#define VERSION_RECORD 64 /* bytes of one: struct modversion_info */
#define CRC_PREFIX "__crc_"
#define CRC_PREFIX_LEN (sizeof(CRC_PREFIX) - 1)

/* The records of __versions with their names unchanged; errors as facts_versions(). */
int symbols_raw_versions(const struct elf *e, struct symbols *ret);
/* The names in __ksymtab_strings; errors as facts_exports(). */
int symbols_string_exports(const struct elf *e, struct symbols *ret);
