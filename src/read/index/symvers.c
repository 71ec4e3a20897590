// SPDX-License-Identifier: MIT
#include "read/index/symvers.h"

#include <string.h>

#include "base/fileio.h"
#include "base/num.h"

#define WORDS_MAX 5
#define EXPORT_MARK "EXPORT_"
#define GPL_MARK "_GPL"

int symvers_open(const struct root *root, const char *path, struct symvers *ret)
{
	struct symvers s = SYMVERS_INIT;
	int r = file_read_regular(root, path, SYMVERS_MAX, &s.text);

	if (r < 0)
		symvers_done(&s);
	else
		*ret = s;
	return r;
}

void symvers_done(struct symvers *s)
{
	buf_done(&s->text);
}

/* The next line, ended by a NUL; NULL when there are no more. */
static char *next_line(struct symvers *s)
{
	char *line, *end;

	if (s->pos >= s->text.n)
		return NULL;
	line = s->text.p + s->pos;
	end = memchr(line, '\n', s->text.n - s->pos);
	end = end ? end : s->text.p + s->text.n;
	*end = '\0';
	s->pos = (size_t)(end - s->text.p) + 1;
	s->line++;
	return line;
}

static size_t split(char *line, const char *words[static WORDS_MAX])
{
	char *save, *word = strtok_r(line, " \t", &save);
	size_t n = 0;

	while (word && n < WORDS_MAX) {
		words[n++] = word;
		word = strtok_r(NULL, " \t", &save);
	}
	return n;
}

static bool is_export_type(const char *word)
{
	return strncmp(word, EXPORT_MARK, strlen(EXPORT_MARK)) == 0;
}

static bool is_gpl_type(const char *word)
{
	size_t n = strlen(word);

	return n > strlen(GPL_MARK) && strcmp(word + n - strlen(GPL_MARK), GPL_MARK) == 0;
}

static struct symvers_entry entry_of(const char *const words[static WORDS_MAX], unsigned line)
{
	bool is_old = !is_export_type(words[3]) && is_export_type(words[4]);
	struct symvers_entry e = {
		.symbol = words[1],
		.module = is_old ? words[3] : words[2],
		.ns = is_old ? words[2] : words[4],
		.gpl_only = is_gpl_type(is_old ? words[4] : words[3]),
		.crc_word = words[0],
		.line = line,
	};

	e.has_crc = parse_u64(e.crc_word, 16, &e.crc) == 0;
	return e;
}

int symvers_next(struct symvers *s, struct symvers_entry *ret)
{
	char *line;

	while ((line = next_line(s))) {
		const char *words[WORDS_MAX] = { "", "", "", "", "" };

		if (split(line, words) < 3)
			continue;
		*ret = entry_of(words, s->line);
		return 1;
	}
	return 0;
}

bool symvers_is_kernel(const struct symvers_entry *e)
{
	return strcmp(e->module, "vmlinux") == 0;
}
