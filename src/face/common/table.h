/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The rows of a listing. One table of columns says what each cell is in JSON and in a line of text; the command fills
 * cells and prints them either way.
 */

#include <stdint.h>
#include <stdio.h>

#include "base/json.h"

/* A list is a text of words with commas between them, and an array in JSON; its words contain none. */
enum table_kind { TABLE_TEXT, TABLE_LIST, TABLE_NUMBER, TABLE_BOOL };

struct table_column {
	const char *key; /* in JSON; NULL: not there */
	enum table_kind kind;
	bool json_only;             /* not in the line of text */
	int width;                  /* the cell is padded to it; negative: on its left */
	const char *before, *after; /* around it in the line; NULL: nothing */
	const char *title;          /* for those that print a head */
};

struct table_cell {
	const char *text; /* TABLE_TEXT, TABLE_LIST; NULL: unknown */
	uint64_t number;  /* TABLE_NUMBER; TABLE_BOOL: 0 or 1 */
	/* Of a number. An unknown cell is null in JSON and is left out of a line, with what stands around it. */
	bool is_unknown;
};

/* The cell of a number that is unknown when it is 0. */
#define TABLE_POSITIVE(n)                             \
	{                                             \
		.number = (n), .is_unknown = (n) == 0 \
	}

bool table_is_unknown(const struct table_column *column, const struct table_cell *cell);
/* An object of the n cells; key NULL: inside an array. */
void table_json(struct json *j, const char *key, const struct table_column *columns, const struct table_cell *cells,
		size_t n);
/* A line of text; its cells are made printable (say.h). */
void table_line(FILE *out, const struct table_column *columns, const struct table_cell *cells, size_t n);
