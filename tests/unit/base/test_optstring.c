// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "base/optstring.h"

/* argv: NULL-terminated */
static void check(const char *want, const char *const *argv)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	char *copy[8] = { 0 };
	int n = 0;

	for (; argv[n]; n++)
		copy[n] = strdup(argv[n]);
	assert_int_equal(optstring_join(n, copy, &b), 0);
	assert_string_equal(buf_str(&b), want);
	while (n > 0)
		free(copy[--n]);
}

#define CHECK(want, ...) check(want, (const char *const[]){ __VA_ARGS__, NULL })

static void nothing_is_the_empty_string(void **state _unused_)
{
	check("", (const char *const[]){ NULL });
}

static void joined_with_single_blanks(void **state _unused_)
{
	CHECK("a=1 bare b=2,3", "a=1", "bare", "b=2,3");
}

static void values_with_blanks_get_quotes(void **state _unused_)
{
	CHECK("a=\"x y\"", "a=x y");
	CHECK("a=\"b=c d\"", "a=b=c d");
}

static void quoted_values_stay(void **state _unused_)
{
	CHECK("a=\"x y\" b='x y'", "a=\"x y\"", "b='x y'");
}

static void words_without_value_stay(void **state _unused_)
{
	CHECK("x y", "x y");
	CHECK("x y=1", "x y=1");
}

static void empty_words_add_a_blank_unless_first(void **state _unused_)
{
	CHECK("a=1", "", "a=1");
	CHECK("a=1 ", "a=1", "");
}

struct expectation {
	const char *text;
	const char *items; /* key=[value] or key */
};

static void options_are_split_as_the_kernel_does(void **state _unused_)
{
	static const struct expectation table[] = {
		{ "", "" },
		{ "  ", "" },
		{ "a", "a " },
		{ "a=1 b=2,3  c", "a=[1] b=[2,3] c " },
		{ "s=\"x y\" t=1", "s=[x y] t=[1] " },
		{ "\"s=x y\" t", "s=[x y] t " },
		{ "s=x\" y\"z t", "s=[x\" y\"z] t " },
		{ "s=\"open", "s=[open] " },
		{ "s=", "s=[] " },
		{ "s=\"", "s=[] " },
		{ "a=b=c", "a=[b=c] " },
		{ "\"", " " },
		{ "a\vb\fc\rd", "a b c d " },
	};

	for (size_t i = 0; i < ELEMENTSOF(table); i++) {
		_cleanup_buf_ struct buf text = BUF_INIT;
		struct span rest = span_of_str(table[i].text);
		struct option o;

		while (option_next(&rest, &o)) {
			buf_add(&text, o.key, o.key_len);
			if (o.value)
				buf_addf(&text, "=[%.*s]", (int)o.value_len, o.value);
			buf_addc(&text, ' ');
		}
		assert_string_equal(buf_str(&text), table[i].items);
	}
}

static void dash_and_underscore_are_the_same_in_names(void **state _unused_)
{
	struct span text = span_of_str("a-b=1");
	struct option o;

	assert_true(option_next(&text, &o));
	assert_true(option_is(&o, "a_b"));
	assert_false(option_is(&o, "a_bc"));
	assert_true(span_eq(o.word, span_of_str("a-b=1")));
}

static void what_is_put_is_read_back(void **state _unused_)
{
	static const char *const values[] = { "1", "", "x y", "x\ty", "a=b", "x\vy" };

	for (size_t i = 0; i < ELEMENTSOF(values); i++) {
		_cleanup_buf_ struct buf b = BUF_INIT;
		struct span text;
		struct option o;

		assert_int_equal(option_put(&b, "name", values[i]), 0);
		text = buf_span(&b);
		assert_true(option_next(&text, &o));
		assert_true(span_eq(span_of(o.value, o.value_len), span_of_str(values[i])));
		assert_false(option_next(&text, &o));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_split_as_the_kernel_does),
		cmocka_unit_test(dash_and_underscore_are_the_same_in_names),
		cmocka_unit_test(what_is_put_is_read_back),
		cmocka_unit_test(nothing_is_the_empty_string),
		cmocka_unit_test(joined_with_single_blanks),
		cmocka_unit_test(values_with_blanks_get_quotes),
		cmocka_unit_test(quoted_values_stay),
		cmocka_unit_test(words_without_value_stay),
		cmocka_unit_test(empty_words_add_a_blank_unless_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
