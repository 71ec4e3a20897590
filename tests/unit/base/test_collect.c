// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "base/buf.h"
#include "base/collect.h"

static void keep(void *data, const struct diag_msg *m)
{
	buf_addf(data, "%d %s: %s\n", m->level, m->code, m->text);
}

static void messages_come_later_and_in_order(void **state _unused_)
{
	_cleanup_buf_ struct buf messages = BUF_INIT;
	struct diag diag = { keep, &messages, LOG_DEBUG };
	struct collect a, b;

	collect_init(&a, &diag);
	collect_init(&b, &diag);
	diag_err(&b.diag, "x.b", "third %d", 3);
	diag_err(&a.diag, "x.a", "first");
	diag_warn(&a.diag, "x.a", "second");
	assert_string_equal(buf_str(&messages), "");
	collect_flush(&a, &diag);
	collect_flush(&b, &diag);
	assert_string_equal(buf_str(&messages), "3 x.a: first\n4 x.a: second\n3 x.b: third 3\n");
	collect_flush(&a, &diag);
	assert_string_equal(buf_str(&messages), "3 x.a: first\n4 x.a: second\n3 x.b: third 3\n");
}

static void level_of_the_target_holds(void **state _unused_)
{
	_cleanup_buf_ struct buf messages = BUF_INIT;
	struct diag diag = { keep, &messages, LOG_ERR };
	struct collect c;

	collect_init(&c, &diag);
	assert_false(diag_warn(&c.diag, "x.a", "no"));
	collect_flush(&c, &diag);
	collect_init(&c, NULL);
	assert_false(diag_err(&c.diag, "x.a", "no"));
	collect_flush(&c, NULL);
	assert_string_equal(buf_str(&messages), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_come_later_and_in_order),
		cmocka_unit_test(level_of_the_target_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
