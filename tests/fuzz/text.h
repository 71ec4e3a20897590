/* SPDX-License-Identifier: MIT */
#pragma once

/* The input as a string, for parsers of strings. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The caller's; up to the first NUL it is the input. NULL without memory. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		return NULL;
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}
