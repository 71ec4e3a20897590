/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A bracket expression of fnmatch(3), read byte by byte. Members, ranges, negation and backslashes are understood;
 * [:class:], [=x=] and [.x.] are only recognized. Private to the index room.
 */

#include <stdbool.h>
#include <stdint.h>

enum bracket_phase {
	BRACKET_START, /* after '[' */
	BRACKET_FIRST, /* after the negation: ']' is a member here */
	BRACKET_ITEM,
	BRACKET_ITEM_ESCAPED,
	BRACKET_ITEM_OPEN, /* after a '[' that may begin [:class:] */
	BRACKET_AFTER,     /* an item may turn out to begin a range */
	BRACKET_DASH,
	BRACKET_END_ESCAPED,
	BRACKET_END_OPEN,
};

enum bracket_result {
	BRACKET_MORE,
	BRACKET_CLOSED,
	BRACKET_ODD, /* left to fnmatch(3) itself */
};

struct bracket {
	uint64_t members[2];
	uint8_t phase;
	uint8_t low; /* the item that may begin a range */
	bool negated;
};

/* c: the byte after those taken so far. Start with a zeroed struct. */
enum bracket_result bracket_take(struct bracket *b, uint8_t c);
bool bracket_matches(const struct bracket *b, uint8_t c);
