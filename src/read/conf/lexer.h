/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Logical lines and words of modprobe.d(5) and depmod.d(5): backslash-newline is deleted, a backslash before
 * any other byte is dropped, empty lines and lines that begin with '#' are skipped.
 */

#include "base/buf.h"
#include "base/diag.h"
#include "base/dropin.h"
#include "base/root.h"
#include "base/span.h"

struct lexer {
	struct span rest;
	unsigned line; /* of the last physical line taken */
	struct buf text;
};

void lexer_init(struct lexer *l, struct span content); /* content is borrowed */
void lexer_done(struct lexer *l);
/* 1: *ret is the next logical line, which the caller may modify until the next call. 0: end. -ENOMEM. */
int lexer_next(struct lexer *l, char **ret);

/*
 * The next word of a line (blanks and tabs separate), NUL-terminated in place, or NULL. *at moves past the word and
 * exactly one separator.
 */
char *lexer_word(char **at);
/*
 * The same for the names behind softdep M and weakdep M, which any white space separates: in a file whose lines end in
 * CR LF, the carriage return is no part of the last name, while it is a part of the last word of any other line.
 */
#define LEXER_SPACE " \t\n\v\f\r" /* isspace(3) of the C locale */
char *lexer_name(char **at);
/* A word as a message quotes it: arguments for "%.*s%s". */
#define LEXER_SHOWN_MAX 128
#define LEXER_SHOWN(word) LEXER_SHOWN_MAX, (word), strlen(word) > LEXER_SHOWN_MAX ? "..." : ""
/* The rest of the line, unchanged; NULL when nothing is left. */
char *lexer_rest(char **at);

/* Where a line comes from. The file name is valid as long as the dropin. */
struct lexer_place {
	const char *file;
	unsigned line;
};

/*
 * Calls fn for every logical line of the files, in order; a negative result ends it. A file that cannot be opened is
 * skipped silently, as kmod does; one that cannot be read completely is reported and skipped. 1: all that is configured
 * was read; 0: a file or directory was skipped, so lines that deny something may be missing. -ENOMEM.
 */
int lexer_read_files(const struct root *root, const struct dropin *files, struct diag *diag,
		     int (*fn)(void *data, const struct lexer_place *place, char *line), void *data);

#define _cleanup_lexer_ _cleanup_(lexer_done)
