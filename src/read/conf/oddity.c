// SPDX-License-Identifier: MIT
#include "read/conf/oddity.h"

#ifndef KMODCTL_SMALL

#include <string.h>

#include "base/printable.h"

/* Paths and the strings of devices that the kernel asks for are shorter. */
#define WORD_MOST 4095

/* Bits of struct oddity, told. The bits from FIRST_CHARACTER on are those of the table below. */
enum { LINE_ENDS, LONG_WORD, REMARK, FIRST_CHARACTER };

/* Where a character is out of place. */
enum scope {
	NAMES, /* in the directive and the name behind it, and in what follows unless it is text for others */
	WORDS, /* the same, and in options */
	LINE,  /* everywhere but in softdep and weakdep, whose names end at any white space */
	ALL,   /* everywhere */
};

/* Ranges of one kind are reported once. */
static const struct character {
	unsigned first, last;
	unsigned kind;
	enum scope scope;
	const char *text;
} characters[] = {
	{ 0x00, 0x00, 0, ALL, "a NUL byte ends the line: what follows is not read" },
	{ 0x0b, 0x0b, 1, LINE, "a vertical tab does not separate words" },
	{ 0x0c, 0x0c, 2, LINE, "a form feed does not separate words" },
	{ 0x0d, 0x0d, 3, LINE, "a carriage return does not end a line, unless a newline does" },
	{ 0x01, 0x1f, 4, ALL, "a control character is a part of the word" },
	{ 0x7f, 0x9f, 4, ALL, "a control character is a part of the word" },
	{ 0xa0, 0xa0, 5, WORDS, "a no-break space does not separate words" },
	{ 0xad, 0xad, 6, WORDS, "a character that cannot be seen is a part of the word" },
	{ 0x1680, 0x1680, 7, WORDS, "a space that is no blank does not separate words" },
	{ 0x2000, 0x200a, 7, WORDS, "a space that is no blank does not separate words" },
	{ 0x200b, 0x200f, 6, WORDS, "a character that cannot be seen is a part of the word" },
	{ 0x2010, 0x2015, 8, NAMES, "this dash is not '-'" },
	{ 0x2018, 0x201f, 9, WORDS, "this quotation mark does not quote" },
	{ 0x2028, 0x2029, 7, WORDS, "a separator that is no newline does not end the line" },
	{ 0x202a, 0x202e, 6, WORDS, "a character that cannot be seen is a part of the word" },
	{ 0x202f, 0x202f, 5, WORDS, "a no-break space does not separate words" },
	{ 0x205f, 0x205f, 7, WORDS, "a space that is no blank does not separate words" },
	{ 0x2060, 0x2069, 6, WORDS, "a character that cannot be seen is a part of the word" },
	{ 0x2212, 0x2212, 8, NAMES, "this dash is not '-'" },
	{ 0x3000, 0x3000, 7, WORDS, "a space that is no blank does not separate words" },
	{ 0xfeff, 0xfeff, 6, WORDS, "a character that cannot be seen is a part of the word" },
	{ 0xab, 0xab, 9, WORDS, "this quotation mark does not quote" },
	{ 0xbb, 0xbb, 9, WORDS, "this quotation mark does not quote" },
};

static bool is_new(struct oddity *o, unsigned kind)
{
	bool told = o->told & (1U << kind);

	o->told |= 1U << kind;
	return !told;
}

