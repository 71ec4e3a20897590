// SPDX-License-Identifier: MIT
#include "read/conf/edit.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/modname.h"
#include "base/optstring.h"

/* ---- words ---- */

/* What ends a word: of modprobe.d(5), and of the kernel's option string. */
#define BLANKS " \t\n"
#define OPTION_BLANKS BLANKS "\v\f\r"

/*
 * The next byte as the configuration reader sees it: a backslash stands for the byte after it. -1: nothing, as for a
 * continuation of the line or a backslash at the end.
 */
static int take_byte(struct span s, size_t *at)
{
	uint8_t c = s.p[(*at)++];

	if (c != '\\')
		return c;
	if (*at >= s.n)
		return -1;
	c = s.p[(*at)++];
	return c == '\n' ? -1 : c;
}

static bool is_one_of(int c, const char *blanks)
{
	return c > 0 && strchr(blanks, c);
}

/*
 * Takes the next word off *s, as written; n is 0 at the end. Where there are quotes, a blank between them does not end
 * it. The continuations of a line stay inside a word.
 */
static struct span cut_word(struct span *s, const char *blanks, bool has_quotes)
{
	size_t begin = 0, end, next;
	bool quoted = false;
	struct span word;
	int c = -1;

	for (next = 0; next < s->n && (c < 0 || is_one_of(c, blanks));) {
		begin = next;
		c = take_byte(*s, &next);
	}
	if (c < 0 || is_one_of(c, blanks))
		begin = s->n;
	for (end = next = begin; next < s->n; end = next) {
		c = take_byte(*s, &next);
		if (s->p[end] == '\n' || (!quoted && is_one_of(c, blanks)))
			break;
		quoted ^= has_quotes && c == '"';
	}
	word = span_of(s->p + begin, end - begin);
	*s = span_of(s->p + end, s->n - end);
	return word;
}

/* The keyword of a line, or the name of its module. */
static struct span next_name(struct span *s)
{
	return cut_word(s, BLANKS, false);
}

static struct span next_word(struct span *s)
{
	return cut_word(s, OPTION_BLANKS, true);
}

/* A word whose quotes are never closed: whatever is written after it becomes part of its value. */
static bool is_open(struct span word)
{
	bool quoted = false;

	for (size_t i = 0; i < word.n;)
		quoted ^= take_byte(word, &i) == '"';
	return quoted;
}

/* A backslash at the end of the file, with nothing after it. */
static bool ends_in_backslash(struct span s)
{
	size_t n = 0;

	while (n < s.n && s.p[s.n - 1 - n] == '\\')
		n++;
	return n % 2 == 1;
}

/* The word as the configuration reader will see it. */
static char *plain_word(struct span word)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	for (size_t i = 0; i < word.n;) {
		int c = take_byte(word, &i);

		if (c >= 0)
			buf_addc(&b, (char)c);
	}
	return buf_steal(&b);
}

bool edit_word_is(const char *word, const char *name)
{
	struct span text = span_of_str(word);
	struct option o;

	return option_next(&text, &o) && option_is(&o, name);
}

/* ---- lines ---- */

/* Takes the next logical line off *rest, with its newline and the continuations in it. n is 0 at the end. */
static struct span next_line(struct span *rest)
{
	struct span line;
	size_t i;

	for (i = 0; i < rest->n && rest->p[i] != '\n'; i++)
		if (rest->p[i] == '\\')
			i++;
	i = i < rest->n ? i + 1 : rest->n;
	line = span_of(rest->p, i);
	*rest = span_of(rest->p + i, rest->n - i);
	return line;
}

/* Whether a logical line is `options MODULE ...`; *ret_words is then what follows the name. -ENOMEM. */
static int is_options_of(struct span line, const char *module, struct span *ret_words)
{
	_cleanup_free_ char *keyword = NULL, *name = NULL;

	if (line.n == 0 || line.p[0] == '#')
		return 0;
	keyword = plain_word(next_name(&line));
	name = plain_word(next_name(&line));
	if (!keyword || !name)
		return -ENOMEM;
	if (strcmp(keyword, "options") != 0 || alias_normalize(name, name, strlen(name) + 1) < 0 ||
	    strcmp(name, module) != 0)
		return 0;
	*ret_words = line;
	return 1;
}

/* ---- changing ---- */

struct editing {
	const char *module;
	const struct edit_change *changes;
	size_t n;
	bool *placed; /* one per change: its setting has been written */
	struct buf *into;
};

/* The configuration reader ends a line at a NUL: such a file is not edited. */
static bool is_text(struct span s)
{
	return s.n == 0 || !memchr(s.p, '\0', s.n);
}

bool edit_is_name(const char *name)
{
	if (!name[0])
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("_-.", *name))
			return false;
	return true;
}

static bool value_is_writable(const char *value)
{
	for (; *value; value++)
		if ((unsigned char)*value < ' ' || *value == 0x7f || *value == '"')
			return false;
	return true;
}

const struct edit_change *edit_unwritable(const struct edit_change *changes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!edit_is_name(changes[i].name) ||
		    (changes[i].value && !changes[i].bare && !value_is_writable(changes[i].value)))
			return &changes[i];
	return NULL;
}

