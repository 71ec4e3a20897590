/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A listing whose columns the user chooses: a table that fits the terminal, or a tree (libsmartcols), or JSON with
 * every column. The verb gives its columns once, adds rows of cells, and prints.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "face/common/display.h"
#include "face/common/env.h"
#include "face/common/table.h"

struct grid_column {
	struct table_column cell; /* title: the heading, and the name that -o and --sort take, in any case: "USED-BY" */
	bool hidden;              /* shown only when -o names it */
	enum look (*look)(const struct table_cell *cell); /* NULL: plain */
	bool elastic; /* gives way when the line does not fit: what is left out ends in an ellipsis */
};

/* What the options of a listing say (grid_set()); all zero: the columns that are not hidden, in order of addition. */
struct grid_options {
	const char *columns; /* "NAME,SIZE", or "+SIZE" beside those that are shown anyway */
	const char *sort;    /* a column; "-SIZE": the largest first */
	bool no_headings;
	bool json;
};

/* Rows of a cli_option table, and what they do: 1 it was one of these, 0 it was not. */
#define GRID_OPTIONS                                                                                     \
	{ 'o', "output", "COLUMNS", "show these columns: A,B, or +A,B beside the usual ones", NULL, 0 }, \
		{ GRID_SORT, "sort", "COLUMN", "order by this column, -COLUMN downwards", NULL, 0 },     \
		{ 'n', "no-headings", NULL, "print no headings", NULL, 0 },                              \
	{                                                                                                \
		'J', "json", NULL, "print JSON with all columns", NULL, 0                                \
	}
#define GRID_SORT 1000
int grid_set(struct env *env, struct grid_options *o, int id, const char *arg);

struct grid_row {
	const struct table_cell *cells;
	size_t parent; /* GRID_ROOT, or the number of an earlier row */
};

#define GRID_ROOT ((size_t)-1)

struct grid {
	const struct grid_column *columns;
	size_t n_columns;
	bool tree; /* the first column is drawn as a tree of the rows' parents; set by the verb */
	struct grid_row *rows;
	size_t n, cap;
	struct arena strings;
};

#define GRID_INIT(table)                                           \
	{                                                          \
		.columns = (table), .n_columns = ELEMENTSOF(table) \
	}

/* Copies the cells, n_columns of them, and their texts. parent: an earlier row. 0 or -ENOMEM. */
int grid_add(struct grid *g, size_t parent, const struct table_cell *cells);
/*
 * Prints to env->out: text, or with o->json the array `key` of an object that answer.h opens and closes. Unknown
 * columns are reported with the names that there are. 0, -EINVAL reported, -errno.
 */
int grid_print(struct env *env, const struct grid *g, const struct grid_options *o, const char *key);
/* Is the choice of columns and order one that can be printed? Before anything is read. 0, or -EINVAL reported. */
int grid_check(struct env *env, const struct grid *g, const struct grid_options *o);
void grid_done(struct grid *g);

#define _cleanup_grid_ _cleanup_(grid_done)
