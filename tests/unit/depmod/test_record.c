// SPDX-License-Identifier: MIT
#include "facts.h"
#include "fixture.h"

#include <errno.h>

#include "act/depmod/record.h"
#include "read/image/facts.h"
#include "read/image/source.h"

static int read_recipe(const char *recipe, bool crcs, struct arena *arena, struct record *ret)
{
	_cleanup_buf_ struct buf file = BUF_INIT;
	_cleanup_(source_close_p) struct source *src = NULL;
	struct elf elf;
	int r;

	assert_int_equal(mkko_build(recipe, &file), 0);
	assert_int_equal(source_open_span(buf_span(&file), "recipe", NULL, &src), 0);
	assert_int_equal(elf_open(src, &elf), 0);
	r = record_read(&elf, crcs, arena, ret);
	elf_done(&elf);
	return r;
}

static void assert_list(struct record_list l, const char *want)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	const char *s;

	while ((s = record_next(&l)))
		buf_addf(&b, "%s,", s);
	assert_string_equal(buf_str(&b), want);
}

static void facts_outlive_the_file(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct record r;

	assert_int_equal(read_recipe("info alias=x*\ninfo license=GPL\ninfo alias=y\ninfo softdep=pre: a\n"
				     "info weakdep=b c\nexport f\nexport g\nneed h\nweak i\n",
				     false, &arena, &r),
			 0);
	assert_list(r.lists[RECORD_ALIASES], "x*,y,");
	assert_list(r.lists[RECORD_SOFTDEPS], "pre: a,");
	assert_list(r.lists[RECORD_WEAKDEPS], "b c,");
	assert_list(r.lists[RECORD_EXPORTS], "f,g,");
	assert_list(r.lists[RECORD_IMPORTS], "Uh,Wi,");
	assert_null(r.export_crcs);
}

static void crcs_come_when_asked_for(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct record r;

	assert_int_equal(read_recipe("export f 0x11\nneed h\nversion h 0x22\n", true, &arena, &r), 0);
	assert_int_equal(r.export_crcs[0], 0x11);
	assert_list(r.lists[RECORD_IMPORTS], "Uh,");
	assert_int_equal(r.import_crcs[0], 0x22);
}

/* What is looked up, read from a module or indexed afterwards, with versions or without. */
static void lists_that_are_too_long_are_refused(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	static const char *const forms[] = { "info alias=%0250u\n", "need a%0250u\n", "export a%0250u\n" };

	for (size_t i = 0; i < ELEMENTSOF(forms); i++) {
		_cleanup_buf_ struct buf recipe = BUF_INIT;
		struct record r;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		for (unsigned k = 0; k <= RECORD_LIST_MAX / 250; k++)
			buf_addf(&recipe, forms[i], k);
#pragma GCC diagnostic pop
		assert_int_equal(read_recipe(buf_str(&recipe), false, &arena, &r), -EFBIG);
	}
}

static void imports_are_ready_to_be_looked_up(void **state _unused_)
{
	const char *recipe = "need h\nweak .i\nneed longer_name\nversion h 1\nversion module_layout 2\n";
	static const char *const want[] = { "h", ".i", "longer_name", "module_layout" };
	_cleanup_arena_ struct arena arena = ARENA_INIT;

	for (int way = 0; way < 3; way++) {
		struct record r;

		assert_int_equal(read_recipe(recipe, way == 1, &arena, &r), 0);
		if (way == 2) {
			r.imports = NULL;
			assert_int_equal(record_index(&r, &arena), 0);
		}
		assert_int_equal(r.n_imports, ELEMENTSOF(want));
		for (size_t i = 0; i < r.n_imports; i++) {
			assert_string_equal(r.lists[RECORD_IMPORTS].p + r.imports[i].at, want[i]);
			assert_int_equal(r.imports[i].hash, symbol_hash(want[i], strlen(want[i])));
		}
	}
	assert_int_equal(symbol_hash(".i", 2), symbol_hash("i", 1));
}

static void index_wants_a_binding(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct record r = { .lists = { [RECORD_IMPORTS] = FACTS("Ua\0b") } };

	assert_int_equal(record_index(&r, &arena), -EINVAL);
	r.lists[RECORD_IMPORTS] = FACTS("");
	assert_int_equal(record_index(&r, &arena), -EINVAL);
	r.lists[RECORD_IMPORTS].n = 0;
	assert_int_equal(record_index(&r, &arena), 0);
	assert_int_equal(r.n_imports, 0);
}

static void other_class_and_order(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct record r;

	assert_int_equal(read_recipe("class 32\norder big\nmachine 20\ninfo alias=x\nneed h\n", false, &arena, &r), 0);
	assert_list(r.lists[RECORD_ALIASES], "x,");
	assert_list(r.lists[RECORD_IMPORTS], "Uh,");
}

static void module_without_anything(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct record r;

	assert_int_equal(read_recipe("need h\n", false, &arena, &r), 0);
	assert_int_equal(r.lists[RECORD_ALIASES].n, 0);
	assert_int_equal(r.lists[RECORD_EXPORTS].n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_outlive_the_file),
		cmocka_unit_test(crcs_come_when_asked_for),
		cmocka_unit_test(lists_that_are_too_long_are_refused),
		cmocka_unit_test(imports_are_ready_to_be_looked_up),
		cmocka_unit_test(index_wants_a_binding),
		cmocka_unit_test(other_class_and_order),
		cmocka_unit_test(module_without_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
