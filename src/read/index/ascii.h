/* SPDX-License-Identifier: MIT */
#pragma once

/* Keys and values are of 7-bit characters: the children of a node are numbered by them. Private to the index room. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/control.h"

static inline bool index_is_ascii(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	uint64_t seen = 0, word;
	size_t i;

	for (i = 0; i + sizeof(word) <= n; i += sizeof(word)) {
		memcpy(&word, p + i, sizeof(word));
		seen |= word;
	}
	for (; i < n; i++)
		seen |= p[i];
	return !(seen & UINT64_C(0x8080808080808080));
}

/* What is written: no control characters either, since the same text goes to files that are read line by line. */
static inline bool index_is_plain(const char *s, size_t n)
{
	return index_is_ascii(s, n) && !control_in(s, n);
}
