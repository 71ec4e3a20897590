// SPDX-License-Identifier: MIT
#include "messages.h"

#include <errno.h>
#include <stdint.h>

#include "libc_expression.h"
#include "read/conf/expression.h"

static const char *const releases[] = { "",  "a",  "ab", "6.12",  "b-a", "aab6a", "ba-6.1 b",
					"-", "66", "]a", "aa.bb", "6_1", "+\\" };

static void expect_as_libc(const char *expression)
{
	for (size_t i = 0; i < ELEMENTSOF(releases); i++) {
		int ours = expression_matches(expression, releases[i]),
		    wanted = answer_of_libc(expression, releases[i]);

		if (ours != wanted)
			fail_msg("%s in \"%s\": %d, not %d", expression, releases[i], ours, wanted);
	}
}

static void what_is_written_in_files(void **state)
{
	static const struct {
		const char *expression;
		int answer;
	} table[] = {
		{ "^6\\.1[0-9]{0,1}\\.", 1 },
		{ "^(2\\.6\\..*|3\\..*|4\\..*|5\\..*|6\\..*|7\\..*|8\\..*)", 1 },
		{ "^(2\\.6\\..*|3\\..*|4\\..*|5\\..*|7\\..*|8\\..*|9\\..*)", 0 },
		{ "^(5\\.[6-9]\\.|6\\.)", 1 },
		{ "^([4-6]\\.)+[0-9]+(\\.[0-9]+)?(-rc[0-9]+)?", 1 },
		{ ".*-amd64$", 1 },
		{ ".*-cloud-amd64$", 0 },
		{ "^6\\.12\\.0-(amd64|arm64)$", 1 },
		{ "^6\\.12\\.(0|[1-9][0-9]*)(-[[:alnum:]]+)*$", 1 },
		{ "^([0-9]+\\.){3}", 0 },
		{ "^([0-9]+\\.){2}0-", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(table); i++)
		assert_int_equal(expression_matches(table[i].expression, "6.12.0-amd64"), table[i].answer);
}

/* Pieces, each by itself and before and after some others. */
static void each_piece_as_in_libc(void **state)
{
	static const char *const pieces[] = {
		"",
		"a",
		".",
		"-",
		"\\.",
		"\\d",
		"[ab]",
		"[^a]",
		"[0-9]",
		"[]a]",
		"[^]a]",
		"[a-]",
		"[-a]",
		"[--9]",
		"[+--]",
		"[!--/]",
		"[a-c-e]",
		"[b--]",
		"[a\\]",
		"[[x]",
		"[[.a.]-b]",
		"[[.-.]-9]",
		"[a-[.b.]]",
		"[[.].]]",
		"[[.hyphen.]]",
		"[[..]]",
		"[[=a=]b]",
		"[[=a=]-b]",
		"[a-[=b=]]",
		"[[=ab=]]",
		"[[:alpha:]]",
		"[[:alnum:]-]",
		"[^[:blank:]]",
		"[[:cntrl:]]",
		"[[:digit:]]",
		"[[:graph:]]",
		"[[:lower:]]",
		"[^[:print:]]",
		"[[:punct:]]",
		"[[:space:]]",
		"[[:upper:]]",
		"[[:xdigit:]]",
		"[[:foo:]]",
		"[[:alpha:]-z]",
		"[a-[:digit:]]",
		"[z-a]",
		"[",
		"[]",
		"[a",
		"[[.",
		"[[:",
		"[[=a",
		"\\w",
		"\\W",
		"\\s",
		"\\S",
		"\\b",
		"\\B",
		"\\<",
		"\\>",
		"^",
		"$",
		"\\`",
		"\\'",
		"\\",
		"\\{",
		"(",
		")",
		"()",
		"(a)",
		"(a|b)",
		"(|a)",
		"(a",
		"|",
		"||",
		"a|b",
		"*",
		"+",
		"?",
		"{2}",
		"{0}",
		"{0,0}",
		"{1,2}",
		"{,1}",
		"{2,}",
		"{,}",
		"{2,1}",
		"{01}",
		"{ 1}",
		"{b}",
		"{1a}",
		"{1,a}",
		"{1",
		"{1,",
		"{,",
		"{",
		"}",
	};
	static const char *const contexts[][2] = { { "", "" },    { "b", "" },   { "", "b" },   { "(", ")" },
						   { "a|", "" },  { "(", ")?" }, { "", "*" },   { "(b", ")+" },
						   { "", "{2}" }, { "^", "$" },  { "6(", ")" }, { "", "|b" },
						   { "", "+?" },  { "(a", "" } };

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(pieces); i++) {
		for (size_t j = 0; j < ELEMENTSOF(contexts); j++) {
			char expression[64];

			snprintf(expression, sizeof(expression), "%s%s%s", contexts[j][0], pieces[i], contexts[j][1]);
			expect_as_libc(expression);
		}
	}
}

