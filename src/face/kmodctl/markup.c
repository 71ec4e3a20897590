// SPDX-License-Identifier: MIT
#include "face/kmodctl/markup.h"

#include "base/printable.h"

#define ELLIPSIS "\xe2\x80\xa6"
#define DASH "\xe2\x80\x93"

/* The entity of a character of ASCII that is markup; NULL: it stands for itself. */
static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* One character of len bytes. */
static void add_character(struct buf *into, const char *p, size_t len)
{
	const char *as = len == 1 ? entity(*p) : NULL;

	if (as)
		buf_adds(into, as);
	else if (len == 3 && memcmp(p, "\xef\xbf\xbe", 3) == 0)
		buf_adds(into, "\\u{fffe}");
	else if (len == 3 && memcmp(p, "\xef\xbf\xbf", 3) == 0)
		buf_adds(into, "\\u{ffff}");
	else
		buf_add(into, p, len);
}

int markup_cut(struct buf *into, const char *text, size_t characters)
{
	_cleanup_buf_ struct buf plain = BUF_INIT;
	size_t n = 0, cut = 0, shown = 0;

	if (printable_add(&plain, text, strlen(text)) < 0) {
		into->error = into->error ? into->error : plain.error;
		return buf_error(into);
	}
	/* cut: where the ellipsis takes the place of the last character, if there is one too many */
	for (; n < plain.n && shown < characters; shown++) {
		cut = shown + 1 < characters ? n + printable_utf8((const uint8_t *)plain.p + n, plain.n - n) : cut;
		n += printable_utf8((const uint8_t *)plain.p + n, plain.n - n);
	}
	for (size_t at = 0, end = n < plain.n ? cut : n, len; at < end; at += len) {
		len = printable_utf8((const uint8_t *)plain.p + at, plain.n - at);
		add_character(into, plain.p + at, len);
	}
	return n < plain.n ? buf_adds(into, ELLIPSIS) : buf_error(into);
}

int markup_add(struct buf *into, const char *text)
{
	return markup_cut(into, text, SIZE_MAX);
}

int markup_between(struct buf *into, const char *before, const char *text, const char *after)
{
	buf_adds(into, before);
	if (text)
		markup_add(into, text);
	else
		buf_adds(into, DASH);
	return buf_adds(into, after);
}
