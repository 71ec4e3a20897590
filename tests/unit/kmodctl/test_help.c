// SPDX-License-Identifier: MIT
/* What `kmodctl VERB --help` prints fits on a terminal of 80 columns. */
#include "../unit.h"

#include <stdbool.h>

#include "face/kmodctl/commands.h"

#define COLUMNS 80

/* Columns of a line with its tabs, up to the newline. */
static unsigned width_of(const char *line)
{
	unsigned n = 0;

	for (; *line && *line != '\n'; line++)
		n = *line == '\t' ? n / 8 * 8 + 8 : n + ((*line & 0xc0) != 0x80);
	return n;
}

/* The help of `kmodctl WORDS`, malloc'd. */
static char *help_of(const char *words)
{
	char command[] = "kmodctl", help[] = "--help", *copy = strdup(words), *argv[8] = { command };
	int argc = 1;
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);
	struct env env = { .tool = "kmodctl", .out = out, .err = out };

	assert_non_null(out);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc++] = help;
	assert_int_equal(cmd_kmodctl(&env, argc, argv), 0);
	fclose(out);
	free(copy);
	return text;
}

/* This help, and those of the verbs that it lists. Their number. */
static unsigned check(const char *words)
{
	char *text = help_of(words);
	bool in_verbs = false;
	unsigned n = 1;

	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		char more[64];

		if (width_of(line) > COLUMNS)
			fail_msg("kmodctl%s --help: %u columns: %.*s", words, width_of(line), (int)strcspn(line, "\n"),
				 line);
		if (in_verbs && strncmp(line, "  ", 2) == 0) {
			snprintf(more, sizeof(more), "%s %.*s", words, (int)strcspn(line + 2, " "), line + 2);
			n += check(more);
		}
		in_verbs = line[0] != '\n' && (in_verbs || strncmp(line, "Verbs:\n", 7) == 0);
	}
	free(text);
	return n;
}

static void each_line_fits_in_80_columns(void **state _unused_)
{
	unsigned verbs = 0;

	while (kmodctl_verbs[verbs].name)
		verbs++;
	assert_int_equal(check(""), 1 + verbs + 3); /* kmodctl, its verbs, and the three of key */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_fits_in_80_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
