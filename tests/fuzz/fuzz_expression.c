// SPDX-License-Identifier: MIT
/*
 * An expression, a newline and a release. What the C library can be asked, it must answer in the same way: short
 * expressions of printable ASCII, without what makes it take all time or memory (positions and what is empty, inside of
 * groups).
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "read/conf/expression.h"
#include "unit/conf/libc_expression.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ASKED_LENGTH 24
#define ASKED_REPETITIONS 2

static bool is_printable(const char *text)
{
	while (*text >= ' ' && *text <= '~')
		text++;
	return !*text;
}

/* Has an alternative or a group that is empty, or a position behind the `^` in front of all. */
static bool has_empty_part(const char *expression)
{
	const char *rest = expression + strspn(expression, "^");

	if (*rest == '|')
		return true;
	for (const char *p = rest; *p; p++)
		if ((strchr("(|", *p) && (!p[1] || strchr("|)", p[1]))) || strchr("^$", *p) ||
		    (*p == '\\' && p[1] && strchr("bB<>`'", p[1])))
			return true;
	return false;
}

/* One digit in each number; and no backslash, which the C library ignores in some places there. */
static bool has_plain_counts(const char *expression)
{
	for (const char *p = strchr(expression, '{'); p; p = strchr(p + 1, '{'))
		for (const char *q = p; *q && *q != '}'; q++)
			if (*q == '\\' || strspn(q, "0123456789") > 1)
				return false;
	return true;
}

static bool can_be_asked(const char *expression, const char *release)
{
	unsigned repetitions = 0;

	for (const char *p = expression; *p; p++) {
		if (*p == '\\' && p[1] >= '1' && p[1] <= '9')
			return false;
		repetitions += strchr("*+?{", *p) != NULL;
	}
	return strlen(expression) <= ASKED_LENGTH && repetitions <= ASKED_REPETITIONS && is_printable(expression) &&
	       is_printable(release) && has_plain_counts(expression) &&
	       !(strchr(expression, '(') && has_empty_part(expression));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[4097], *newline;
	const char *release = "6.12.0-amd64";
	int r;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	newline = strchr(text, '\n');
	if (newline) {
		*newline = '\0';
		release = newline + 1;
	}
	r = expression_matches(text, release);
	if (r != 0 && r != 1 && r != -EINVAL && r != -E2BIG)
		abort();
	if (can_be_asked(text, release) && r != answer_of_libc(text, release))
		abort();
	return 0;
}