void oddity_begin(struct oddity *o, struct span content)
{
	const uint8_t *p = content.p;

	if (content.n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		diag_report(o->diag, LOG_WARNING, "conf.byte-order-mark", o->file, 1,
			    "%s begins with a byte order mark, which counts as a part of its first line", o->file);
	else if (content.n >= 2 && (memcmp(p, "\xff\xfe", 2) == 0 || memcmp(p, "\xfe\xff", 2) == 0))
		diag_report(o->diag, LOG_WARNING, "conf.utf-16", o->file, 1,
			    "%s is written in UTF-16, of which nothing is understood: save it as UTF-8", o->file);
}

/* The code point at p, whose length goes to *ret; a byte that is not UTF-8 stands for none (U+FFFD). */
static unsigned take_character(const uint8_t *p, size_t n, size_t *ret)
{
	size_t length = printable_utf8(p, n);
	unsigned c = length < 2 ? p[0] : p[0] & (0x7fU >> length);

	*ret = length ? length : 1;
	for (size_t i = 1; i < length; i++)
		c = c << 6 | (p[i] & 0x3fU);
	return length ? c : 0xfffd;
}

static const struct character *find_character(unsigned c)
{
	for (size_t i = 0; i < ELEMENTSOF(characters); i++)
		if (c >= characters[i].first && c <= characters[i].last)
			return &characters[i];
	return NULL;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static size_t skip(struct span text, size_t at, bool blanks)
{
	while (at < text.n && is_blank(text.p[at]) == blanks)
		at++;
	return at;
}

/* Nearly all lines consist of these, and every start of modprobe reads all lines. */
static bool is_plain(unsigned c)
{
	return (c >= ' ' && c < 0x7f) || c == '\t';
}

static bool word_is(struct span text, size_t at, size_t end, const char *word)
{
	return strlen(word) == end - at && memcmp(text.p + at, word, end - at) == 0;
}

/* How far a character of each scope is out of place in the line. */
static void find_scopes(const struct oddity *o, struct span text, size_t ret[static ALL + 1])
{
	static const struct {
		const char *word;
		enum scope first, last; /* which end behind the name */
	} directives[] = {
		{ "install", NAMES, WORDS }, { "remove", NAMES, WORDS }, { "options", NAMES, NAMES },
		{ "softdep", LINE, LINE },   { "weakdep", LINE, LINE },
	};
	size_t word = skip(text, 0, true), end = skip(text, word, false);
	size_t names = skip(text, skip(text, end, true), false);

	for (enum scope s = NAMES; s <= ALL; s++)
		ret[s] = text.n;
	for (size_t i = 0; i < ELEMENTSOF(directives) && o->form == ODDITY_DIRECTIVES; i++)
		if (word_is(text, word, end, directives[i].word)) {
			for (enum scope s = directives[i].first; s <= directives[i].last; s++)
				ret[s] = names;
		}
}

static void report_character(struct oddity *o, unsigned line, const struct character *which, unsigned c)
{
	if (is_new(o, FIRST_CHARACTER + which->kind))
		diag_report(o->diag, LOG_WARNING, "conf.odd-character", o->file, line, "%s line %u: %s (U+%04X)",
			    o->file, line, which->text, c);
}

static void look_at_characters(struct oddity *o, unsigned line, struct span text, size_t from)
{
	size_t scopes[ALL + 1], length;

	while (from < text.n && is_plain(text.p[from]))
		from++;
	if (from == text.n)
		return;
	find_scopes(o, text, scopes);
	for (size_t at = from; at < text.n; at += length) {
		unsigned c = take_character(text.p + at, text.n - at, &length);
		const struct character *which;

		if (is_plain(c))
			continue;
		which = find_character(c);
		if (which && at < scopes[which->scope])
			report_character(o, line, which, c);
	}
}

/* The words that may be names: two of an options, install or remove line, whose text may be as long as it likes. */
static void look_at_lengths(struct oddity *o, unsigned line, struct span text)
{
	size_t scopes[ALL + 1], at = skip(text, 0, true);

	if (text.n <= WORD_MOST)
		return;
	find_scopes(o, text, scopes);
	while (at < scopes[NAMES]) {
		size_t end = skip(text, at, false);

		if (end - at > WORD_MOST && is_new(o, LONG_WORD))
			diag_report(o->diag, LOG_WARNING, "conf.long-word", o->file, line,
				    "%s line %u: a word of %zu bytes is too long to be a name", o->file, line,
				    end - at);
		at = skip(text, end, true);
	}
}

/* Whether all words of the line count, so that a remark behind them is taken for names. */
static bool is_list(const struct oddity *o, struct span text)
{
	static const char *const lists[] = { "softdep", "weakdep", "search", "exclude" };
	size_t word = skip(text, 0, true), end = skip(text, word, false);

	for (size_t i = 0; i < ELEMENTSOF(lists); i++)
		if (o->form == ODDITY_NAMES || word_is(text, word, end, lists[i]))
			return true;
	return false;
}

static void look_for_remark(struct oddity *o, unsigned line, struct span text)
{
	size_t at = skip(text, skip(text, 0, true), false);

	if (!text.n || !memchr(text.p, '#', text.n) || !is_list(o, text))
		return;
	for (at = skip(text, at, true); at < text.n; at = skip(text, skip(text, at, false), true))
		if (text.p[at] == '#' && is_new(o, REMARK))
			diag_report(o->diag, LOG_WARNING, "conf.remark", o->file, line,
				    "%s line %u: \"#\" does not begin a comment here, only at the beginning of a line",
				    o->file, line);
}

void oddity_line(struct oddity *o, unsigned line, struct span text)
{
	size_t mark = line == 1 && text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	if (!diag_wants(o->diag, LOG_WARNING))
		return;
	if (text.n && text.p[text.n - 1] == '\r') {
		if (o->form == ODDITY_DIRECTIVES && is_new(o, LINE_ENDS))
			diag_report(o->diag, LOG_WARNING, "conf.line-ends", o->file, line,
				    "%s line %u: lines end in CR LF: the carriage return counts as a part of the last "
				    "word, and a backslash before it joins no lines",
				    o->file, line);
		text.n--;
	}
	look_at_characters(o, line, text, mark);
	text.n = strnlen((const char *)text.p, text.n);
	look_at_lengths(o, line, text);
	look_for_remark(o, line, text);
}

#endif
