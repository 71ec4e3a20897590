// SPDX-License-Identifier: MIT
#include "image_test.h"

#include <errno.h>

#include "read/image/facts.h"

#define SPAN(literal) span_of(literal, sizeof(literal) - 1)

static void assert_item(const struct modinfo *m, size_t i, const char *key, const char *value)
{
	assert_true(i < m->n);
	assert_int_equal(m->items[i].key_len, strlen(key));
	assert_memory_equal(m->items[i].key, key, strlen(key));
	assert_string_equal(m->items[i].value, value);
}

static void splits_at_the_first_equals(void **state)
{
	struct modinfo m;

	(void)state;
	assert_int_equal(modinfo_parse(SPAN("\0\0a=b=c\0\0novalue\0=x\0"), &m), 0);
	assert_int_equal(m.n, 3);
	assert_item(&m, 0, "a", "b=c");
	assert_item(&m, 1, "novalue", "");
	assert_item(&m, 2, "", "x");
	modinfo_done(&m);
}

static void leaves_an_unterminated_string_out(void **state)
{
	struct modinfo m;

	(void)state;
	assert_int_equal(modinfo_parse(SPAN("a=1\0b=2"), &m), 0);
	assert_int_equal(m.n, 1);
	modinfo_done(&m);
}

static void get_gives_the_first_of_a_key(void **state)
{
	struct modinfo m;

	(void)state;
	assert_int_equal(modinfo_parse(SPAN("alias=1\0ali=0\0alias=2\0"), &m), 0);
	assert_string_equal(modinfo_get(&m, "alias"), "1");
	assert_string_equal(modinfo_get(&m, "ali"), "0");
	assert_null(modinfo_get(&m, "aliases"));
	modinfo_done(&m);
}

static void reads_the_section(void **state)
{
	struct image_test t;
	struct modinfo m;

	(void)state;
	image_test_open(&t, "info license=GPL\ninfo author=x y");
	assert_int_equal(modinfo_read(&t.elf, &m), 0);
	assert_item(&m, 1, "author", "x y");
	modinfo_done(&m);
	image_test_done(&t);
	image_test_open(&t, "need x");
	assert_int_equal(modinfo_read(&t.elf, &m), -ENODATA);
	image_test_done(&t);
}

static bool is_gpl(struct span strings)
{
	struct modinfo m;
	bool gpl;

	assert_int_equal(modinfo_parse(strings, &m), 0);
	gpl = modinfo_is_gpl(&m);
	modinfo_done(&m);
	return gpl;
}

static void licenses_by_their_exact_words(void **state)
{
	(void)state;
	assert_true(is_gpl(SPAN("license=GPL\0")));
	assert_true(is_gpl(SPAN("name=x\0license=Dual MPL/GPL\0")));
	assert_false(is_gpl(SPAN("license=GPL v3\0")));
	assert_false(is_gpl(SPAN("license=Proprietary\0")));
	assert_false(is_gpl(SPAN("name=x\0")));
}

static void builtin_is_one_run_by_module_name(void **state)
{
	static const char text[] = "a.x=0\0snd_seq.license=GPL\0snd_seq.parm=p.q:r\0snd_seq_x.y=1\0snd_seq.late=1\0";
	struct modinfo m;

	(void)state;
	assert_int_equal(modinfo_parse_builtin(SPAN(text), "snd-seq", &m), 0);
	assert_int_equal(m.n, 2);
	assert_item(&m, 0, "license", "GPL");
	assert_item(&m, 1, "parm", "p.q:r");
	modinfo_done(&m);
	assert_int_equal(modinfo_parse_builtin(SPAN(text), "snd", &m), 0);
	assert_int_equal(m.n, 0);
	modinfo_done(&m);
}

static void builtin_string_without_dot_is_refused(void **state)
{
	struct modinfo m;

	(void)state;
	assert_int_equal(modinfo_parse_builtin(SPAN("a.x=0\0junk\0b.y=1\0"), "b", &m), -EINVAL);
	assert_int_equal(modinfo_parse_builtin(SPAN("\0\0\0"), "b", &m), -EINVAL);
	assert_int_equal(modinfo_parse_builtin(span_of("b.x=0", 5), "b", &m), -EINVAL);
	assert_int_equal(modinfo_parse_builtin(span_of("b", 1), "b", &m), -EINVAL);
	assert_int_equal(modinfo_parse_builtin(span_of("b.x=0\0b", 7), "b", &m), -EINVAL);
	assert_int_equal(modinfo_parse_builtin(span_of("b.x=0\0c.", 8), "c", &m), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_at_the_first_equals),
		cmocka_unit_test(leaves_an_unterminated_string_out),
		cmocka_unit_test(get_gives_the_first_of_a_key),
		cmocka_unit_test(reads_the_section),
		cmocka_unit_test(licenses_by_their_exact_words),
		cmocka_unit_test(builtin_is_one_run_by_module_name),
		cmocka_unit_test(builtin_string_without_dot_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
