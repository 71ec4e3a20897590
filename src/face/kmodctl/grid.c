// SPDX-License-Identifier: MIT
#include "face/kmodctl/grid.h"

#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/nearest.h"
#include "base/printable.h"
#include "base/vec.h"
#include "face/common/answer.h"
#include "face/common/flow.h"
#include "face/common/report.h"

#define GRID_COLUMNS_MAX 32

int grid_set(struct env *env, struct grid_options *o, int id, const char *arg)
{
	switch (id) {
	case 'o':
		o->columns = arg;
		return 1;
	case GRID_SORT:
		o->sort = arg;
		return 1;
	case 'n':
		o->no_headings = true;
		return 1;
	case 'J':
		o->json = true;
		report_as_json(env);
		return 1;
	}
	return 0;
}

int grid_add(struct grid *g, size_t parent, const struct table_cell *cells)
{
	struct table_cell *copy = arena_array(&g->strings, g->n_columns, sizeof(*copy));

	if (!copy || vec_room(&g->rows, g->n, &g->cap) < 0)
		return -ENOMEM;
	for (size_t c = 0; c < g->n_columns; c++) {
		copy[c] = cells[c];
		if (cells[c].text && !(copy[c].text = arena_str(&g->strings, cells[c].text)))
			return -ENOMEM;
	}
	g->rows[g->n++] = (struct grid_row){ copy, parent };
	return 0;
}

void grid_done(struct grid *g)
{
	free(g->rows);
	arena_done(&g->strings);
}

/* ---- which columns ---- */

struct choice {
	size_t items[GRID_COLUMNS_MAX];
	size_t widths[GRID_COLUMNS_MAX]; /* to which their cells are cut; 0: not at all */
	const char *ellipsis;
	size_t n;
};

static int unknown_column(struct env *env, const struct grid *g, const char *name, size_t len)
{
	_cleanup_buf_ struct buf hint = BUF_INIT;

	nearest_among(name, len, NEAREST_NAMES(g->columns, g->n_columns, cell.title), &hint);
	report_error(env, "grid.column", "unknown column '%.*s'%s", (int)len, name, buf_str(&hint));
	return -EINVAL;
}

/* The number of the column, or -EINVAL, reported. */
static int find_column(struct env *env, const struct grid *g, const char *name, size_t len)
{
	for (size_t c = 0; c < g->n_columns; c++)
		if (strlen(g->columns[c].cell.title) == len && strncasecmp(g->columns[c].cell.title, name, len) == 0)
			return (int)c;
	return unknown_column(env, g, name, len);
}

static void choose(struct choice *chosen, size_t column)
{
	for (size_t i = 0; i < chosen->n; i++)
		if (chosen->items[i] == column)
			return;
	chosen->items[chosen->n++] = column; /* no column stands there twice, so there is room for all */
}

static void choose_usual(const struct grid *g, struct choice *chosen)
{
	for (size_t c = 0; c < g->n_columns; c++)
		if (!g->columns[c].hidden)
			choose(chosen, c);
}

static int choose_columns(struct env *env, const struct grid *g, const char *list, struct choice *ret)
{
	*ret = (struct choice){ 0 };
	if (!list || *list == '+')
		choose_usual(g, ret);
	for (const char *p = list ? list + (*list == '+') : ""; *p;) {
		size_t len = strcspn(p, ",");
		int c = find_column(env, g, p, len);

		if (c < 0)
			return c;
		choose(ret, (size_t)c);
		p += len + (p[len] == ',');
	}
	return ret->n ? 0 : unknown_column(env, g, "", 0);
}

int grid_check(struct env *env, const struct grid *g, const struct grid_options *o)
{
	const char *sort = o->sort ? o->sort + (*o->sort == '-') : NULL;
	struct choice chosen;
	int r = choose_columns(env, g, o->columns, &chosen);

	if (r == 0 && sort)
		r = find_column(env, g, sort, strlen(sort));
	return r < 0 ? r : 0;
}

/* ---- in which order ---- */

struct order {
	const struct grid *grid;
	size_t column;
	bool downwards;
};

static bool is_text(const struct grid_column *column)
{
	return column->cell.kind == TABLE_TEXT || column->cell.kind == TABLE_LIST;
}

