// SPDX-License-Identifier: MIT
#include "base/shellword.h"

#include <stdbool.h>

#include "base/printable.h"

static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./:,@%=";

/* NAME=VALUE as the first word would be an assignment; a caller's argv has a command there. */
static bool is_plain(const char *word)
{
	return *word && word[strspn(word, harmless)] == '\0';
}

static bool is_printable(const char *word)
{
	_cleanup_buf_ struct buf shown = BUF_INIT;

	return printable_add(&shown, word, strlen(word)) < 0 || strcmp(buf_str(&shown), word) == 0;
}

static void add_octal(struct buf *into, const char *word)
{
	buf_adds(into, "$'");
	for (const unsigned char *p = (const unsigned char *)word; *p; p++) {
		if (*p < 0x20 || *p >= 0x7f)
			buf_addf(into, "\\%03o", *p);
		else
			buf_addf(into, *p == '\'' || *p == '\\' ? "\\%c" : "%c", *p);
	}
	buf_addc(into, '\'');
}

int shellword_add(struct buf *into, const char *word)
{
	if (is_plain(word))
		return buf_adds(into, word);
	if (!is_printable(word)) {
		add_octal(into, word);
		return buf_error(into);
	}
	buf_addc(into, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			buf_adds(into, "'\\''");
		else
			buf_addc(into, *word);
	}
	return buf_addc(into, '\'');
}

int shellword_join(struct buf *into, const char *const *argv)
{
	for (size_t i = 0; argv[i]; i++) {
		if (i)
			buf_addc(into, ' ');
		shellword_add(into, argv[i]);
	}
	return buf_error(into);
}
