// SPDX-License-Identifier: MIT
#include "read/conf/lexer.h"

#include <errno.h>
#include <string.h>

#include "base/fileio.h"
#include "read/conf/oddity.h"

/* kmod has no limit. This one keeps a file that never ends from taking all memory. */
#define FILE_CAP (1U << 30)

void lexer_init(struct lexer *l, struct span content)
{
	*l = (struct lexer){ .rest = content };
}

void lexer_done(struct lexer *l)
{
	buf_done(&l->text);
}

/* The bytes up to the next newline or backslash, neither included. */
static struct span take_run(struct lexer *l)
{
	struct span run = { l->rest.p, 0 };

	while (run.n < l->rest.n && l->rest.p[run.n] != '\n' && l->rest.p[run.n] != '\\')
		run.n++;
	l->rest = span_of(l->rest.p + run.n, l->rest.n - run.n);
	return run;
}

/* -1 at the end */
static int take_byte(struct lexer *l)
{
	struct span byte;

	return span_take(&l->rest, 1, &byte) < 0 ? -1 : byte.p[0];
}

/* One logical line into l->text. */
static void take_line(struct lexer *l)
{
	struct span run;
	int c;

	buf_clear(&l->text);
	l->line++;
	do {
		run = take_run(l);
		buf_add(&l->text, run.p, run.n);
		if (take_byte(l) != '\\')
			return;
		c = take_byte(l);
		if (c == '\n')
			l->line++;
		else if (c >= 0)
			buf_addc(&l->text, (char)c);
	} while (c >= 0);
}

int lexer_next(struct lexer *l, char **ret)
{
	while (l->rest.n > 0) {
		take_line(l);
		if (buf_error(&l->text))
			return buf_error(&l->text);
		if (l->text.n == 0 || l->text.p[0] == '#')
			continue;
		*ret = l->text.p;
		return 1;
	}
	return 0;
}

static char *take_word(char **at, const char *separators)
{
	char *word = *at + strspn(*at, separators);
	size_t n = strcspn(word, separators);

	if (n == 0)
		return NULL;
	*at = word + n;
	if (**at)
		*(*at)++ = '\0';
	return word;
}

char *lexer_word(char **at)
{
	return take_word(at, " \t");
}

char *lexer_name(char **at)
{
	return take_word(at, LEXER_SPACE);
}

char *lexer_rest(char **at)
{
	char *rest = *at;

	if (!*rest)
		return NULL;
	*at += strlen(rest);
	return rest;
}

static int read_lines(struct span content, struct oddity *odd,
		      int (*fn)(void *data, const struct lexer_place *place, char *line), void *data)
{
	_cleanup_lexer_ struct lexer l;
	char *line = NULL;
	int r;

	oddity_begin(odd, content);
	lexer_init(&l, content);
	while ((r = lexer_next(&l, &line)) > 0) {
		const struct lexer_place place = { odd->file, l.line };

		oddity_line(odd, l.line, buf_span(&l.text));
		r = fn(data, &place, line);
		if (r < 0)
			break;
	}
	return r;
}

/* 1: read, 0: there is no such file any more. -errno: not read whole; reported where kmod would have read it. */
static int read_file(const struct root *root, const struct dropin_file *file, struct diag *diag, struct buf *content)
{
	struct stat st;
	int r;

	buf_clear(content);
	if (file->is_regular && root_stat(root, file->path, &st) == 0 && st.st_size > FILE_CAP)
		r = -EFBIG; /* known without reading that much */
	else
		r = file_read(root, file->path, FILE_CAP, content);
	if (r == -EFBIG || r == -EIO)
		diag_report(diag, LOG_ERR, "conf.unreadable", file->path, 0, "%s: ignored: %s", file->path,
			    strerror(-r));
	return r == 0 ? 1 : r == -ENOENT ? 0 : r;
}

int lexer_read_files(const struct root *root, const struct dropin *files, struct diag *diag,
		     int (*fn)(void *data, const struct lexer_place *place, char *line), void *data)
{
	_cleanup_buf_ struct buf content = BUF_INIT;
	bool is_whole = files->error == 0;

	for (size_t i = 0; i < files->n; i++) {
		struct oddity odd = { diag, files->items[i].path, ODDITY_DIRECTIVES, 0 };
		int r = read_file(root, &files->items[i], diag, &content);

		if (r > 0)
			r = read_lines(buf_span(&content), &odd, fn, data);
		if (r == -ENOMEM)
			return r;
		is_whole = is_whole && r >= 0;
	}
	return is_whole;
}