/* What is unknown comes last in either direction; equal rows stay as they were added. */
static int compare_rows(const void *a, const void *b, void *data)
{
	const struct order *o = data;
	const size_t *x = a, *y = b;
	const struct grid_column *column = &o->grid->columns[o->column];
	const struct table_cell *l = &o->grid->rows[*x].cells[o->column], *r = &o->grid->rows[*y].cells[o->column];
	int diff;

	if (table_is_unknown(&column->cell, l) || table_is_unknown(&column->cell, r))
		diff = table_is_unknown(&column->cell, l) - table_is_unknown(&column->cell, r);
	else if (is_text(column))
		diff = o->downwards ? strcmp(r->text, l->text) : strcmp(l->text, r->text);
	else
		diff = o->downwards ? (r->number > l->number) - (r->number < l->number) :
				      (l->number > r->number) - (l->number < r->number);
	return diff ? diff : (*x > *y) - (*x < *y);
}

/* The numbers of the rows in the order in which they are printed. NULL without memory. */
static size_t *sorted_rows(const struct grid *g, const struct grid_options *o, int column)
{
	size_t *rows = reallocarray(NULL, g->n + 1, sizeof(*rows));
	struct order order = { g, (size_t)column, o->sort && *o->sort == '-' };

	for (size_t i = 0; rows && i < g->n; i++)
		rows[i] = i;
	if (rows && o->sort)
		qsort_r(rows, g->n, sizeof(*rows), compare_rows, &order);
	return rows;
}

/* ---- text ---- */

static int cell_text(const struct grid_column *column, const struct table_cell *cell, struct buf *into)
{
	if (table_is_unknown(&column->cell, cell))
		return 0;
	if (is_text(column)) {
		int r = printable_add(into, cell->text, strlen(cell->text));

		flow_keep_readable(into);
		return r;
	}
	if (column->cell.kind == TABLE_NUMBER)
		return buf_addf(into, "%" PRIu64, cell->number);
	return buf_adds(into, cell->number ? "yes" : "no");
}

