// SPDX-License-Identifier: MIT
#include "build.h"

static void last_message(void *data, const struct diag_msg *msg)
{
	buf_clear(data);
	buf_addf(data, "%s|%s", msg->code, msg->text);
}

static void opening(const void *p, size_t n, const char *want)
{
	struct buf got = BUF_INIT;
	struct diag diag = { last_message, &got, LOG_ERR };
	struct index_reader r;

	assert_int_equal(index_reader_open_span(span_of(p, n), "file", &diag, &r), -EINVAL);
	assert_string_equal(buf_str(&got), want);
	buf_done(&got);
}

static void foreign_files_are_named(void **state)
{
	(void)state;
	opening("\xb0\x07\xfa\x57\x00\x02\x00\x01\x00\x00\x00\x0c", 12,
		"index.magic|file: magic check fail: b007fa57 instead of b007f457");
	opening("\xb0\x07\xf4\x57\x00\x03\x00\x01\x00\x00\x00\x0c", 12,
		"index.version|file: major version check fail: 3 instead of 2");
	opening("\xb0\x07\xf4\x57", 4, "index.short|file: 4 bytes are too short for an index");
	opening("", 0, "");
}

static void minor_version_is_ignored(void **state)
{
	struct index_reader r;

	(void)state;
	assert_int_equal(
		index_reader_open_span(span_of("\xb0\x07\xf4\x57\x00\x02\x00\x09\x00\x00\x00\x0c", 12), "f", NULL, &r),
		0);
	assert_null(index_reader_get(&r, ""));
	assert_int_equal(index_reader_check(&r), 0);
}

static void missing_file(void **state)
{
	const struct root root = ROOT_REAL;
	struct index_reader r;

	(void)state;
	assert_int_equal(index_reader_open(&root, "/nonexistent/modules.dep.bin", NULL, &r), -ENOENT);
}

static void exact_lookup(void **state)
{
	struct buf b =
		BUILD({ "net", "1", 7 }, { "net", "0", 3 }, { "net_a", "2", 0 }, { "nex", "3", 0 }, { "", "e", 0 });
	struct index_reader r = build_open(&b);

	(void)state;
	assert_string_equal(index_reader_get(&r, "net"), "0");
	assert_string_equal(index_reader_get(&r, "net_a"), "2");
	assert_string_equal(index_reader_get(&r, "nex"), "3");
	assert_string_equal(index_reader_get(&r, ""), "e");
	assert_null(index_reader_get(&r, "ne"));
	assert_null(index_reader_get(&r, "net_"));
	assert_null(index_reader_get(&r, "net_ab"));
	assert_null(index_reader_get(&r, "\xff"));
	buf_done(&b);
}

static int count_until(void *data, const char *key, const char *value, uint32_t priority)
{
	unsigned *left = data;

	(void)key;
	(void)value;
	(void)priority;
	return --*left == 0 ? 42 : 0;
}

static void walk_ends_when_told(void **state)
{
	struct buf b = BUILD({ "a", "1", 0 }, { "b", "2", 0 }, { "c", "3", 0 });
	struct index_reader r = build_open(&b);
	unsigned left = 2;

	(void)state;
	assert_int_equal(index_reader_walk(&r, count_until, &left), 42);
	left = 9;
	assert_int_equal(index_reader_walk(&r, count_until, &left), 0);
	assert_int_equal(left, 6);
	buf_done(&b);
}

static const char post_order[] = "\xb0\x07\xf4\x57\x00\x02\x00\x01\xa0\x00\x00\x1d"
				 "\0\0\0\x01\0\0\0\0one\0" /* 0x0c: values */
				 "\0\0\0\x00"              /* 0x18: unused by the sound one */
				 "\0"                      /* padding up to 0x1d */
				 "ab\0cc\x40\x00\x00\x0c";

/* The root last and with a prefix: no file of kmod 34 looks so, but readers take it. */
static void other_layouts_are_read(void **state)
{
	struct index_reader r;

	(void)state;
	assert_int_equal(index_reader_open_span(span_of(post_order, sizeof(post_order) - 1), "f", NULL, &r), 0);
	assert_string_equal(index_reader_get(&r, "abc"), "one");
	/* ... but five bytes belong to nothing. */
	assert_int_equal(index_reader_check(&r), -EINVAL);
}

struct damage {
	const char *what, *body; /* behind magic and version */
	size_t n;
};

