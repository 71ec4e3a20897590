// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <stdio.h>

#include "base/shellword.h"

static void assert_word(const char *word, const char *expected)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	assert_int_equal(shellword_add(&b, word), 0);
	assert_string_equal(buf_str(&b), expected);
}

static void plain_words_stay(void **state _unused_)
{
	assert_word("/etc/modprobe.d/a_b-1.conf", "/etc/modprobe.d/a_b-1.conf");
	assert_word("--set-version=6.1.0-56+deb12", "--set-version=6.1.0-56+deb12");
}

static void others_are_quoted(void **state _unused_)
{
	assert_word("", "''");
	assert_word("a b", "'a b'");
	assert_word("$(reboot)", "'$(reboot)'");
	assert_word("~root", "'~root'");
	assert_word("it's", "'it'\\''s'");
	assert_word("caf\xc3\xa9", "'caf\xc3\xa9'");
}

static void what_a_terminal_must_not_get_is_octal(void **state _unused_)
{
	assert_word("a\n'\\b", "$'a\\012\\'\\\\b'");
	assert_word("\x1b[2J", "$'\\033[2J'");
	assert_word("\xff"
		    "1",
		    "$'\\3771'");
}

/* Every byte comes back from a shell. */
static void a_shell_reads_the_same_bytes(void **state _unused_)
{
	_cleanup_buf_ struct buf line = BUF_INIT;
	char word[256], back[512];
	FILE *shell;
	size_t n;

	for (int i = 1; i < 256; i++)
		word[i - 1] = (char)i;
	word[255] = '\0';
	const char *const argv[] = { "printf", "%s", word, NULL };

	buf_adds(&line, "bash -c ");
	_cleanup_buf_ struct buf inner = BUF_INIT;
	assert_int_equal(shellword_join(&inner, argv), 0);
	assert_int_equal(shellword_add(&line, buf_str(&inner)), 0);
	shell = popen(buf_str(&line), "r");
	assert_non_null(shell);
	n = fread(back, 1, sizeof(back), shell);
	assert_int_equal(pclose(shell), 0);
	assert_int_equal(n, 255);
	assert_memory_equal(back, word, 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_words_stay),
		cmocka_unit_test(others_are_quoted),
		cmocka_unit_test(what_a_terminal_must_not_get_is_octal),
		cmocka_unit_test(a_shell_reads_the_same_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
