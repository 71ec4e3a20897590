// SPDX-License-Identifier: MIT
#include "base/hex.h"

static void add_byte(uint8_t byte, const char *digits, struct buf *into)
{
	buf_addc(into, digits[byte >> 4]);
	buf_addc(into, digits[byte & 15]);
}

int hex_colons(struct span bytes, size_t wrap, struct buf *into)
{
	for (size_t i = 0; i < bytes.n; i++) {
		add_byte(bytes.p[i], "0123456789ABCDEF", into);
		if (i + 1 == bytes.n)
			break;
		buf_adds(into, wrap && (i + 1) % wrap == 0 ? ":\n\t\t" : ":");
	}
	return buf_error(into);
}

static bool is_pairs(struct span text)
{
	for (size_t i = 0; i < text.n; i++)
		if (hex_digit((char)text.p[i]) < 0)
			return false;
	return text.n % 2 == 0;
}

int hex_colons_of(struct span digits, struct buf *into)
{
	if (!is_pairs(digits))
		return buf_add(into, digits.p, digits.n);
	for (size_t i = 0; i < digits.n; i += 2) {
		int high = hex_digit((char)digits.p[i]), low = hex_digit((char)digits.p[i + 1]);

		if (i)
			buf_addc(into, ':');
		add_byte((uint8_t)(high << 4 | low), "0123456789ABCDEF", into);
	}
	return buf_error(into);
}

int hex_plain(struct span bytes, struct buf *into)
{
	for (size_t i = 0; i < bytes.n; i++)
		add_byte(bytes.p[i], "0123456789abcdef", into);
	return buf_error(into);
}
