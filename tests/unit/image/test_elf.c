// SPDX-License-Identifier: MIT
#include "image_test.h"

#include <elf.h>
#include <errno.h>

static void finds_sections_of_every_class_and_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(image_test_kinds); i++) {
		_cleanup_free_ char *recipe = NULL;
		struct image_test t;
		struct span bytes;

		assert_true(asprintf(&recipe, "%ssection .data 010203", image_test_kinds[i]) > 0);
		image_test_open(&t, recipe);
		assert_int_equal(t.elf.is64, i >= 2);
		assert_int_equal(t.elf.big, i % 2);
		assert_int_equal(t.elf.type, ET_REL);
		assert_int_equal(elf_bytes(&t.elf, elf_find(&t.elf, ".data"), &bytes), 0);
		assert_int_equal(bytes.n, 3);
		assert_memory_equal(bytes.p, "\1\2\3", 3);
		assert_null(elf_find(&t.elf, ".nosuch"));
		image_test_done(&t);
	}
}

static void nobits_has_no_content(void **state)
{
	struct image_test t;

	(void)state;
	image_test_open(&t, "nobits .bss 4096");
	assert_null(elf_find(&t.elf, ".bss"));
	image_test_done(&t);
}

static void refuses_what_is_no_elf(void **state)
{
	(void)state;
	assert_int_equal(image_test_error("poke 0 00"), -ENOEXEC);
	assert_int_equal(image_test_error("keep 16"), -ENOEXEC);
	assert_int_equal(image_test_error("keep 0"), -ENOEXEC);
}

static void refuses_damaged_headers(void **state)
{
	(void)state;
	assert_int_equal(image_test_error("keep 20"), -EINVAL);                  /* header cut */
	assert_int_equal(image_test_error("poke 4 03"), -EINVAL);                /* class */
	assert_int_equal(image_test_error("poke 5 00"), -EINVAL);                /* byte order */
	assert_int_equal(image_test_error("poke 58 3f00"), -EINVAL);             /* e_shentsize */
	assert_int_equal(image_test_error("poke 60 ffff"), -EINVAL);             /* e_shnum: beyond the file */
	assert_int_equal(image_test_error("poke 62 ff00"), -EINVAL);             /* e_shstrndx */
	assert_int_equal(image_test_error("poke 40 ffffffffffffffff"), -EINVAL); /* e_shoff */
	assert_int_equal(image_test_error("cut 1"), -EINVAL);
}

static void refuses_sections_out_of_range(void **state)
{
	(void)state;
	/* the last section header is that of .shstrtab: sh_name at -64, sh_offset at -40, sh_size at -32 */
	assert_int_equal(image_test_error("poke -32 ffffffffffffff7f"), -EINVAL);
	assert_int_equal(image_test_error("poke -40 ffffffffffffffff"), -EINVAL);
	assert_int_equal(image_test_error("poke -64 ffff0000"), -EINVAL);
	assert_int_equal(image_test_error("unterminated .shstrtab"), -EINVAL);
}

/* What a kernel sees once it has taken a signature off. */
static void knows_where_it_ends(void **state)
{
	struct image_test t;
	uint64_t end;

	(void)state;
	image_test_open(&t, "section .data 010203\nnobits .bss 4096");
	end = t.elf.shoff + (uint64_t)t.elf.n_sections * t.elf.shentsize;
	assert_true(elf_lies_within(&t.elf, UINT64_MAX));
	assert_true(elf_lies_within(&t.elf, end));
	assert_false(elf_lies_within(&t.elf, end - 1));
	assert_false(elf_lies_within(&t.elf, 0));
	image_test_done(&t);
}

static void sections_may_end_last(void **state)
{
	struct image_test t;

	(void)state;
	image_test_open(&t, "section .data 010203");
	t.elf.sections[t.elf.n_sections - 1].offset = 65536;
	t.elf.sections[t.elf.n_sections - 1].size = 24;
	assert_true(elf_lies_within(&t.elf, 65536 + 24));
	assert_false(elf_lies_within(&t.elf, 65536 + 23));
	image_test_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_sections_of_every_class_and_order),
		cmocka_unit_test(nobits_has_no_content),
		cmocka_unit_test(refuses_what_is_no_elf),
		cmocka_unit_test(refuses_damaged_headers),
		cmocka_unit_test(refuses_sections_out_of_range),
		cmocka_unit_test(knows_where_it_ends),
		cmocka_unit_test(sections_may_end_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
