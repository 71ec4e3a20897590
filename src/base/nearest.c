// SPDX-License-Identifier: MIT
#include "base/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* What somebody writes of a long word before the rest is missing. */
#define BEGINNING_MIN 3

static size_t min2(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

size_t nearest_distance(const char *a, size_t n, const char *b, size_t m)
{
	/* Of three rows of the table: the one before the last, the last, this one. */
	size_t rows[3][NEAREST_LEN_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2];

	if (n > NEAREST_LEN_MAX || m > NEAREST_LEN_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *spare = before;

		before = last;
		last = row;
		row = spare;
		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			row[j] = min2(min2(last[j], row[j - 1]) + 1, last[j - 1] + !same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
				row[j] = min2(row[j], before[j - 2] + 1);
		}
	}
	return row[m];
}

size_t nearest_tolerance(size_t n)
{
	return n < 3 ? 0 : n < 5 ? 1 : n < 12 ? 2 : 3;
}

void nearest_start(struct nearest *s, const char *written, size_t len)
{
	*s = (struct nearest){ .written = written, .written_len = len, .least = nearest_tolerance(len) + 1 };
}

void nearest_offer(struct nearest *s, const char *word, size_t len)
{
	size_t d = nearest_distance(s->written, s->written_len, word, len);

	if (s->written_len >= BEGINNING_MIN && s->written_len < len &&
	    strncasecmp(s->written, word, s->written_len) == 0)
		d = min2(d, nearest_tolerance(s->written_len));
	if (d >= s->least)
		return;
	s->least = d;
	s->word = word;
	s->len = len;
}

int nearest_hint(const struct nearest *s, struct buf *into)
{
	return s->word ? buf_addf(into, " (did you mean '%.*s'?)", (int)s->len, s->word) : buf_error(into);
}

static const char *name_at(const char *const *names, size_t stride, size_t i)
{
	return *(const char *const *)(const void *)((const char *)names + i * stride);
}

int nearest_among(const char *written, size_t len, const char *const *names, size_t stride, size_t n, struct buf *into)
{
	struct nearest search;

	nearest_start(&search, written, len);
	for (size_t i = 0; i < n; i++)
		nearest_offer(&search, name_at(names, stride, i), strlen(name_at(names, stride, i)));
	for (size_t i = 0; i < n && !search.word; i++)
		buf_addf(into, "%s%s", i ? ", " : "; there are: ", name_at(names, stride, i));
	return nearest_hint(&search, into);
}
