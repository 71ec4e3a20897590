// SPDX-License-Identifier: MIT
#include "fixture.h"

#include <errno.h>

#include "act/depmod/symtab.h"
#include "read/image/facts.h"

static const struct symtab_entry *find(const struct symtab *t, const char *name)
{
	return symtab_find(t, name, symbol_hash(name, strlen(name)));
}

static void later_module_owns_the_symbol(void **state _unused_)
{
	struct symtab t;

	assert_int_equal(symtab_init(&t, 0, 0), 0);
	assert_int_equal(symtab_add(&t, "f", 1, 3), 0);
	assert_int_equal(symtab_add(&t, "f", 2, 7), 0);
	assert_int_equal(t.n, 1);
	assert_int_equal(find(&t, "f")->owner, 7);
	assert_int_equal(find(&t, "f")->crc, 2);
	assert_null(find(&t, "g"));
	symtab_done(&t);
}

static void dot_and_prefix_are_dropped(void **state _unused_)
{
	struct symtab t;

	assert_int_equal(symtab_init(&t, 0, '_'), 0);
	assert_int_equal(symtab_add(&t, "_f", 0, 1), 0);
	assert_non_null(find(&t, "f"));
	assert_non_null(find(&t, "._f"));
	assert_null(find(&t, "__f"));
	symtab_done(&t);
}

static void grows(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct symtab t;

	assert_int_equal(symtab_init(&t, 0, 0), 0);
	for (uint32_t i = 0; i < 5000; i++)
		assert_int_equal(symtab_add(&t, arena_strf(&arena, "sym%u", i), i, i), 0);
	assert_int_equal(t.n, 5000);
	for (uint32_t i = 0; i < 5000; i++)
		assert_int_equal(find(&t, arena_strf(&arena, "sym%u", i))->owner, i);
	symtab_done(&t);
}

static void system_map_gives_the_exported_ones(void **state)
{
	struct fixture *f = *state;
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct symtab t;

	unit_puts(f->dir, "map", "0001 T plain\n0002 r __ksymtab_exported\n\nbad\n0003 r __ksymtab_last");
	assert_int_equal(symtab_init(&t, 0, 0), 0);
	assert_int_equal(symtab_read_map(&t, &f->root, "/map", &arena, &f->diag), 1);
	assert_int_equal(find(&t, "exported")->owner, SYMTAB_KERNEL);
	assert_non_null(find(&t, "last"));
	assert_null(find(&t, "plain"));
	assert_non_null(find(&t, "__this_module"));
	assert_non_null(find(&t, ".TOC."));
	assert_message(f, "/map:4: invalid line: bad");
	symtab_done(&t);
}

static void symvers_gives_the_kernels_own(void **state)
{
	struct fixture *f = *state;
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct symtab t;

	unit_puts(f->dir, "sv",
		  "0x12345678\tone\tvmlinux\tEXPORT_SYMBOL\n0x1 two drivers/x EXPORT_SYMBOL\nzz three vmlinux\n");
	assert_int_equal(symtab_init(&t, 0, 0), 0);
	assert_int_equal(symtab_read_symvers(&t, &f->root, "/sv", &arena, &f->diag), 1);
	assert_int_equal(find(&t, "one")->crc, 0x12345678);
	assert_null(find(&t, "two"));
	assert_null(find(&t, "three"));
	assert_message(f, "/sv:3 Invalid symbol version zz");
	symtab_done(&t);
}

/* A placeholder, a module given by mistake, an external module's own list: no line of them is worth a message. */
static void lists_without_the_kernels_symbols_are_noticed(void **state)
{
	struct fixture *f = *state;
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct symtab t;

	unit_puts(f->dir, "placeholder", "ffffffffffffffff B The real System.map is elsewhere\nbad\n");
	unit_write(f->dir, "binary", "\177ELF\0\n0 r __ksymtab_f\nbad\n", 26);
	unit_puts(f->dir, "empty", "");
	unit_puts(f->dir, "own", "0x1\tmine\tdrivers/mine\tEXPORT_SYMBOL\n");
	assert_int_equal(symtab_init(&t, 0, 0), 0);
	for (size_t i = 0; i < 4; i++) {
		static const char *const lists[] = { "/placeholder", "/binary", "/empty", "/own" };

		assert_int_equal(symtab_read_map(&t, &f->root, lists[i], &arena, NULL), 0);
		assert_int_equal(symtab_read_symvers(&t, &f->root, lists[i], &arena, &f->diag), 0);
	}
	assert_int_equal(symtab_read_map(&t, &f->root, "/binary", &arena, &f->diag), 0);
	assert_int_equal(symtab_read_map(&t, &f->root, "/", &arena, &f->diag), 0);
	assert_no_message(f);
	symtab_done(&t);
}

static void missing_list_is_fatal(void **state)
{
	struct fixture *f = *state;
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct symtab t;

	assert_int_equal(symtab_init(&t, 0, 0), 0);
	assert_int_equal(symtab_read_map(&t, &f->root, "/none", &arena, &f->diag), -ENOENT);
	assert_message(f, "2 depmod.symbol-list: could not load /none: No such file or directory");
	symtab_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(later_module_owns_the_symbol),
		cmocka_unit_test(dot_and_prefix_are_dropped),
		cmocka_unit_test(grows),
		FIXTURE_TEST(system_map_gives_the_exported_ones),
		FIXTURE_TEST(symvers_gives_the_kernels_own),
		FIXTURE_TEST(lists_without_the_kernels_symbols_are_noticed),
		FIXTURE_TEST(missing_list_is_fatal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
