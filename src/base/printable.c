// SPDX-License-Identifier: MIT
#include "base/printable.h"

#include <stdbool.h>
#include <stdio.h>

/* The bits of the lead byte of a valid UTF-8 sequence of len bytes, and of those that follow it. */
static uint32_t decode(const uint8_t *p, size_t len)
{
	uint32_t c = len == 1 ? p[0] : p[0] & (0x7fU >> len);

	for (size_t i = 1; i < len; i++)
		c = c << 6 | (p[i] & 0x3f);
	return c;
}

size_t printable_utf8(const uint8_t *p, size_t n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = p[0] < 0x80           ? 1 :
		     (p[0] & 0xe0) == 0xc0 ? 2 :
		     (p[0] & 0xf0) == 0xe0 ? 3 :
		     (p[0] & 0xf8) == 0xf0 ? 4 :
					     0;
	uint32_t c;

	if (len <= 1 || len > n)
		return len <= 1 ? len : 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	c = decode(p, len);
	return c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0 : len;
}

static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

uint32_t printable_control(const uint8_t *p, size_t len)
{
	uint32_t c = decode(p, len);

	return is_control(c) ? c : 0;
}

int printable_add(struct buf *into, const void *text, size_t n)
{
	const uint8_t *p = text;

	while (n > 0) {
		size_t len = printable_utf8(p, n);
		uint32_t c = len ? decode(p, len) : *p;

		if (len && !is_control(c))
			buf_add(into, p, len);
		else
			buf_addf(into, len > 1 ? "\\u{%x}" : "\\x%02x", c);
		len = len ? len : 1;
		p += len;
		n -= len;
	}
	return buf_error(into);
}

/* How long the first n bytes of a format become: where the byte behind them is in the formatted text. */
static int _printf_(1, 0) place_of(const char *fmt, size_t n, va_list ap)
{
	_cleanup_buf_ struct buf prefix = BUF_INIT, text = BUF_INIT;
	va_list copy;
	int r = buf_add(&prefix, fmt, n);

	if (r < 0)
		return r;
	va_copy(copy, ap);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	r = buf_vaddf(&text, prefix.p, copy);
#pragma GCC diagnostic pop
	va_end(copy);
	return r < 0 ? r : (int)text.n;
}

int printable_vaddf(struct buf *into, const char *fmt, va_list ap)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	size_t done = 0;
	va_list copy;
	int r;

	va_copy(copy, ap);
	r = buf_vaddf(&text, fmt, copy);
	va_end(copy);
	for (const char *at = fmt; r >= 0 && (at = strpbrk(at, "\n\t")); at++) {
		r = place_of(fmt, (size_t)(at - fmt), ap);
		if (r < 0)
			break;
		printable_add(into, buf_str(&text) + done, (size_t)r - done);
		buf_addc(into, *at);
		done = (size_t)r + 1;
	}
	return r < 0 ? r : printable_add(into, buf_str(&text) + done, text.n - done);
}