#define DAMAGE(what, body)                   \
	{                                    \
		what, body, sizeof(body) - 1 \
	}

static void damage_is_found_and_does_no_harm(void **state)
{
	static const struct damage cases[] = {
		DAMAGE("root is its own child", "\x20\0\0\x0c"
						"aa\x20\0\0\x0c"),
		DAMAGE("two edges, one node", "\x20\0\0\x0c"
					      "ab\x40\0\0\x16\x40\0\0\x16"
					      "\0\0\0\1\0\0\0\0v\0"),
		DAMAGE("child behind the end", "\x20\0\0\x0c"
					       "aa\x40\0\1\0"),
		DAMAGE("huge count of values", "\x40\0\0\x0c"
					       "\xff\xff\xff\xff\0\0\0\0v\0"),
		DAMAGE("value without end", "\x40\0\0\x0c"
					    "\0\0\0\1\0\0\0\0vvv"),
		DAMAGE("no value in spite of the flag", "\x40\0\0\x0c"
							"\0\0\0\0"),
		DAMAGE("prefix without end", "\x80\0\0\x0c"
					     "xyz"),
		DAMAGE("empty prefix", "\xc0\0\0\x0c"
				       "\0"
				       "\0\0\0\1\0\0\0\0v\0"),
		DAMAGE("table cut off", "\x20\0\0\x0c"
					"az\0\0\0\0"),
		DAMAGE("table backwards", "\x20\0\0\x0c"
					  "ba\0\0\0\0\0\0\0\0"),
		DAMAGE("eight-bit edge", "\x20\0\0\x0c"
					 "\x80\x80\x40\0\0\x12"
					 "\0\0\0\1\0\0\0\0v\0"),
		DAMAGE("edge NUL", "\x20\0\0\x0c"
				   "\0\0\x40\0\0\x12"
				   "\0\0\0\1\0\0\0\0v\0"),
		DAMAGE("first edge without child", "\x20\0\0\x0c"
						   "ab\0\0\0\0\x40\0\0\x16"
						   "\0\0\0\1\0\0\0\0v\0"),
		DAMAGE("eight-bit value", "\x40\0\0\x0c"
					  "\0\0\0\1\0\0\0\0\xc3\xa4\0"),
		DAMAGE("priorities fall", "\x40\0\0\x0c"
					  "\0\0\0\2\0\0\0\5v\0\0\0\0\4v\0"),
		DAMAGE("unknown flag", "\x50\0\0\x0c"
				       "\0\0\0\1\0\0\0\0v\0"),
		DAMAGE("bytes behind the last node", "\x40\0\0\x0c"
						     "\0\0\0\1\0\0\0\0v\0more"),
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		struct index_values values = { 0 };
		struct index_reader r;
		struct buf b = BUF_INIT;
		unsigned left = 1000;

		buf_add(&b, "\xb0\x07\xf4\x57\x00\x02\x00\x01", 8);
		buf_add(&b, cases[i].body, cases[i].n);
		r = build_open(&b);
		if (index_reader_check(&r) != -EINVAL)
			fail_msg("not found: %s", cases[i].what);
		index_reader_walk(&r, count_until, &left);
		index_reader_get(&r, "aaaaaaaa");
		index_reader_search(&r, "aaaa*?[b", &values);
		index_values_done(&values);
		buf_done(&b);
	}
}

static void loops_end_the_walk(void **state)
{
	static const char loop[] = "\xb0\x07\xf4\x57\x00\x02\x00\x01\x20\0\0\x0c"
				   "**\x20\0\0\x0c";
	struct index_values values = { 0 };
	struct index_reader r;
	unsigned left = 10;

	(void)state;
	assert_int_equal(index_reader_open_span(span_of(loop, sizeof(loop) - 1), "f", NULL, &r), 0);
	assert_int_equal(index_reader_walk(&r, count_until, &left), -EINVAL);
	assert_int_equal(index_reader_search(&r, "abc", &values), -EINVAL);
	index_values_done(&values);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_files_are_named),
		cmocka_unit_test(minor_version_is_ignored),
		cmocka_unit_test(missing_file),
		cmocka_unit_test(exact_lookup),
		cmocka_unit_test(walk_ends_when_told),
		cmocka_unit_test(other_layouts_are_read),
		cmocka_unit_test(damage_is_found_and_does_no_harm),
		cmocka_unit_test(loops_end_the_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
