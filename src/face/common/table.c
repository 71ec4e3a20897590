// SPDX-License-Identifier: MIT
#include "face/common/table.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "face/common/say.h"

static bool is_text(enum table_kind kind)
{
	return kind == TABLE_TEXT || kind == TABLE_LIST;
}

bool table_is_unknown(const struct table_column *column, const struct table_cell *cell)
{
	return is_text(column->kind) ? !cell->text : cell->is_unknown;
}

static void json_list(struct json *j, const char *key, const char *words)
{
	json_array(j, key);
	for (size_t len; *words; words += len + (words[len] == ',')) {
		len = strcspn(words, ",");
		json_strn(j, NULL, words, len);
	}
	json_end(j);
}

void table_json(struct json *j, const char *key, const struct table_column *columns, const struct table_cell *cells,
		size_t n)
{
	json_object(j, key);
	for (size_t i = 0; i < n; i++) {
		const char *name = columns[i].key;

		if (!name)
			continue;
		if (table_is_unknown(&columns[i], &cells[i]))
			json_null(j, name);
		else if (columns[i].kind == TABLE_TEXT)
			json_str(j, name, cells[i].text);
		else if (columns[i].kind == TABLE_LIST)
			json_list(j, name, cells[i].text);
		else if (columns[i].kind == TABLE_NUMBER)
			json_uint(j, name, cells[i].number);
		else
			json_bool(j, name, cells[i].number);
	}
	json_end(j);
}

static void add_cell(struct buf *line, const struct table_column *column, const struct table_cell *cell)
{
	buf_adds(line, column->before ? column->before : "");
	if (is_text(column->kind))
		buf_addf(line, "%*s", -column->width, cell->text);
	else if (column->kind == TABLE_NUMBER)
		buf_addf(line, "%*" PRIu64, -column->width, cell->number);
	else
		buf_addf(line, "%*s", -column->width, cell->number ? "yes" : "no");
	buf_adds(line, column->after ? column->after : "");
}

void table_line(FILE *out, const struct table_column *columns, const struct table_cell *cells, size_t n)
{
	_cleanup_buf_ struct buf line = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		if (!columns[i].json_only && !table_is_unknown(&columns[i], &cells[i]))
			add_cell(&line, &columns[i], &cells[i]);
	say(out, "%s\n", buf_str(&line));
}
