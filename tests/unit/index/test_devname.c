// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "read/index/devname.h"

static void keep_last(void *data, const char *line)
{
	snprintf(data, 64, "%s", line);
}

static struct devname parse(const char *text, char last[static 64])
{
	struct devname d;

	last[0] = '\0';
	assert_int_equal(devname_parse(span_of_str(text), keep_last, last, &d), 0);
	return d;
}

static void fields(void **state _unused_)
{
	char bad[64];
	_cleanup_(devname_done) struct devname d = parse("# comment\nloop loop-control c10:237\nx a/b b259:1\n", bad);

	assert_int_equal(d.n, 2);
	assert_int_equal(d.bad, 0);
	assert_string_equal(d.items[0].module, "loop");
	assert_string_equal(d.items[0].device, "loop-control");
	assert_int_equal(d.items[0].type, 'c');
	assert_int_equal(d.items[0].major, 10);
	assert_int_equal(d.items[0].minor, 237);
	assert_int_equal(d.items[1].type, 'b');
}

static void last_line_without_newline_counts(void **state _unused_)
{
	char bad[64];
	_cleanup_(devname_done) struct devname d = parse("a b c1:2", bad);

	assert_int_equal(d.n, 1);
}

static void bad_lines_are_handed_out_whole(void **state _unused_)
{
	static const char *const lines[] = {
		"a b",           "a",
		"a b x1:2",      "a b c1",
		"a b c:2",       "a b c1:",
		"a b c-1:2",     "a b c1:2 more",
		"a ../b c1:2",   "a /b c1:2",
		"a b/../c c1:2", "a b//c c1:2",
		"a b/ c1:2",     "a b c4294967296:0",
		"a b\x1b c1:2",  "a\r b c1:2",
		"a b\x7f c1:2",  "a b\\x2e\\x2e c1:2",
		"a ./c c1:2",    "a b/. c1:2",
		"a %h c1:2",     "a b\"c c1:2",
	};

	for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
		char bad[64];
		_cleanup_(devname_done) struct devname d = parse(lines[i], bad);

		assert_int_equal(d.n, 0);
		assert_int_equal(d.bad, 1);
		assert_string_equal(bad, lines[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(last_line_without_newline_counts),
		cmocka_unit_test(bad_lines_are_handed_out_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
