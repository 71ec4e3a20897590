// SPDX-License-Identifier: MIT
#ifndef KMODCTL_SMALL
#include "verb/why/shell.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"

#define BLANKS " \t"
/* They end a word that they are not quoted in. */
#define OPERATORS ";&|\n<>()"
/* Inside of words they stand for other words, and so for no command that is known here. */
#define EXPANDING "*?[]~{}!^"
#define WORDS_MAX 32
#define DEPTH_MAX 3

struct word {
	const char *text; /* without quotes */
	bool is_quoted;   /* some of it */
	bool expands;
};

/* What is left of a line, and where the next word is put: all of them have room in as many octets as the line has. */
struct reader {
	const char *from;
	char *to;
};

/* ---- words ---- */

/* Behind the first quote. */
static bool read_single(struct reader *r)
{
	size_t n = strcspn(r->from, "'");

	memcpy(r->to, r->from, n);
	r->to += n;
	r->from += n;
	return *r->from++ == '\'';
}

static bool read_double(struct reader *r)
{
	while (*r->from && *r->from != '"') {
		if (*r->from == '$' || *r->from == '`')
			return false;
		if (*r->from == '\\') {
			if (!r->from[1] || r->from[1] == '\n')
				return false;
			r->from += strchr("$`\"\\", r->from[1]) != NULL;
		}
		*r->to++ = *r->from++;
	}
	return *r->from++ == '"';
}

static bool read_escaped(struct reader *r)
{
	if (!*r->from || *r->from == '\n')
		return false;
	*r->to++ = *r->from++;
	return true;
}

static bool read_quoted(struct reader *r)
{
	char quote = *r->from++;

	return quote == '\'' ? read_single(r) : quote == '"' ? read_double(r) : read_escaped(r);
}

/* false: what a shell makes of it is not known here. */
static bool read_word(struct reader *r, struct word *ret)
{
	*ret = (struct word){ .text = r->to };
	while (*r->from && !strchr(BLANKS OPERATORS, *r->from)) {
		if (*r->from == '$' || *r->from == '`')
			return false;
		if (strchr("'\"\\", *r->from)) {
			ret->is_quoted = true;
			if (!read_quoted(r))
				return false;
			continue;
		}
		ret->expands |= strchr(EXPANDING, *r->from) != NULL;
		*r->to++ = *r->from++;
	}
	*r->to++ = '\0';
	return true;
}

static void skip_blanks(struct reader *r)
{
	r->from += strspn(r->from, BLANKS);
	if (*r->from == '#')
		r->from += strcspn(r->from, "\n");
}

/* ---- redirections ---- */

static bool is_digit(const char *text)
{
	return isdigit((unsigned char)text[0]) && !text[1];
}

/* To nowhere, to where another one goes, or to where messages go: any other is something that is done. */
static bool skip_redirection(struct reader *r)
{
	static const char *const idle[] = { "/dev/null", "/dev/stderr", "/dev/kmsg" };
	bool reads = r->from[0] == '<', appends = r->from[0] == '>' && r->from[1] == '>';
	bool copies = r->from[0] == '>' && r->from[1] == '&';
	struct word target;

	r->from += appends || copies ? 2 : 1;
	r->from += strspn(r->from, BLANKS);
	if (!read_word(r, &target) || target.expands)
		return false;
	if (copies)
		return is_digit(target.text);
	for (size_t i = 0; i < (reads ? 1 : ELEMENTSOF(idle)); i++)
		if (strcmp(target.text, idle[i]) == 0)
			return true;
	return false;
}

/* ---- commands ---- */

/* By its name, which may be a builtin's, or by its path; whether there is such a file does not matter. */
static bool is_program(const char *word, const char *name)
{
	static const char *const dirs[] = { "", "/bin/", "/usr/bin/" };

	for (size_t i = 0; i < ELEMENTSOF(dirs); i++)
		if (strncmp(word, dirs[i], strlen(dirs[i])) == 0 && strcmp(word + strlen(dirs[i]), name) == 0)
			return true;
	return false;
}

static bool is_any_program(const char *word, const char *const *names)
{
	for (; *names; names++)
		if (is_program(word, *names))
			return true;
	return false;
}

static bool is_status(const char *text)
{
	return *text && strlen(text) <= 3 && strspn(text, "0123456789") == strlen(text);
}

static bool line_is_idle(const char *commands, unsigned depth);

static bool is_idle(const struct word *w, size_t n, unsigned depth)
{
	static const char *const ending[] = { "true", "false", "echo", "printf", "logger", NULL };
	static const char *const shells[] = { "sh", "bash", "dash", NULL };

	while (n > 0 && !w->expands && (strcmp(w->text, "exec") == 0 || strcmp(w->text, "command") == 0))
		w++, n--;
	if (n == 0)
		return true;
	if (w->expands)
		return false;
	if (strcmp(w->text, "exit") == 0)
		return n == 1 || (n == 2 && is_status(w[1].text));
	if (is_any_program(w->text, shells))
		return n == 3 && strcmp(w[1].text, "-c") == 0 && !w[2].expands && line_is_idle(w[2].text, depth + 1);
	return strcmp(w->text, ":") == 0 || strcmp(w->text, "/dev/null") == 0 || is_any_program(w->text, ending);
}

/* A simple command, to the operator behind it. false: it is none, or may do something. */
static bool command_is_idle(struct reader *r, unsigned depth)
{
	struct word words[WORDS_MAX];
	size_t n = 0;
	bool some = false;

	for (skip_blanks(r); *r->from && !strchr(";&|\n", *r->from); skip_blanks(r)) {
		bool is_number = is_digit((const char[]){ r->from[0], '\0' }) && strchr("<>", r->from[1]);

		some = true;
		r->from += is_number && r->from[1];
		if (*r->from == '<' || *r->from == '>') {
			if (!skip_redirection(r))
				return false;
			continue;
		}
		if (n == WORDS_MAX || strchr("()", *r->from) || !read_word(r, &words[n++]))
			return false;
		/* The number of a file with more digits: not every shell reads it so. */
		if (strchr("<>", *r->from) && *r->from && !words[n - 1].is_quoted && is_status(words[n - 1].text))
			return false;
	}
	return some && is_idle(words, n, depth);
}

/* The operator behind a command: must another one follow? */
static bool skip_operator(struct reader *r)
{
	char c = *r->from++;
	bool is_double = (c == '&' || c == '|') && *r->from == c;

	r->from += is_double;
	return is_double || c == '|';
}

static bool list_is_idle(struct reader *r, unsigned depth)
{
	bool some = false, must_follow = false;

	for (;;) {
		for (skip_blanks(r); *r->from == '\n'; skip_blanks(r))
			r->from++;
		if (!*r->from)
			return some && !must_follow;
		if (!command_is_idle(r, depth))
			return false;
		some = true;
		must_follow = *r->from && skip_operator(r);
	}
}

static bool line_is_idle(const char *commands, unsigned depth)
{
	_cleanup_free_ char *words = depth < DEPTH_MAX ? malloc(2 * strlen(commands) + 2) : NULL;
	struct reader r = { commands, words };

	return words && list_is_idle(&r, depth);
}

bool shell_does_nothing(const char *commands)
{
	return line_is_idle(commands, 0);
}
#endif