static int add_columns(struct libscols_table *table, const struct grid *g, const struct choice *chosen)
{
	for (size_t i = 0; i < chosen->n; i++) {
		const struct grid_column *column = &g->columns[chosen->items[i]];
		int flags = (column->cell.kind == TABLE_NUMBER ? SCOLS_FL_RIGHT : 0) |
			    (g->tree && chosen->items[i] == 0 ? SCOLS_FL_TREE : 0);

		struct libscols_column *c = scols_table_new_column(table, column->cell.title, 0, flags);

		if (!c || scols_cell_set_color(scols_column_get_header(c), "\033[1m") < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Behind what fits of it comes an ellipsis. */
static int cut(struct buf *text, size_t width, const char *ellipsis)
{
	if (!width || flow_width(buf_span(text)) <= width)
		return 0;
	text->n = flow_fit(buf_span(text), width - flow_width(span_of(ellipsis, strlen(ellipsis))));
	return buf_adds(text, ellipsis);
}

static int color_cell(struct libscols_line *line, size_t column, enum look look)
{
	static const char *const names[LOOKS] = { [LOOK_GOOD] = "green", [LOOK_WARN] = "yellow", [LOOK_BAD] = "red" };

	return names[look] ? scols_cell_set_color(scols_line_get_cell(line, column), names[look]) : 0;
}

static int fill_line(struct libscols_line *line, const struct grid *g, size_t row, const struct choice *chosen)
{
	for (size_t i = 0; i < chosen->n; i++) {
		_cleanup_buf_ struct buf text = BUF_INIT;
		size_t c = chosen->items[i];
		int r = cell_text(&g->columns[c], &g->rows[row].cells[c], &text);

		if (r == 0)
			r = cut(&text, chosen->widths[i], chosen->ellipsis);
		if (r == 0 && text.n)
			r = scols_line_set_data(line, i, buf_str(&text));
		if (r == 0 && g->columns[c].look)
			r = color_cell(line, i, g->columns[c].look(&g->rows[row].cells[c]));
		if (r < 0)
			return r;
	}
	return 0;
}

/* lines[row] is the line of a row, for those that have it as their parent. A parent is filled before its children. */
static int add_line(struct libscols_table *table, const struct grid *g, size_t row, const struct choice *chosen,
		    struct libscols_line **lines)
{
	size_t parent = g->tree ? g->rows[row].parent : GRID_ROOT;
	int r = 0;

	if (lines[row])
		return 0;
	if (parent != GRID_ROOT)
		r = add_line(table, g, parent, chosen, lines);
	if (r < 0)
		return r;
	lines[row] = scols_table_new_line(table, parent == GRID_ROOT ? NULL : lines[parent]);
	return lines[row] ? fill_line(lines[row], g, row, chosen) : -ENOMEM;
}

/* libsmartcols pads empty cells at the end of a line. Its cells are printable, and colors are all that is not. */
static void print_lines(struct env *env, char *text)
{
	for (char *save, *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		size_t n = strlen(line);

		while (n && line[n - 1] == ' ')
			n--;
		line[n] = '\0';
		say_colored(env, line);
	}
}

static int format_table(struct env *env, struct libscols_table *table, bool headings, char **ret)
{
	scols_table_enable_noencoding(table,
				      1); /* the texts are printable, and it lets controls of direction through */
	scols_table_enable_colors(table, display_has_colors(env));
	scols_table_enable_noheadings(table, !headings);
	scols_table_enable_ascii(table, !display_is_utf8(env)); /* what a tree is drawn with */
	scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
	return scols_print_table_to_string(table, ret);
}

static int format_rows(struct env *env, const struct grid *g, const struct grid_options *o, const struct choice *chosen,
		       const size_t *rows, char **ret)
{
	struct libscols_line **lines = calloc(g->n + 1, sizeof(*lines));
	struct libscols_table *table = scols_new_table();
	int r = lines && table ? add_columns(table, g, chosen) : -ENOMEM;

	for (size_t i = 0; r == 0 && i < g->n; i++)
		r = add_line(table, g, rows[i], chosen, lines);
	if (r == 0)
		r = format_table(env, table, !o->no_headings, ret);
	scols_unref_table(table);
	free(lines);
	return r;
}

/* ---- columns that give way ---- */

#define ELASTIC_MIN 8

static size_t text_width(const char *text)
{
	size_t widest = 0;

	for (size_t len; *text; text += len + (text[len] == '\n')) {
		size_t n = len = strcspn(text, "\n"), width;

		while (n && text[n - 1] == ' ')
			n--;
		width = flow_width(span_of(text, n));
		widest = width > widest ? width : widest;
	}
	return widest;
}

static size_t column_width(const struct grid *g, size_t column)
{
	size_t widest = strlen(g->columns[column].cell.title);

	for (size_t i = 0; i < g->n; i++) {
		_cleanup_buf_ struct buf text = BUF_INIT;
		size_t width;

		if (cell_text(&g->columns[column], &g->rows[i].cells[column], &text) < 0)
			continue;
		width = flow_width(buf_span(&text));
		widest = width > widest ? width : widest;
	}
	return widest;
}

/* Takes that many columns away from the elastic ones, as far as that goes. Returns whether any gave way. */
static bool give_way(const struct grid *g, size_t excess, struct choice *chosen)
{
	bool gave = false;

	for (size_t i = 0; i < chosen->n && excess; i++) {
		size_t width, less;

		if (!g->columns[chosen->items[i]].elastic)
			continue;
		width = column_width(g, chosen->items[i]);
		if (width <= ELASTIC_MIN)
			continue;
		less = excess < width - ELASTIC_MIN ? excess : width - ELASTIC_MIN;
		chosen->widths[i] = width - less;
		excess -= less;
		gave = true;
	}
	return gave;
}

static int print_text(struct env *env, const struct grid *g, const struct grid_options *o, struct choice *chosen,
		      const size_t *rows)
{
	_cleanup_free_ char *text = NULL, *narrow = NULL;
	size_t columns = display_columns(env), width;
	int r = g->n ? format_rows(env, g, o, chosen, rows, &text) : 0;

	if (r < 0 || !text)
		return r;
	width = columns ? text_width(text) : 0;
	chosen->ellipsis = display_ellipsis(env);
	if (width > columns && give_way(g, width - columns, chosen))
		r = format_rows(env, g, o, chosen, rows, &narrow);
	if (r == 0)
		print_lines(env, narrow ? narrow : text);
	return r;
}

/* ---- JSON ---- */

static void print_json(struct env *env, const struct grid *g, const size_t *rows, const char *key)
{
	struct table_column columns[GRID_COLUMNS_MAX] = { 0 };
	struct json j;

	for (size_t c = 0; c < g->n_columns; c++)
		columns[c] = g->columns[c].cell;
	answer_open(env, &j);
	json_array(&j, key);
	for (size_t i = 0; i < g->n; i++)
		table_json(&j, NULL, columns, g->rows[rows[i]].cells, g->n_columns);
	json_end(&j);
	answer_close(env, &j);
}

int grid_print(struct env *env, const struct grid *g, const struct grid_options *o, const char *key)
{
	const char *sort = o->sort ? o->sort + (*o->sort == '-') : NULL;
	struct choice chosen;
	int r = choose_columns(env, g, o->columns, &chosen), column = 0;
	_cleanup_free_ size_t *rows = NULL;

	if (r == 0 && sort)
		r = column = find_column(env, g, sort, strlen(sort));
	if (r < 0)
		return r;
	rows = sorted_rows(g, o, column);
	if (!rows)
		return -ENOMEM;
	if (o->json)
		print_json(env, g, rows, key);
	else
		return print_text(env, g, o, &chosen, rows);
	return 0;
}
