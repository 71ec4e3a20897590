// SPDX-License-Identifier: MIT
#include "face/common/table.h"

#include <inttypes.h>

#include "face/common/say.h"

static bool is_unknown(const struct table_column *column, const struct table_cell *cell)
{
	return column->kind == TABLE_TEXT ? !cell->text : cell->is_unknown;
}

void table_json(struct json *j, const char *key, const struct table_column *columns, const struct table_cell *cells,
		size_t n)
{
	json_object(j, key);
	for (size_t i = 0; i < n; i++) {
		const char *name = columns[i].key;

		if (!name)
			continue;
		if (is_unknown(&columns[i], &cells[i]))
			json_null(j, name);
		else if (columns[i].kind == TABLE_TEXT)
			json_str(j, name, cells[i].text);
		else if (columns[i].kind == TABLE_NUMBER)
			json_uint(j, name, cells[i].number);
		else
			json_bool(j, name, cells[i].number);
	}
	json_end(j);
}

static void print_cell(FILE *out, const struct table_column *column, const struct table_cell *cell)
{
	fputs(column->before ? column->before : "", out);
	if (column->kind == TABLE_TEXT)
		say(out, "%*s", -column->width, cell->text);
	else if (column->kind == TABLE_NUMBER)
		fprintf(out, "%*" PRIu64, -column->width, cell->number);
	else
		fprintf(out, "%*s", -column->width, cell->number ? "yes" : "no");
	fputs(column->after ? column->after : "", out);
}

void table_line(FILE *out, const struct table_column *columns, const struct table_cell *cells, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!columns[i].json_only && !is_unknown(&columns[i], &cells[i]))
			print_cell(out, &columns[i], &cells[i]);
	fputc('\n', out);
}
