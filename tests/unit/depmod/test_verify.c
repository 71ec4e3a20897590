// SPDX-License-Identifier: MIT
#include "fixture.h"

#include "act/depmod/verify.h"
#include "read/index/writer.h"

/* A set of outputs of which only the two indexes say anything. */
struct set {
	struct outputs fresh;
	struct verify_list list;
};

static void fill_index(struct buf *into, const char *const *pairs)
{
	struct index_writer *w = index_writer_new();

	assert_non_null(w);
	for (uint32_t i = 0; pairs[2 * i]; i++)
		assert_int_equal(index_writer_add(w, pairs[2 * i], pairs[2 * i + 1], i), 0);
	assert_int_equal(index_writer_finish(w, into), 0);
	index_writer_free(w);
}

static void write_set(struct fixture *f, struct set *s)
{
	*s = (struct set){ 0 };
	for (int i = 0; i < OUTPUTS; i++)
		fixture_text(f, output_name((enum output_id)i), "");
}

static void set_done(struct set *s)
{
	outputs_done(&s->fresh);
	verify_list_done(&s->list);
}

static void modules_are_named(void **state)
{
	static const char *const old[] = { "a", "a.ko:", "b", "b.ko: a.ko", "gone", "gone.ko:", NULL };
	static const char *const new[] = { "a", "a.ko:", "b", "b.ko:", "new", "new.ko:", NULL };
	struct fixture *f = *state;
	_cleanup_buf_ struct buf there = BUF_INIT;
	struct set s;

	write_set(f, &s);
	fill_index(&there, old);
	unit_write(f->dir, "lib/modules/5.0.0/modules.dep.bin", there.p, there.n);
	fill_index(&s.fresh.files[OUTPUT_DEP_BIN], new);
	assert_int_equal(verify_outputs(&f->root, MODULES, &s.fresh, &s.list), 0);
	assert_int_equal(s.list.n, 3);
	assert_int_equal(s.list.items[0].kind, VERIFY_STALE);
	assert_string_equal(s.list.items[0].module, "b");
	assert_int_equal(s.list.items[1].kind, VERIFY_EXTRA);
	assert_string_equal(s.list.items[1].module, "gone");
	assert_int_equal(s.list.items[2].kind, VERIFY_MISSING);
	assert_string_equal(s.list.items[2].module, "new");
	set_done(&s);
}

/* Root behind its only child, as older versions of kmod laid them out. */
static void other_layout_is_no_difference(void **state)
{
	/* header; values at 12: one, of priority 0; root at 26 with the child 'a' */
	static const char post_order[] = "\xb0\x07\xf4\x57\0\2\0\1\x20\0\0\x1a"
					 "\0\0\0\1\0\0\0\0a.ko:\0"
					 "aa\x40\0\0\x0c";
	static const char *const pairs[] = { "a", "a.ko:", NULL };
	struct fixture *f = *state;
	struct set s;

	write_set(f, &s);
	unit_write(f->dir, "lib/modules/5.0.0/modules.dep.bin", post_order, sizeof(post_order) - 1);
	fill_index(&s.fresh.files[OUTPUT_DEP_BIN], pairs);
	assert_int_equal(verify_outputs(&f->root, MODULES, &s.fresh, &s.list), 0);
	assert_int_equal(s.list.n, 0);
	set_done(&s);
}

static void short_index_is_damaged(void **state)
{
	static const char *const pairs[] = { "a", "a.ko:", NULL };
	struct fixture *f = *state;
	struct set s;

	write_set(f, &s);
	fill_index(&s.fresh.files[OUTPUT_DEP_BIN], pairs);
	for (size_t n = 0; n < s.fresh.files[OUTPUT_DEP_BIN].n; n++) {
		verify_list_done(&s.list);
		unit_write(f->dir, "lib/modules/5.0.0/modules.dep.bin", s.fresh.files[OUTPUT_DEP_BIN].p, n);
		assert_int_equal(verify_outputs(&f->root, MODULES, &s.fresh, &s.list), 0);
		assert_int_equal(s.list.n, 1);
		assert_int_not_equal(s.list.items[0].kind, VERIFY_MISSING);
	}
	set_done(&s);
}

static void kinds_have_names(void **state _unused_)
{
	assert_string_equal(verify_kind_name(VERIFY_MISSING), "missing");
	assert_string_equal(verify_kind_name(VERIFY_STALE), "stale");
	assert_string_equal(verify_kind_name(VERIFY_DAMAGED), "damaged");
	assert_string_equal(verify_kind_name(VERIFY_EXTRA), "extra");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(modules_are_named),
		FIXTURE_TEST(other_layout_is_no_difference),
		FIXTURE_TEST(short_index_is_damaged),
		cmocka_unit_test(kinds_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
