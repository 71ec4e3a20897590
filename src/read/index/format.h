/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * modules.*.bin: a radix trie over 7-bit characters, big endian (docs/formats/index.md). The only copy of its
 * constants.
 */

#define INDEX_MAGIC 0xB007F457U
#define INDEX_VERSION_MAJOR 2U
#define INDEX_VERSION_MINOR 1U
#define INDEX_VERSION (INDEX_VERSION_MAJOR << 16 | INDEX_VERSION_MINOR)
#define INDEX_HEADER_LEN 12

#define INDEX_NODE_PREFIX 0x80000000U
#define INDEX_NODE_VALUES 0x40000000U
#define INDEX_NODE_CHILDREN 0x20000000U
#define INDEX_NODE_OFFSET 0x0fffffffU

#define INDEX_CHARS 128 /* keys and values are 7-bit ASCII */
