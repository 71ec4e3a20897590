// SPDX-License-Identifier: MIT
#include "messages.h"

#include "read/conf/lexer.h"

/* Logical lines as LINE:TEXT| */
static void expect_lines(const void *content, size_t n, const char *want)
{
	_cleanup_lexer_ struct lexer l;
	_cleanup_buf_ struct buf got = BUF_INIT;
	char *line;
	int r;

	lexer_init(&l, span_of(content, n));
	while ((r = lexer_next(&l, &line)) > 0)
		buf_addf(&got, "%u:%s|", l.line, line);
	assert_int_equal(r, 0);
	assert_string_equal(buf_str(&got), want);
}

#define EXPECT(content, want) expect_lines(content, sizeof(content) - 1, want)

static void continuation_and_backslashes(void **state)
{
	(void)state;
	EXPECT("a\\\n  b\nc", "2:a  b|3:c|");
	EXPECT("o a=\\\"x\\\"\\\\\n", "1:o a=\"x\"\\|");
	EXPECT("a\\", "1:a|");
	EXPECT("a\r\n", "1:a\r|");
}

static void comments_and_empty_lines(void **state)
{
	(void)state;
	EXPECT("\n\n#x\na\n", "4:a|");
	EXPECT("#x\\\nhidden\nb\n", "3:b|");
	EXPECT("  # no comment\n", "1:  # no comment|");
	EXPECT("\\# a comment\n", "");
	EXPECT("", "");
}

static void words_and_rest(void **state)
{
	char line[] = " \toptions\tm   a\t b ", short_line[] = "x", *at = line;

	(void)state;
	assert_string_equal(lexer_word(&at), "options");
	assert_string_equal(lexer_word(&at), "m");
	assert_string_equal(lexer_rest(&at), "  a\t b ");
	assert_null(lexer_rest(&at));
	assert_null(lexer_word(&at));
	at = short_line;
	assert_string_equal(lexer_word(&at), "x");
	assert_null(lexer_word(&at));
}

static int add_line(void *data, const struct lexer_place *place, char *line)
{
	struct buf *got = data;

	if (strcmp(line, "stop") == 0)
		return -ENOMEM;
	return buf_addf(got, "%s:%u:%s|", place->file, place->line, line);
}

static void files_in_order(void **state)
{
	struct fixture *f = *state;
	const char *paths[] = { "/d", NULL };
	_cleanup_dropin_ struct dropin files = { 0 };
	_cleanup_buf_ struct buf got = BUF_INIT;

	unit_puts(f->dir, "d/b.conf", "two\n");
	unit_puts(f->dir, "d/a.conf", "\none");
	unit_puts(f->dir, "d/c.conf", "stop\nthree\n");
	assert_int_equal(dropin_collect(&f->root, paths, NULL, &files), 0);
	assert_int_equal(lexer_read_files(&f->root, &files, &f->diag, add_line, &got), -ENOMEM);
	assert_string_equal(buf_str(&got), "/d/a.conf:2:one|/d/b.conf:1:two|");
}

static void unreadable_and_vanished_files_are_skipped(void **state)
{
	struct fixture *f = *state;
	const char *paths[] = { "/d", NULL };
	_cleanup_dropin_ struct dropin files = { 0 };
	_cleanup_buf_ struct buf got = BUF_INIT;
	char path[4096];

	unit_puts(f->dir, "d/a.conf", "gone");
	unit_puts(f->dir, "d/b.conf", "");
	unit_puts(f->dir, "d/c.conf", "there");
	snprintf(path, sizeof(path), "%s/d/b.conf", f->dir);
	assert_int_equal(truncate(path, 64 << 20), 0);
	assert_int_equal(dropin_collect(&f->root, paths, NULL, &files), 0);
	snprintf(path, sizeof(path), "%s/d/a.conf", f->dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(lexer_read_files(&f->root, &files, &f->diag, add_line, &got), 0);
	assert_string_equal(buf_str(&got), "/d/c.conf:1:there|");
	assert_string_equal(buf_str(&f->messages), "/d/b.conf: ignored: File too large\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(continuation_and_backslashes),
		cmocka_unit_test(comments_and_empty_lines),
		cmocka_unit_test(words_and_rest),
		FIXTURE_TEST(files_in_order),
		FIXTURE_TEST(unreadable_and_vanished_files_are_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
