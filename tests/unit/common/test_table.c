// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "face/common/table.h"

static const struct table_column columns[] = {
	{ .key = "name", .width = 6, .after = " " },
	{ .key = "hidden", .json_only = true },
	{ .key = "line", .kind = TABLE_NUMBER, .before = ":" },
	{ .key = "on", .kind = TABLE_BOOL, .before = " " },
	{ .before = " (", .after = ")" },
};

static void prints(const struct table_cell *cells, const char *line, const char *json)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);
	struct json j;

	assert_non_null(out);
	table_line(out, columns, cells, ELEMENTSOF(columns));
	fflush(out);
	assert_string_equal(text, line);
	rewind(out);
	json_init(&j, out, false);
	table_json(&j, NULL, columns, cells, ELEMENTSOF(columns));
	fclose(out);
	assert_string_equal(text, json);
	free(text);
}

static void the_same_cells_make_a_line_and_an_object(void **state _unused_)
{
	const struct table_cell cells[] = {
		{ .text = "a" }, { .text = "x" }, TABLE_POSITIVE(3), { .number = 1 }, { .text = "t" }
	};

	prints(cells, "a      :3 yes (t)\n", "{\"name\":\"a\",\"hidden\":\"x\",\"line\":3,\"on\":true}\n");
}

static void what_is_unknown_is_left_out_of_a_line_and_null_in_json(void **state _unused_)
{
	const struct table_cell cells[] = { { .text = "a" }, { 0 }, TABLE_POSITIVE(0), { .is_unknown = true }, { 0 } };

	prints(cells, "a\n", "{\"name\":\"a\",\"hidden\":null,\"line\":null,\"on\":null}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_cells_make_a_line_and_an_object),
		cmocka_unit_test(what_is_unknown_is_left_out_of_a_line_and_null_in_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
