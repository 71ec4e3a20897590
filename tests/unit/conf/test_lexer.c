// SPDX-License-Identifier: MIT
#include "messages.h"

#include <errno.h>

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

/* kmod reads them as well: what denies something may stand at their end. */
static void large_files_are_read(void **state)
{
	struct fixture *f = *state;
	const char *paths[] = { "/d", NULL };
	_cleanup_dropin_ struct dropin files = { 0 };
	_cleanup_buf_ struct buf got = BUF_INIT, content = BUF_INIT;

	for (size_t i = 0; i < (17U << 20); i += 1024)
		buf_addf(&content, "#%*s\n", 1022, "");
	buf_adds(&content, "blacklist m\n");
	unit_puts(f->dir, "d/a.conf", buf_str(&content));
	assert_int_equal(dropin_collect(&f->root, paths, NULL, &files), 0);
	assert_int_equal(lexer_read_files(&f->root, &files, &f->diag, add_line, &got), 1);
	assert_string_equal(buf_str(&got), "/d/a.conf:17409:blacklist m|");
	assert_string_equal(buf_str(&f->messages), "");
}

static void unreadable_files_are_skipped_and_count(void **state)
{
	struct fixture *f = *state;
	const char *paths[] = { "/d", NULL };
	_cleanup_dropin_ struct dropin files = { 0 };
	_cleanup_buf_ struct buf got = BUF_INIT;
	char path[4096];

	unit_puts(f->dir, "d/b.conf", "");
	unit_puts(f->dir, "d/c.conf", "there");
	snprintf(path, sizeof(path), "%s/d/b.conf", f->dir);
	assert_int_equal(truncate(path, 2LL << 30), 0);
	assert_int_equal(dropin_collect(&f->root, paths, NULL, &files), 0);
	assert_int_equal(lexer_read_files(&f->root, &files, &f->diag, add_line, &got), 0);
	assert_string_equal(buf_str(&got), "/d/c.conf:1:there|");
	assert_string_equal(buf_str(&f->messages), "/d/b.conf: ignored: File too large\n");
}

static void an_unreadable_directory_counts(void **state)
{
	struct fixture *f = *state;
	const char *paths[] = { "/d", NULL };
	_cleanup_dropin_ struct dropin files = { 0 };
	_cleanup_buf_ struct buf got = BUF_INIT;

	unit_puts(f->dir, "d/a.conf", "there");
	assert_int_equal(dropin_collect(&f->root, paths, NULL, &files), 0);
	files.error = -EACCES; /* root reads every directory */
	assert_int_equal(lexer_read_files(&f->root, &files, &f->diag, add_line, &got), 0);
	assert_string_equal(buf_str(&got), "/d/a.conf:1:there|");
}

static void vanished_files_do_not_count(void **state)
{
	struct fixture *f = *state;
	const char *paths[] = { "/d", NULL };
	_cleanup_dropin_ struct dropin files = { 0 };
	_cleanup_buf_ struct buf got = BUF_INIT;
	char path[4096];

	unit_puts(f->dir, "d/a.conf", "gone");
	assert_int_equal(dropin_collect(&f->root, paths, NULL, &files), 0);
	snprintf(path, sizeof(path), "%s/d/a.conf", f->dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(lexer_read_files(&f->root, &files, &f->diag, add_line, &got), 1);
	assert_string_equal(buf_str(&got), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(continuation_and_backslashes),
		cmocka_unit_test(comments_and_empty_lines),
		cmocka_unit_test(words_and_rest),
		FIXTURE_TEST(files_in_order),
		FIXTURE_TEST(large_files_are_read),
		FIXTURE_TEST(unreadable_files_are_skipped_and_count),
		FIXTURE_TEST(an_unreadable_directory_counts),
		FIXTURE_TEST(vanished_files_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
