/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Control characters (bytes below 0x20, and 0x7f) in foreign text: where text is written line by line, they could make
 * further lines of it, or change what a terminal shows.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The same for eight bytes at once. */
static inline bool control_in_word(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones * 0x80, del = word ^ ones * 0x7f;

	return (((word - ones * 0x20) & ~word) | ((del - ones) & ~del)) & high;
}

static inline bool control_in(const char *s, size_t n)
{
	uint64_t word;
	size_t i;

	for (i = 0; i + sizeof(word) <= n; i += sizeof(word)) {
		memcpy(&word, s + i, sizeof(word));
		if (control_in_word(word))
			return true;
	}
	for (; i < n; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return true;
	return false;
}

/* A copy for a message, cut to fit, with '?' for each of them. Returns into. */
static inline const char *control_masked(const char *s, char *into, size_t cap)
{
	size_t i;

	for (i = 0; i + 1 < cap && s[i]; i++)
		into[i] = (char)(control_in(s + i, 1) ? '?' : s[i]);
	into[i] = '\0';
	return into;
}
