// SPDX-License-Identifier: MIT
/* The picture of a boot: what stands where, and that no text becomes markup. */
#include "../unit.h"

#include <errno.h>

#include "face/kmodctl/markup.h"
#include "face/kmodctl/waterfall_svg.h"

static void assert_markup(const char *text, size_t characters, const char *want)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	assert_true(markup_cut(&b, text, characters) >= 0);
	assert_string_equal(buf_str(&b), want);
}

/* ---- texts ---- */

static void markup_in_a_text_is_escaped(void **state)
{
	(void)state;
	assert_markup("<a href='x'>\"&\"</a>", 100, "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;");
	assert_markup("]]>-->", 100, "]]&gt;--&gt;");
}

static void what_xml_does_not_allow_is_escaped(void **state)
{
	(void)state;
	assert_markup("\x1b[1m\xff\n", 100, "\\x1b[1m\\xff\\x0a");
	assert_markup("\xef\xbf\xbe\xef\xbf\xbf", 100, "\\u{fffe}\\u{ffff}");
	assert_markup("\xe2\x80\xae", 100, "\\u{202e}");
}

static void a_long_text_is_cut_between_characters(void **state)
{
	(void)state;
	assert_markup("abcdef", 6, "abcdef");
	assert_markup("abcdefg", 6, "abcde\xe2\x80\xa6");
	assert_markup("\xc3\xa4\xc3\xb6\xc3\xbc", 2, "\xc3\xa4\xe2\x80\xa6");
	assert_markup("<<<<", 3, "&lt;&lt;\xe2\x80\xa6");
	assert_markup("", 3, "");
}

/* ---- places ---- */

static struct waterfall_row row(const char *name, uint64_t start, uint64_t end)
{
	return (struct waterfall_row){
		.name = name,
		.loaded = true,
		.marks = { { .kind = WATERFALL_LOAD, .start = start, .end = end, .ended = true } },
		.n = 1,
		.start = start,
		.end = end,
	};
}

static void the_axis_spans_the_boot(void **state)
{
	struct waterfall_row rows[] = { row("a", 1000000, 1500000), row("b", 1200000, 2000000) };
	const struct waterfall w = { .rows = rows, .n = 2 };
	struct waterfall_axis a = waterfall_axis(&w);

	(void)state;
	assert_int_equal(a.start, 1000000);
	assert_int_equal(a.end, 2000000);
	assert_int_equal(a.step, 200000);
	assert_true(waterfall_x(&a, 1000000) == WATERFALL_LEFT);
	assert_true(waterfall_x(&a, 1500000) == (WATERFALL_LEFT + WATERFALL_RIGHT) / 2);
	assert_true(waterfall_x(&a, 2000000) == WATERFALL_RIGHT);
}

static void what_is_later_does_not_stretch_it(void **state)
{
	struct waterfall_row rows[] = { row("a", 1000000, 2000000), row("late", 86400000000, 86400500000) };
	const struct waterfall w = { .rows = rows, .n = 2 };
	struct waterfall_axis a = waterfall_axis(&w);
	_cleanup_buf_ struct buf svg = BUF_INIT;

	(void)state;
	assert_int_equal(a.end, 2000000);
	assert_true(waterfall_x(&a, 86400000000) == WATERFALL_RIGHT);
	waterfall_svg(&w, true, &svg);
	assert_int_equal(buf_error(&svg), 0);
	assert_non_null(strstr(buf_str(&svg), ">at 86400 s<"));
}

static void any_times_have_an_axis(void **state)
{
	static const uint64_t ends[][2] = { { 0, 0 },          { 5, 5 },
					    { 0, 1 },          { UINT64_MAX, UINT64_MAX },
					    { 0, UINT64_MAX }, { UINT64_MAX - 1, UINT64_MAX } };

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(ends); i++) {
		struct waterfall_row rows[] = { row("a", ends[i][0], ends[i][1]) };
		const struct waterfall w = { .rows = rows, .n = 1 };
		struct waterfall_axis a = waterfall_axis(&w);
		_cleanup_buf_ struct buf svg = BUF_INIT;

		assert_true(a.end > a.start);
		assert_true((a.end - a.start) / a.step < 10);
		waterfall_svg(&w, false, &svg);
		assert_true(svg.n < 16384);
	}
}

/* ---- the picture ---- */

static void nothing_that_is_not_known_is_said(void **state)
{
	struct waterfall_row rows[] = { row("a", 1, 2) };
	const struct waterfall w = { .rows = rows, .n = 1, .live_error = -EACCES };
	_cleanup_buf_ struct buf svg = BUF_INIT;

	(void)state;
	rows[0].loaded = false;
	waterfall_svg(&w, false, &svg);
	assert_null(strstr(buf_str(&svg), "not loaded now"));
	assert_null(strstr(buf_str(&svg), "time unknown"));
	assert_non_null(strstr(buf_str(&svg), "The loaded modules could not be read: Permission denied"));
}

static void the_size_of_the_picture_is_bounded(void **state)
{
	static struct waterfall_row rows[WATERFALL_ROWS_MAX];
	struct waterfall w = { .rows = rows, .n = WATERFALL_ROWS_MAX, .left_out = 7 };
	_cleanup_buf_ struct buf svg = BUF_INIT;
	char name[256];

	(void)state;
	memset(name, '&', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (size_t i = 0; i < WATERFALL_ROWS_MAX; i++) {
		rows[i] = row(name, i, i + 1);
		for (size_t k = 0; k < WATERFALL_MARKS_MAX; k++) {
			rows[i].marks[k] = rows[i].marks[0];
			rows[i].marks[k].by = name;
		}
		rows[i].n = WATERFALL_MARKS_MAX;
	}
	waterfall_svg(&w, true, &svg);
	assert_int_equal(buf_error(&svg), 0);
	assert_true(svg.n < 3u * 1024 * 1024);
	assert_non_null(strstr(buf_str(&svg), "7 more modules have times and are not drawn"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(markup_in_a_text_is_escaped),
		cmocka_unit_test(what_xml_does_not_allow_is_escaped),
		cmocka_unit_test(a_long_text_is_cut_between_characters),
		cmocka_unit_test(the_axis_spans_the_boot),
		cmocka_unit_test(what_is_later_does_not_stretch_it),
		cmocka_unit_test(any_times_have_an_axis),
		cmocka_unit_test(nothing_that_is_not_known_is_said),
		cmocka_unit_test(the_size_of_the_picture_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
