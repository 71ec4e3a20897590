// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "face/common/cli.h"

static const char *const usage[] = { "NAME", NULL };

static const struct cli_option options[] = {
	{ 'a', "all", NULL, "as many words as fit on the line, and then some more on the next one", NULL, 0 },
	{ CLI_LONG, "a-very-long-name", "WITH-ARGUMENT", "on a line of its own", NULL, 0 },
	{ 'w', NULL, NULL, "a-word-that-is-longer-than-the-column-cannot-be-wrapped anywhere", NULL, 0 },
	{ 'f', NULL, NULL, "these are just forty-three columns of text.", NULL, 0 },
	{ 0 },
};

static void prints(const struct cli *cli, const char *want)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	cli_help(cli, "tool", out);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
}

#define COMMON                                          \
	"\t-V, --version                show version\n" \
	"\t-h, --help                   show this help\n"

static void long_texts_are_wrapped(void **state _unused_)
{
	static const struct cli cli = { .usage = usage, .options = options };

	prints(&cli, "Usage:\n\ttool NAME\n\nOptions:\n"
		     "\t-a, --all                    as many words as fit on the line, and then\n"
		     "\t                             some more on the next one\n"
		     "\t    --a-very-long-name=WITH-ARGUMENT\n"
		     "\t                             on a line of its own\n"
		     "\t-w                           a-word-that-is-longer-than-the-column-cannot-be-wrapped anywhere\n"
		     "\t-f                           these are just forty-three columns of text.\n" COMMON);
}

static void lines_of_kmod_stay(void **state _unused_)
{
	static const struct cli_option one[] = {
		{ 'm', NULL, NULL, "a text that has always been longer than the forty-three columns", NULL, 0 },
		{ 0 },
	};
	static const struct cli cli = { .usage = usage, .options = one, .long_lines = true };

	prints(&cli, "Usage:\n\ttool NAME\n\nOptions:\n"
		     "\t-m                           a text that has always been longer than the forty-three "
		     "columns\n" COMMON);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_texts_are_wrapped),
		cmocka_unit_test(lines_of_kmod_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
