// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <stdarg.h>

#include "base/diag.h"
#include "base/printable.h"

static void assert_printed(const char *text, size_t n, const char *expected)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	assert_int_equal(printable_add(&b, text, n), 0);
	assert_string_equal(buf_str(&b), expected);
}

static void controls_are_escaped(void **state _unused_)
{
	assert_printed("", 0, "");
	assert_printed("a\x1b[2J\nb\t\x7f", 9, "a\\x1b[2J\\x0ab\\x09\\x7f");
	assert_printed("\0", 1, "\\x00");
	assert_printed("\xc2\x80\xc2\x9f", 4, "\\u{80}\\u{9f}");
	assert_printed("\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa6\xe2\x81\xa9", 12, "\\u{2028}\\u{202e}\\u{2066}\\u{2069}");
	assert_printed("\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f", 8, "\\u{61c}\\u{200e}\\u{200f}");
}

static void text_stays(void **state _unused_)
{
	static const char text[] =
		"/a b~\\x \xc2\xa0\xc3\xa9 \xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa \xf0\x9f\x90\xa7";

	assert_printed(text, sizeof(text) - 1, text);
}

/* Cut, overlong, a surrogate, beyond U+10FFFF, a lone continuation. */
static void what_is_not_utf8_is_escaped(void **state _unused_)
{
	assert_printed("\xc3", 1, "\\xc3");
	assert_printed("\xc0\x8a", 2, "\\xc0\\x8a");
	assert_printed("\xed\xa0\x80", 3, "\\xed\\xa0\\x80");
	assert_printed("\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80");
	assert_printed("\x9b"
		       "1m",
		       3, "\\x9b1m");
}

static void _printf_(2, 3) assert_formatted(const char *expected, const char *fmt, ...)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	assert_int_equal(printable_vaddf(&b, fmt, ap), 0);
	va_end(ap);
	assert_string_equal(buf_str(&b), expected);
}

static void only_the_format_breaks_lines(void **state _unused_)
{
	assert_formatted("plain", "plain");
	assert_formatted("\n", "\n");
	assert_formatted("1\\x0a2\n\tx\\x0ay: 7\n", "%s\n\t%s: %d\n", "1\n2", "x\ny", 7);
	assert_formatted("a\n\\x0a\n", "a\n%s\n", "\n");
	assert_formatted("   \\x1b|ab", "%4s|%.*s", "\x1b", 2, "abc");
}

static void keep_text(void *data, const struct diag_msg *m)
{
	buf_adds(data, m->text);
}

static void messages_are_printable(void **state _unused_)
{
	_cleanup_buf_ struct buf said = BUF_INIT;
	struct diag diag = { keep_text, &said, LOG_DEBUG };

	diag_err(&diag, "x.a", "one:\n%s", "tool: ERROR: two\x1b[0m\ntool: ERROR: three");
	assert_string_equal(buf_str(&said), "one:\ntool: ERROR: two\\x1b[0m\\x0atool: ERROR: three");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(controls_are_escaped),        cmocka_unit_test(text_stays),
		cmocka_unit_test(what_is_not_utf8_is_escaped), cmocka_unit_test(only_the_format_breaks_lines),
		cmocka_unit_test(messages_are_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