/* The change that a word is about, or NULL. */
static const struct edit_change *change_of(const struct editing *e, const char *word)
{
	for (size_t i = 0; i < e->n; i++)
		if (edit_word_is(word, e->changes[i].name))
			return &e->changes[i];
	return NULL;
}

/* " name=value", so that the reader gives back just this value. Once per change. */
static size_t place_setting(struct editing *e, const struct edit_change *c, struct buf *into)
{
	bool *placed = &e->placed[c - e->changes];
	bool quoted = c->value && !c->bare && option_needs_quotes(c->value);

	if (!c->value || *placed)
		return 0;
	*placed = true;
	buf_addf(into, " %s", c->name);
	if (c->bare)
		return 1;
	buf_adds(into, quoted ? "=\"" : "=");
	for (const char *p = c->value; *p; p++) {
		if (*p == '\\')
			buf_addc(into, '\\');
		buf_addc(into, *p);
	}
	buf_adds(into, quoted ? "\"" : "");
	return 1;
}

static size_t place_rest(struct editing *e, struct buf *into)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n; i++)
		n += place_setting(e, &e->changes[i], into);
	return n;
}

/* The words of one line with the changes made; settings only if they belong here. Their number, or -ENOMEM. */
static int edit_words(struct editing *e, struct span words, bool settings, struct buf *into)
{
	size_t kept = 0;
	struct span word;

	while ((word = next_word(&words)).n > 0) {
		_cleanup_free_ char *plain = plain_word(word);
		const struct edit_change *c;

		if (!plain)
			return -ENOMEM;
		c = change_of(e, plain);
		if (settings && is_open(word))
			kept += place_rest(e, into);
		if (c && settings)
			kept += place_setting(e, c, into);
		if (c)
			continue;
		buf_addc(into, ' ');
		buf_add(into, word.p, word.n - ends_in_backslash(word));
		kept++;
	}
	if (settings)
		kept += place_rest(e, into);
	return (int)kept;
}

/* One options line of the module anew; nothing if it would be empty. */
static int edit_line(struct editing *e, struct span line, struct span words, bool last)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	bool newline = line.p[line.n - 1] == '\n' && !ends_in_backslash(span_of(line.p, line.n - 1));
	int kept = edit_words(e, words, last, &text);

	if (kept <= 0)
		return kept;
	buf_addf(e->into, "options %s%s%s", e->module, buf_str(&text), newline ? "\n" : "");
	return buf_error(&text) ? buf_error(&text) : buf_error(e->into);
}

/* 1: no word of this line is changed and nothing is put here. A line without words is not kept. -ENOMEM. */
static int line_stays(const struct editing *e, struct span words, bool last)
{
	struct span word;
	int n = 0;

	for (size_t i = 0; last && i < e->n; i++)
		if (e->changes[i].value)
			return 0;
	for (; (word = next_word(&words)).n > 0; n++) {
		_cleanup_free_ char *plain = plain_word(word);

		if (!plain)
			return -ENOMEM;
		if (change_of(e, plain))
			return 0;
	}
	return n > 0;
}

static int take_line(struct editing *e, struct span line, int *left)
{
	struct span words;
	int r = is_options_of(line, e->module, &words);

	if (r < 0)
		return r;
	if (r > 0) {
		--*left;
		r = line_stays(e, words, *left == 0);
		if (r <= 0)
			return r < 0 ? r : edit_line(e, line, words, *left == 0);
	}
	return buf_add(e->into, line.p, line.n);
}

static int count_lines(struct span text, const char *module)
{
	struct span line, words;
	int n = 0, r;

	while ((line = next_line(&text)).n > 0) {
		r = is_options_of(line, module, &words);
		if (r < 0)
			return r;
		n += r;
	}
	return n;
}

/* Ends the last line if it has no newline. One after a backslash continues the line instead of ending it. */
static void end_last_line(struct buf *text)
{
	bool newline = text->n > 0 && text->p[text->n - 1] == '\n';
	bool continued = ends_in_backslash(span_of(text->p, text->n - newline));

	if (text->n > 0 && !newline)
		buf_addc(text, '\n');
	if (continued)
		buf_addc(text, '\n');
}

static int add_new_line(struct editing *e)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	if (place_rest(e, &text) == 0)
		return buf_error(e->into);
	end_last_line(e->into);
	buf_addf(e->into, "options %s%s\n", e->module, buf_str(&text));
	return buf_error(&text) ? buf_error(&text) : buf_error(e->into);
}

int edit_options(struct span old, const char *module, const struct edit_change *changes, size_t n, struct buf *ret)
{
	_cleanup_free_ bool *placed = calloc(n + 1, sizeof(*placed));
	struct editing e = { module, changes, n, placed, ret };
	int left = count_lines(old, module), had = left, r = 0;
	struct span line;

	if (!placed || left < 0)
		return -ENOMEM;
	if (!is_text(old) || edit_unwritable(changes, n))
		return -EINVAL;
	while (r == 0 && (line = next_line(&old)).n > 0)
		r = take_line(&e, line, &left);
	if (r == 0 && had == 0)
		r = add_new_line(&e);
	return r;
}
