// SPDX-License-Identifier: MIT
#include "face/common/flow.h"

#include <stdbool.h>
#include <string.h>
#include <wchar.h>

#include "base/printable.h"
#include "face/common/look.h"

#define TEXT_COLUMN_MAX 30 /* what stands in front of a text is not wider */
#define COLUMNS_MIN 20     /* narrower terminals break lines themselves */
#define TAB_COLUMNS 8

struct flow {
	struct buf *into;
	size_t columns, indent;
	size_t at; /* the column that is written next */
	bool is_command, is_empty;
};

/* ---- widths ---- */

static bool read_char(const uint8_t *p, size_t n, wchar_t *ret)
{
	mbstate_t state = { 0 };

	return mbrtowc(ret, (const char *)p, n, &state) <= n;
}

static size_t char_columns(const uint8_t *p, size_t n)
{
	wchar_t wide;
	int columns;

	if (!read_char(p, n, &wide))
		return 1;
	columns = wcwidth(wide);
	return columns < 0 ? 1 : (size_t)columns;
}

/* Bytes of what stands at p, a look, an escape sequence or a character; *ret_columns: what it takes. */
static size_t next_char(const uint8_t *p, size_t n, size_t *ret_columns)
{
	size_t len = 1;

	*ret_columns = 0;
	if (*p < LOOKS)
		return 1;
	if (*p == '\033') {
		while (len < n && !(p[len] >= 'a' && p[len] <= 'z'))
			len++;
		return len < n ? len + 1 : n;
	}
	len = printable_utf8(p, n);
	*ret_columns = len ? char_columns(p, len) : 1;
	return len ? len : 1;
}

void flow_keep_readable(struct buf *text)
{
	size_t n = 0, len;

	for (size_t i = 0; i < text->n; i += len) {
		const uint8_t *p = (const uint8_t *)text->p + i;
		wchar_t wide;

		len = printable_utf8(p, text->n - i);
		if (len > 1 && !read_char(p, len, &wide)) {
			text->p[n++] = '?';
			continue;
		}
		len = len ? len : 1;
		memmove(text->p + n, p, len);
		n += len;
	}
	text->n = n;
	if (text->p)
		text->p[n] = '\0';
}

size_t flow_fit(struct span text, size_t columns)
{
	size_t n = 0, width = 0;

	while (n < text.n) {
		size_t takes, len = next_char(text.p + n, text.n - n, &takes);

		width += takes;
		if (width > columns)
			break;
		n += len;
	}
	return n;
}

size_t flow_width(struct span text)
{
	size_t width = 0, columns;

	for (size_t i = 0; i < text.n; width += columns)
		i += next_char(text.p + i, text.n - i, &columns);
	return width;
}

/* ---- words ---- */

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* The column of the text of a line: behind the last two blanks in its first part, or a little into the line. */
static size_t text_column(struct span line)
{
	size_t at = 0, columns, start = 0, found = 0;
	unsigned blanks = 0;
	bool began = false;

	for (size_t i = 0; i < line.n && at < TEXT_COLUMN_MAX; at += columns) {
		size_t len = next_char(line.p + i, line.n - i, &columns);

		if (is_blank(line.p[i])) {
			blanks++;
		} else if (columns) {
			if (!began)
				start = at;
			else if (blanks > 1)
				found = at;
			began = true;
			blanks = 0;
		}
		i += len;
	}
	return found ? found : start + 2;
}

static void new_line(struct flow *f, size_t width)
{
	size_t indent = f->indent;

	/* A long word begins further left rather than being broken. */
	if (indent + width > f->columns)
		indent = width + 2 < f->columns ? f->columns - width : 2;
	buf_adds(f->into, f->is_command ? " \\\n" : "\n");
	for (size_t i = 0; i < indent; i++)
		buf_addc(f->into, ' ');
	f->at = indent;
	f->is_empty = true;
}

static struct span behind(struct span text, size_t n)
{
	return span_of(text.p + n, text.n - n);
}

/* The first part of a word that fits on a line: up to the last place where it may be broken. */
static size_t fitting_part(struct span word, size_t room)
{
	size_t columns, width = 0, part = 0;

	for (size_t i = 0; i < word.n && width <= room;) {
		uint8_t c = word.p[i];

		i += next_char(word.p + i, word.n - i, &columns);
		width += columns;
		if (width <= room && (c == '/' || c == ',' || c == ':'))
			part = i;
	}
	return part;
}

static void add_word(struct flow *f, struct span word)
{
	size_t width = flow_width(word), room, part;

	while (!f->is_command && width + f->indent > f->columns && width > f->columns) {
		room = f->columns - f->at;
		part = fitting_part(word, room);
		if (part == 0)
			break;
		buf_add(f->into, word.p, part);
		width -= flow_width(span_of(word.p, part));
		word = behind(word, part);
		new_line(f, width);
	}
	buf_add(f->into, word.p, word.n);
	f->at += width;
	f->is_empty = false;
}

static size_t run_of(struct span text, bool blanks)
{
	size_t n = 0;

	while (n < text.n && is_blank(text.p[n]) == blanks)
		n++;
	return n;
}

/* Blanks and the word behind them, on this line or on a new one. */
static void add_unit(struct flow *f, struct span blanks, struct span word, bool is_last)
{
	size_t width = flow_width(word), gap = flow_width(blanks);
	size_t limit = f->columns - (f->is_command && !is_last ? 2 : 0);

	if (f->at + gap + width > limit && !f->is_empty && word.n) {
		new_line(f, width);
	} else {
		buf_add(f->into, blanks.p, blanks.n);
		f->at += gap;
	}
	add_word(f, word);
}

/* Tabs become the blanks that a terminal shows for them. */
static int expand_tabs(struct span line, struct buf *into)
{
	size_t at = 0, columns, len;

	for (size_t i = 0; i < line.n; i += len, at += columns) {
		len = next_char(line.p + i, line.n - i, &columns);
		if (line.p[i] != '\t') {
			buf_add(into, line.p + i, len);
			continue;
		}
		columns = TAB_COLUMNS - at % TAB_COLUMNS;
		buf_addf(into, "%*s", (int)columns, "");
	}
	return buf_error(into);
}

int flow_line(struct span line, unsigned columns, struct buf *into)
{
	_cleanup_buf_ struct buf expanded = BUF_INIT;
	struct flow f = { .into = into, .columns = columns, .is_empty = true };
	bool ends = line.n && line.p[line.n - 1] == '\n';
	struct span rest = span_of(line.p, line.n - ends);
	int r;

	if (columns < COLUMNS_MIN)
		return buf_add(into, line.p, line.n);
	r = expand_tabs(rest, &expanded);
	if (r < 0)
		return r;
	if (flow_width(buf_span(&expanded)) <= columns)
		return buf_add(into, line.p, line.n);
	rest = buf_span(&expanded);
	f.is_command = memchr(rest.p, LOOK_COMMAND, rest.n) != NULL;
	f.indent = text_column(rest);
	while (rest.n) {
		struct span blanks = span_of(rest.p, run_of(rest, true)), word;

		rest = behind(rest, blanks.n);
		word = span_of(rest.p, run_of(rest, false));
		rest = behind(rest, word.n);
		add_unit(&f, blanks, word, rest.n == 0);
	}
	return ends ? buf_addc(into, '\n') : buf_error(into);
}
