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

int hex_plain(struct span bytes, struct buf *into)
{
	for (size_t i = 0; i < bytes.n; i++)
		add_byte(bytes.p[i], "0123456789abcdef", into);
	return buf_error(into);
}
