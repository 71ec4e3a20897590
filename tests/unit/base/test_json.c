// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "base/json.h"

/* Runs fn on a writer and compares what it wrote. */
static void expect(void (*fn)(struct json *), const char *want)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	struct json j;

	json_init(&j, f, false);
	fn(&j);
	fclose(f);
	assert_string_equal(text, want);
	free(text);
}

static void nest(struct json *j)
{
	json_object(j, NULL);
	json_int(j, "schema", 1);
	json_array(j, "list");
	json_uint(j, NULL, UINT64_MAX);
	json_bool(j, NULL, true);
	json_str(j, NULL, NULL);
	json_end(j);
	json_array(j, "empty");
	json_end(j);
	json_end(j);
}

static void nested(void **state)
{
	(void)state;
	expect(nest, "{\"schema\":1,\"list\":[18446744073709551615,true,null],\"empty\":[]}\n");
}

static void strings(struct json *j)
{
	json_array(j, NULL);
	json_str(j, NULL, "q\"b\\n\nt\te\x1b");
	json_str(j, NULL, "\xc3\xa9 \xff \xc0\x80 \xed\xa0\x80");
	json_strn(j, NULL, "a\0b", 3);
	json_str(j, NULL,
		 "\xc2\x9b"
		 "2J \xe2\x80\xae \xe2\x81\xa9 \xd8\x9c \xc2\xa0");
	json_end(j);
}

static void escapes(void **state)
{
	(void)state;
	expect(strings, "[\"q\\\"b\\\\n\\nt\\te\\u001b\",\"\xc3\xa9 \xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd "
			"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\",\"a\\u0000b\","
			"\"\\u009b2J \\u202e \\u2069 \\u061c \xc2\xa0\"]\n");
}

/* A word that would have to be changed names something else. */
static void commands(struct json *j)
{
	static const char *const argv[] = { "rm", "caf\xc3\xa9", NULL }, *const foreign[] = { "rm", "caf\xe9", NULL };

	json_object(j, NULL);
	json_argv(j, "a", argv);
	json_argv(j, "b", foreign);
	json_argv(j, "c", NULL);
	json_end(j);
}

static void commands_are_arrays_or_null(void **state)
{
	(void)state;
	expect(commands, "{\"a\":[\"rm\",\"caf\xc3\xa9\"],\"b\":null,\"c\":null}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nested),
		cmocka_unit_test(escapes),
		cmocka_unit_test(commands_are_arrays_or_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
