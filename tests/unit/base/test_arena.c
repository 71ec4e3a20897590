// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "base/arena.h"

static void pieces_do_not_overlap(void **state _unused_)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	char *p[300];

	for (int i = 0; i < 300; i++) {
		p[i] = arena_alloc(&a, 4000);
		assert_non_null(p[i]);
		assert_int_equal((uintptr_t)p[i] % _Alignof(max_align_t), 0);
		memset(p[i], i, 4000);
	}
	for (int i = 0; i < 300; i++) {
		assert_int_equal((unsigned char)p[i][0], i & 255);
		assert_int_equal((unsigned char)p[i][3999], i & 255);
	}
}

static void large_piece_leaves_the_current_block_in_use(void **state _unused_)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	char *small = arena_str(&a, "x"), *next;

	memset(arena_alloc(&a, 1 << 20), 1, 1 << 20);
	next = arena_str(&a, "y");
	assert_ptr_equal(next, small + 2);
}

static void strings(void **state _unused_)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;

	assert_string_equal(arena_strn(&a, "abcdef", 3), "abc");
	assert_string_equal(arena_strf(&a, "%s-%d", "x", 7), "x-7");
	assert_memory_equal(arena_bytes(&a, "p\0q", 3), "p\0q", 3);
}

static void arrays_are_zero_and_checked(void **state _unused_)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	const char *p = arena_array(&a, 100, 10);

	for (int i = 0; i < 1000; i++)
		assert_int_equal(p[i], 0);
	assert_null(arena_array(&a, SIZE_MAX / 2, 4));
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_non_null(arena_array(&a, 0, 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_do_not_overlap),
		cmocka_unit_test(large_piece_leaves_the_current_block_in_use),
		cmocka_unit_test(strings),
		cmocka_unit_test(arrays_are_zero_and_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
