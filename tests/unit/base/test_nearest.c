// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "base/nearest.h"

struct row {
	int value;
	const char *name;
};

static const struct row rows[] = { { 1, "enable" }, { 2, "disable" }, { 3, "list" } };

static void assert_tail(const char *written, const char *tail)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	assert_int_equal(nearest_among(written, strlen(written), NEAREST_NAMES(rows, ELEMENTSOF(rows), name), &text),
			 0);
	assert_string_equal(buf_str(&text), tail);
}

static void a_slip_is_answered_with_the_word_that_was_meant(void **state _unused_)
{
	assert_tail("enabel", " (did you mean 'enable'?)");
	assert_tail("DISABLE", " (did you mean 'disable'?)");
	assert_tail("lits", " (did you mean 'list'?)");
}

static void the_beginning_of_a_word_is_near(void **state _unused_)
{
	assert_tail("dis", " (did you mean 'disable'?)");
}

static void what_is_near_to_nothing_is_answered_with_all_words(void **state _unused_)
{
	assert_tail("", "; there are: enable, disable, list");
	assert_tail("xy", "; there are: enable, disable, list");
	assert_tail("0123456789012345678901234567890123456789012345678901234567890123456789",
		    "; there are: enable, disable, list");
}

static void without_a_near_word_there_is_no_hint(void **state _unused_)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct nearest search;

	nearest_start(&search, "nothing", 7);
	nearest_offer(&search, "list", 4);
	assert_int_equal(nearest_hint(&search, &text), 0);
	assert_string_equal(buf_str(&text), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slip_is_answered_with_the_word_that_was_meant),
		cmocka_unit_test(the_beginning_of_a_word_is_near),
		cmocka_unit_test(what_is_near_to_nothing_is_answered_with_all_words),
		cmocka_unit_test(without_a_near_word_there_is_no_hint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
