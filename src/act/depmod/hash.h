/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * "Hash order": the order that kmod's depmod gives to modules without a line in modules.order, and to the
 * lines of modules.symbols. Bucket by the low bits of Paul Hsieh's SuperFastHash of the name, then by byte.
 */

#include <stddef.h>
#include <stdint.h>

#define HASH_MODULE_BUCKETS 512
#define HASH_SYMBOL_BUCKETS 2048

uint32_t superfast_hash(const char *s, size_t n);
/* Bucket numbers must come from the same count of buckets. Like strcmp(). */
int hash_order_compare(uint32_t bucket_a, const char *a, uint32_t bucket_b, const char *b);
