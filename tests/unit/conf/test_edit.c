// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "read/conf/edit.h"
#include "read/conf/lexer.h"

static void expect(const char *old, const struct edit_change *changes, size_t n, const char *want)
{
	_cleanup_buf_ struct buf got = BUF_INIT;

	assert_int_equal(edit_options(span_of_str(old), "snd_hda", changes, n, &got), 0);
	assert_string_equal(buf_str(&got), want);
}

static void new_line_behind_everything(void **state)
{
	const struct edit_change c[] = { { "a", "1", false }, { "b", "x y", false }, { "c", "", true } };

	(void)state;
	expect("", c, 3, "options snd_hda a=1 b=\"x y\" c\n");
	expect("# note", c, 1, "# note\noptions snd_hda a=1\n");
	expect("options other a=2\n", c, 1, "options other a=2\noptions snd_hda a=1\n");
}

static void value_replaced_in_its_place(void **state)
{
	const struct edit_change c = { "power-save", "0", false };

	(void)state;
	expect("options snd-hda a=\"p q\" power_save=1 b\n", &c, 1, "options snd_hda a=\"p q\" power-save=0 b\n");
}

static void other_lines_stay_to_the_byte(void **state)
{
	const struct edit_change c = { "a", "3", false };

	(void)state;
	expect("#x\n\n  options  snd_hda\ta=1\nblacklist z\\\n q\noptions snd_hda b=2", &c, 1,
	       "#x\n\nblacklist z\\\n q\noptions snd_hda b=2 a=3");
	expect("  options  snd_hda\tb=1\n#options snd_hda a=1\noptions snd_hda a=2\n", &c, 1,
	       "  options  snd_hda\tb=1\n#options snd_hda a=1\noptions snd_hda a=3\n");
}

static void unset_removes_empty_lines(void **state)
{
	const struct edit_change c = { "a", NULL, false };

	(void)state;
	expect("x\noptions snd_hda a=1\ny\n", &c, 1, "x\ny\n");
	expect("options snd_hda a=1 ab=2\n", &c, 1, "options snd_hda ab=2\n");
	expect("options  snd_hda  b=1\n", &c, 1, "options  snd_hda  b=1\n");
	expect("", &c, 1, "");
}

static void continued_line_is_one_line(void **state)
{
	const struct edit_change c = { "b", "9", false };

	(void)state;
	expect("options snd_hda a=1 \\\n b=2\nz\n", &c, 1, "options snd_hda a=1 b=9\nz\n");
	/* In a word without an end the newline of the continuation is not that of the line. */
	expect("options snd_hda b=1 \" \\\n\\", &c, 1, "options snd_hda b=9 \" \\\n");
	expect("options snd_hda b=9 \" \\\n", &c, 1, "options snd_hda b=9 \" \\\n");
}

static void nothing_is_put_behind_open_quotes(void **state)
{
	const struct edit_change c = { "b", "2", false };

	(void)state;
	expect("options snd_hda a=1 c=\"x y\n", &c, 1, "options snd_hda a=1 b=2 c=\"x y\n");
}

/* What the reader and the kernel take for a quote or a blank is one, with a backslash before it or not. */
static void words_end_where_the_kernel_ends_them(void **state)
{
	const struct edit_change set = { "b", "2", false }, gone = { "b", NULL, false };

	(void)state;
	expect("options snd_hda a=\\\"x b=1\n", &set, 1, "options snd_hda b=2 a=\\\"x b=1\n");
	expect("options snd_hda a=\\\"x b=1\\\" b=1\n", &gone, 1, "options snd_hda a=\\\"x b=1\\\"\n");
	expect("options snd_hda a=1\\ b=1\\\tc\n", &gone, 1, "options snd_hda a=1 c\n");
	expect("options snd_hda a=1\vb=1\rc\n", &gone, 1, "options snd_hda a=1 c\n");
	expect("options snd_hda \"b=1 x\" c\n", &gone, 1, "options snd_hda c\n");
	expect("options\\ snd_hda b=1 c\n", &gone, 1, "options snd_hda c\n");
	expect("options\vsnd_hda b=1\n", &gone, 1, "options\vsnd_hda b=1\n");
	expect("options \"x snd_hda\" b=1\n", &gone, 1, "options \"x snd_hda\" b=1\n");
}

static void unwritable_values_are_refused(void **state)
{
	const struct edit_change bad[] = {
		{ "a", "x\ny", false }, { "a", "q\"q", false }, { "a b", "1", false }, { "", "1", false }
	};
	_cleanup_buf_ struct buf got = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		assert_int_equal(edit_options(span_of_str(""), "m", &bad[i], 1, &got), -EINVAL);
	assert_int_equal(got.n, 0);
}

static void backslash_survives_the_reader(void **state)
{
	const struct edit_change c = { "path", "a\\b", false };
	_cleanup_buf_ struct buf got = BUF_INIT;
	_cleanup_lexer_ struct lexer l;
	char *line;

	(void)state;
	assert_int_equal(edit_options(span_of_str(""), "m", &c, 1, &got), 0);
	assert_string_equal(buf_str(&got), "options m path=a\\\\b\n");
	lexer_init(&l, buf_span(&got));
	assert_int_equal(lexer_next(&l, &line), 1);
	assert_string_equal(line, "options m path=a\\b");
}

static void words_name_their_parameter(void **state _unused_)
{
	assert_true(edit_word_is("a-b=1", "a_b"));
	assert_true(edit_word_is("a_b", "a-b"));
	assert_true(edit_word_is("\"a_b=1\"", "a-b"));
	assert_false(edit_word_is("a-bc=1", "a_b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_line_behind_everything),
		cmocka_unit_test(value_replaced_in_its_place),
		cmocka_unit_test(other_lines_stay_to_the_byte),
		cmocka_unit_test(unset_removes_empty_lines),
		cmocka_unit_test(continued_line_is_one_line),
		cmocka_unit_test(nothing_is_put_behind_open_quotes),
		cmocka_unit_test(words_end_where_the_kernel_ends_them),
		cmocka_unit_test(unwritable_values_are_refused),
		cmocka_unit_test(backslash_survives_the_reader),
		cmocka_unit_test(words_name_their_parameter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