/* Up to five pieces in a row, without any of which the C library is known to take long. */
static void rows_of_pieces_as_in_libc(void **state)
{
	static const char *const pieces[] = { "a",   "b",   "6",  ".", "-",  "[ab]", "[^6-]", "(",    ")",
					      "|",   "*",   "+",  "?", "^",  "{2}",  "{,2}",  "{1,}", "(a|b)",
					      "\\w", "\\.", "a?", "$", "b+", "(6",   "[0-9]*" };
	uint32_t dice = 1;

	(void)state;
	for (unsigned n = 0; n < 5000; n++) {
		char expression[64] = "";

		for (unsigned i = 0; i <= n % 5; i++) {
			dice = dice * 1664525 + 1013904223;
			strcat(expression, pieces[(dice >> 16) % ELEMENTSOF(pieces)]);
		}
		expect_as_libc(expression);
	}
}

/* What makes the C library take all time or memory is answered. */
static void expensive_for_libc(void **state)
{
	static const struct {
		const char *head, *repeated;
		unsigned times;
		const char *tail;
		int answer;
	} table[] = {
		{ "(", "(()|)", 48, ")+x", 0 },
		{ "", "(((\\b(()|)(()|))+)+)+", 1, "x", 0 },
		{ "", "\\b", 120, "", 1 },
		{ "(", "\\b", 30, ")+", 1 },
		{ "6", "?+", 50, "", 1 },
		{ "", "(", 90, "6", -EINVAL },
		{ "(.*)*", "(.*)*", 100, "x", 0 },
		{ "", "(.?.?)*", 60, "x", 0 },
		{ "(((.?){9}){9}){4}", "x", 1, "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(table); i++) {
		char expression[1024];

		strcpy(expression, table[i].head);
		for (unsigned n = 0; n < table[i].times; n++)
			strcat(expression, table[i].repeated);
		strcat(expression, table[i].tail);
		assert_int_equal(expression_matches(expression, "6.12.0-amd64"), table[i].answer);
	}
}

static int matches_times(const char *piece, size_t times, const char *tail)
{
	struct buf expression = BUF_INIT;
	int r;

	for (size_t i = 0; i < times; i++)
		buf_adds(&expression, piece);
	buf_adds(&expression, tail);
	r = expression_matches(buf_str(&expression), "6.12.0-amd64");
	buf_done(&expression);
	return r;
}

static void bounds(void **state)
{
	(void)state;
	assert_int_equal(matches_times("a", EXPRESSION_STEPS_MAX, ""), 0);
	assert_int_equal(matches_times("a", EXPRESSION_STEPS_MAX + 1, ""), -E2BIG);
	assert_int_equal(matches_times("[6]", EXPRESSION_STEPS_MAX, ""), 0);
	assert_int_equal(matches_times("[6]", EXPRESSION_STEPS_MAX + 1, ""), -E2BIG);
	assert_int_equal(matches_times("\\w", EXPRESSION_STEPS_MAX + 1, ""), -E2BIG);
	assert_int_equal(matches_times("^", EXPRESSION_STEPS_MAX + 1, ""), -E2BIG);
	assert_int_equal(matches_times("|", EXPRESSION_STEPS_MAX, ""), -E2BIG);
	assert_int_equal(matches_times("[6]{0}", 3 * EXPRESSION_STEPS_MAX, "6"), 1);
	assert_int_equal(matches_times("", 0, "6{1000}"), 0);
	assert_int_equal(matches_times("", 0, "6{1001}"), -E2BIG);
	assert_int_equal(matches_times("", 0, "6{501,}"), 0);
	assert_int_equal(matches_times("", 0, "6{0,501}"), -E2BIG);
	assert_int_equal(matches_times("", 0, "(){32767}"), 1);
	assert_int_equal(matches_times("", 0, "(){0,32767}"), 1);
	assert_int_equal(matches_times("", 0, "(){32768}"), -E2BIG);
	assert_int_equal(matches_times("", 0, "6{99999999999999999999}"), -E2BIG);
	assert_int_equal(matches_times("", 0, "((6{255}){255}){255}"), -E2BIG);
	assert_int_equal(matches_times("(", EXPRESSION_DEPTH_MAX, ""), -EINVAL);
	assert_int_equal(matches_times("(", EXPRESSION_DEPTH_MAX + 1, ""), -E2BIG);
	assert_int_equal(matches_times("(6)", 2 * EXPRESSION_DEPTH_MAX, ""), 0);
	assert_int_equal(matches_times("", 0, "(6)\\1"), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_in_files),
		cmocka_unit_test(each_piece_as_in_libc),
		cmocka_unit_test(rows_of_pieces_as_in_libc),
		cmocka_unit_test(expensive_for_libc),
		cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
