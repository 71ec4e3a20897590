// SPDX-License-Identifier: MIT
#include "fixture.h"

#include <errno.h>

#include "act/depmod/order.h"

/* Modules in the order in which they are given, sorted; "name name ..." */
static void assert_order(struct fixture *f, const char *const *paths, const char *want)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_buf_ struct buf names = BUF_INIT;
	struct scan s = { .root = f->root, .dir = MODULES, .diag = &f->diag, .arena = &arena };
	struct input inputs[INPUTS] = { 0 };

	for (; *paths; paths++) {
		fixture_text(f, *paths, "");
		assert_int_equal(scan_file(&s, arena_strf(&arena, "%s/%s", MODULES, *paths)), 0);
	}
	inputs_read(&f->root, MODULES, inputs);
	assert_int_equal(order_sort(&s, &inputs[INPUT_ORDER]), 0);
	for (size_t i = 0; i < s.n; i++)
		buf_addf(&names, "%s ", s.modules[i].name);
	assert_string_equal(buf_str(&names), want);
	inputs_done(inputs);
	scan_done(&s);
}

static const char *const letters[] = { "a.ko", "b.ko", "k/c-1.ko.xz", "d.ko", NULL };

static void listed_first_then_hash_order(void **state)
{
	struct fixture *f = *state;

	/* Buckets: b 225, d 353, a 386. The second line of d does not count. */
	fixture_text(f, "modules.order", "none.ko\nd.ko\nk/c-1.ko\nd.ko\n");
	assert_order(f, letters, "d c_1 b a ");
	assert_no_message(f);
}

static void spelling_of_the_file_counts(void **state)
{
	struct fixture *f = *state;

	fixture_text(f, "modules.order", "k/c_1.ko\nd.ko\n");
	assert_order(f, (const char *const[]){ "k/c-1.ko", "d.ko", NULL }, "d c_1 ");
}

static void missing_file_is_a_warning(void **state)
{
	struct fixture *f = *state;

	assert_order(f, (const char *const[]){ "a.ko", "b.ko", NULL }, "b a ");
	assert_message(f, "4 depmod.no-order: could not open modules.order at " MODULES);
}

static void incomplete_file_is_not_used(void **state)
{
	struct fixture *f = *state;

	fixture_text(f, "modules.order", "a.ko\nb.ko");
	assert_order(f, (const char *const[]){ "a.ko", "b.ko", NULL }, "b a ");
	assert_message(f, MODULES "/modules.order:2 corrupted line misses '\\n'");
}

static void file_that_is_none_counts_as_missing(void **state)
{
	struct fixture *f = *state;
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct scan s = { .root = f->root, .dir = MODULES, .diag = &f->diag, .arena = &arena };
	struct input inputs[INPUTS] = { 0 };

	fixture_text(f, "modules.order/x", "");
	inputs_read(&f->root, MODULES, inputs);
	assert_int_equal(order_sort(&s, &inputs[INPUT_ORDER]), 0);
	assert_message(f, "depmod.no-order: could not open modules.order");
	s.strict = true;
	assert_int_equal(order_sort(&s, &inputs[INPUT_ORDER]), -EISDIR);
	assert_message(f, "depmod.order: could not read modules.order");
	inputs[INPUT_ORDER].error = -EIO;
	s.strict = false;
	assert_int_equal(order_sort(&s, &inputs[INPUT_ORDER]), -EIO);
	inputs_done(inputs);
	scan_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(listed_first_then_hash_order),        FIXTURE_TEST(spelling_of_the_file_counts),
		FIXTURE_TEST(missing_file_is_a_warning),           FIXTURE_TEST(incomplete_file_is_not_used),
		FIXTURE_TEST(file_that_is_none_counts_as_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
