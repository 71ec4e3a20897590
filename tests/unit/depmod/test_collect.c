// SPDX-License-Identifier: MIT
#include "fixture.h"

#include "act/depmod/collect.h"

static void messages_come_later_and_in_order(void **state)
{
	struct fixture *f = *state;
	struct collect a, b;

	collect_init(&a, &f->diag);
	collect_init(&b, &f->diag);
	diag_err(&b.diag, "x.b", "third %d", 3);
	diag_err(&a.diag, "x.a", "first");
	diag_warn(&a.diag, "x.a", "second");
	assert_no_message(f);
	collect_flush(&a, &f->diag);
	collect_flush(&b, &f->diag);
	assert_string_equal(buf_str(&f->messages), "3 x.a: first\n4 x.a: second\n3 x.b: third 3\n");
	collect_flush(&a, &f->diag);
	assert_string_equal(buf_str(&f->messages), "3 x.a: first\n4 x.a: second\n3 x.b: third 3\n");
}

static void level_of_the_target_holds(void **state)
{
	struct fixture *f = *state;
	struct collect c;

	f->diag.max_level = LOG_ERR;
	collect_init(&c, &f->diag);
	assert_false(diag_warn(&c.diag, "x.a", "no"));
	collect_flush(&c, &f->diag);
	collect_init(&c, NULL);
	assert_false(diag_err(&c.diag, "x.a", "no"));
	collect_flush(&c, NULL);
	assert_no_message(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(messages_come_later_and_in_order),
		FIXTURE_TEST(level_of_the_target_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
