/* SPDX-License-Identifier: MIT */
#pragma once

/* An input that stands for several files: its parts, with a record separator (octet 0x1e) between them. */

#include "base/span.h"

#define FUZZ_SEPARATOR 0x1e

/* The next part, which may be empty; what follows the last one is empty, too. */
static inline struct span fuzz_part(struct span *rest)
{
	const uint8_t *end = rest->n ? memchr(rest->p, FUZZ_SEPARATOR, rest->n) : NULL;
	struct span part = *rest;

	if (end)
		part.n = (size_t)(end - part.p);
	*rest = end ? span_of(end + 1, rest->n - part.n - 1) : span_of(rest->p, 0);
	return part;
}

/* The next line without its newline. false: there is none. */
static inline bool fuzz_line(struct span *rest, struct span *ret)
{
	const uint8_t *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;

	if (!rest->n)
		return false;
	*ret = end ? span_of(rest->p, (size_t)(end - rest->p)) : *rest;
	*rest = end ? span_of(end + 1, rest->n - ret->n - 1) : span_of(rest->p, 0);
	return true;
}
