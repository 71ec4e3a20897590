// SPDX-License-Identifier: MIT
#include "read/index/bracket.h"

static void add_range(struct bracket *b, unsigned low, unsigned high)
{
	for (unsigned c = low; c <= high && c < 128; c++)
		b->members[c / 64] |= UINT64_C(1) << (c % 64);
	b->phase = BRACKET_ITEM;
}

static enum bracket_result take_item(struct bracket *b, uint8_t c)
{
	b->low = c;
	b->phase = c == '\\' ? BRACKET_ITEM_ESCAPED : c == '[' ? BRACKET_ITEM_OPEN : BRACKET_AFTER;
	return BRACKET_MORE;
}

static enum bracket_result take_item_or_end(struct bracket *b, uint8_t c)
{
	return c == ']' ? BRACKET_CLOSED : take_item(b, c);
}

static enum bracket_result take_after(struct bracket *b, uint8_t c)
{
	if (c == '-') {
		b->phase = BRACKET_DASH;
		return BRACKET_MORE;
	}
	add_range(b, b->low, b->low);
	return take_item_or_end(b, c);
}

/* "a-" was taken: c ends the range, or the '-' was a member before the end. */
static enum bracket_result take_range_end(struct bracket *b, uint8_t c)
{
	if (c == ']') {
		add_range(b, b->low, b->low);
		add_range(b, '-', '-');
		return BRACKET_CLOSED;
	}
	if (c == '\\')
		b->phase = BRACKET_END_ESCAPED;
	else if (c == '[')
		b->phase = BRACKET_END_OPEN;
	else
		add_range(b, b->low, c);
	return BRACKET_MORE;
}

static bool begins_special(uint8_t c)
{
	return c == ':' || c == '=' || c == '.';
}

enum bracket_result bracket_take(struct bracket *b, uint8_t c)
{
	switch ((enum bracket_phase)b->phase) {
	case BRACKET_START:
		if (c == '!' || c == '^') {
			b->negated = true;
			b->phase = BRACKET_FIRST;
			return BRACKET_MORE;
		}
		return take_item(b, c);
	case BRACKET_FIRST:
		return take_item(b, c);
	case BRACKET_ITEM:
		return take_item_or_end(b, c);
	case BRACKET_ITEM_ESCAPED:
		b->low = c;
		b->phase = BRACKET_AFTER;
		return BRACKET_MORE;
	case BRACKET_ITEM_OPEN:
		return begins_special(c) ? BRACKET_ODD : take_after(b, c);
	case BRACKET_AFTER:
		return take_after(b, c);
	case BRACKET_DASH:
		return take_range_end(b, c);
	case BRACKET_END_ESCAPED:
		add_range(b, b->low, c);
		return BRACKET_MORE;
	case BRACKET_END_OPEN:
		add_range(b, b->low, '[');
		return begins_special(c) ? BRACKET_ODD : take_item_or_end(b, c);
	}
	return BRACKET_ODD;
}

bool bracket_matches(const struct bracket *b, uint8_t c)
{
	bool member = c < 128 && (b->members[c / 64] >> (c % 64) & 1);

	return member != b->negated;
}
