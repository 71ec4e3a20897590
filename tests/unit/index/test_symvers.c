// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "read/index/symvers.h"

static struct symvers list_of(const char *text)
{
	struct symvers s = SYMVERS_INIT;

	assert_int_equal(buf_adds(&s.text, text), 0);
	return s;
}

static void fields_of_a_line(void **state _unused_)
{
	_cleanup_symvers_ struct symvers s = list_of("0x12345678\tone\tvmlinux\tEXPORT_SYMBOL\t\n"
						     "0x0000000a\ttwo\tdrivers/x/y\tEXPORT_SYMBOL_GPL\tNS\n");
	struct symvers_entry e;

	assert_int_equal(symvers_next(&s, &e), 1);
	assert_string_equal(e.symbol, "one");
	assert_true(symvers_is_kernel(&e));
	assert_string_equal(e.ns, "");
	assert_false(e.gpl_only);
	assert_true(e.has_crc);
	assert_int_equal(e.crc, 0x12345678);
	assert_int_equal(e.line, 1);
	assert_int_equal(symvers_next(&s, &e), 1);
	assert_string_equal(e.symbol, "two");
	assert_string_equal(e.module, "drivers/x/y");
	assert_false(symvers_is_kernel(&e));
	assert_string_equal(e.ns, "NS");
	assert_true(e.gpl_only);
	assert_int_equal(e.crc, 10);
	assert_int_equal(symvers_next(&s, &e), 0);
}

static void namespace_of_old_kernels_stands_third(void **state _unused_)
{
	_cleanup_symvers_ struct symvers s = list_of("0x1\told\tNS\tvmlinux\tEXPORT_SYMBOL_GPL\n"
						     "0x1\tnone\t\tvmlinux\tEXPORT_SYMBOL\n");
	struct symvers_entry e;

	assert_int_equal(symvers_next(&s, &e), 1);
	assert_string_equal(e.ns, "NS");
	assert_true(symvers_is_kernel(&e));
	assert_true(e.gpl_only);
	assert_int_equal(symvers_next(&s, &e), 1);
	assert_string_equal(e.ns, "");
	assert_true(symvers_is_kernel(&e));
}

static void words_may_stand_between_spaces(void **state _unused_)
{
	_cleanup_symvers_ struct symvers s = list_of("0x1 two  drivers/x EXPORT_SYMBOL_GPL NS");
	struct symvers_entry e;

	assert_int_equal(symvers_next(&s, &e), 1);
	assert_string_equal(e.module, "drivers/x");
	assert_string_equal(e.ns, "NS");
	assert_true(e.gpl_only);
}

static void short_lines_are_skipped_and_counted(void **state _unused_)
{
	_cleanup_symvers_ struct symvers s = list_of("\n0x1\n0x1 two\n0x1 three vmlinux\n");
	struct symvers_entry e;

	assert_int_equal(symvers_next(&s, &e), 1);
	assert_string_equal(e.symbol, "three");
	assert_int_equal(e.line, 4);
	assert_int_equal(symvers_next(&s, &e), 0);
}

static void bad_crc_is_handed_out_as_it_stands(void **state _unused_)
{
	_cleanup_symvers_ struct symvers s = list_of("zz three vmlinux");
	struct symvers_entry e;

	assert_int_equal(symvers_next(&s, &e), 1);
	assert_false(e.has_crc);
	assert_string_equal(e.crc_word, "zz");
	assert_int_equal(e.crc, 0);
}

static void opens_regular_files_only(void **state)
{
	const char *dir = *state;
	const struct root root = { .prefix = dir };
	_cleanup_symvers_ struct symvers s = SYMVERS_INIT;
	struct symvers_entry e;

	unit_puts(dir, "sv", "0x1 one vmlinux\n");
	assert_int_equal(symvers_open(&root, "/", &s), -EISDIR);
	assert_int_equal(symvers_open(&root, "/none", &s), -ENOENT);
	assert_int_equal(symvers_open(&root, "/sv", &s), 0);
	assert_int_equal(symvers_next(&s, &e), 1);
	assert_string_equal(e.symbol, "one");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_of_a_line),
		cmocka_unit_test(namespace_of_old_kernels_stands_third),
		cmocka_unit_test(words_may_stand_between_spaces),
		cmocka_unit_test(short_lines_are_skipped_and_counted),
		cmocka_unit_test(bad_crc_is_handed_out_as_it_stands),
		unit_test_in_dir(opens_regular_files_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
