// SPDX-License-Identifier: MIT
#include "image_test.h"

#include <errno.h>
#include <inttypes.h>

#include "read/image/facts.h"

/* "name:bind:crc " of each */
static char *listing(const struct symbols *s)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < s->n; i++)
		buf_addf(&b, "%s:%c:%" PRIx64 " ", s->items[i].name, s->items[i].bind ? s->items[i].bind : '-',
			 s->items[i].crc);
	return buf_steal(&b);
}

typedef int facts_fn(const struct elf *e, struct symbols *ret);

static void check(facts_fn *facts, const char *recipe, const char *expected)
{
	for (size_t i = 0; i < ELEMENTSOF(image_test_kinds); i++) {
		_cleanup_free_ char *full = NULL, *text = NULL;
		struct symbols s = { 0 };
		struct image_test t;

		assert_true(asprintf(&full, "%s%s", image_test_kinds[i], recipe) > 0);
		image_test_open(&t, full);
		assert_int_equal(facts(&t.elf, &s), 0);
		text = listing(&s);
		assert_string_equal(text, expected);
		symbols_done(&s);
		image_test_done(&t);
	}
}

static int result(facts_fn *facts, const char *recipe)
{
	struct symbols s = { 0 };
	struct image_test t;
	int r;

	image_test_open(&t, recipe);
	r = facts(&t.elf, &s);
	if (r == 0)
		symbols_done(&s);
	image_test_done(&t);
	return r;
}

static void exports_have_the_crc_of_their_section(void **state)
{
	(void)state;
	check(facts_exports, "export foo 0x11223344\nexport bar 0x55", "foo:L:11223344 bar:L:55 ");
}

static void exports_have_the_crc_of_an_absolute_symbol(void **state)
{
	(void)state;
	check(facts_exports, "export-abs foo 0xdeadbeef", "foo:G:deadbeef ");
}

static void exports_without_crc_are_the_strings(void **state)
{
	(void)state;
	check(facts_exports, "export foo\nstring ANAMESPACE", "foo:G:0 ANAMESPACE:G:0 ");
}

static void export_whose_crc_is_out_of_range_has_all_ones(void **state)
{
	(void)state;
	check(facts_exports, "export foo 1\nunterminated __kcrctab", "foo:L:ffffffffffffffff ");
}

static void no_exports_is_no_data(void **state)
{
	(void)state;
	assert_int_equal(result(facts_exports, "need x"), -ENODATA);
}

static void check_rule(const struct export_rules *x, const char *symbol, bool gpl_only, const char *ns)
{
	struct export_rule rule = { 0 };

	assert_true(export_rules_find(x, symbol, &rule));
	assert_int_equal(rule.gpl_only, gpl_only);
	assert_string_equal(rule.ns, ns);
}

static void export_rules_are_section_and_namespace(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(image_test_kinds); i++) {
		_cleanup_free_ char *full = NULL;
		struct export_rules rules;
		struct export_rule rule;
		struct image_test t;

		assert_true(asprintf(&full, "%s%s", image_test_kinds[i],
				     "export-rule open all\nexport-rule closed gpl\nexport-rule apart gpl "
				     "SPACE\nexport old 0x1") > 0);
		image_test_open(&t, full);
		assert_int_equal(export_rules_read(&t.elf, &rules), 0);
		check_rule(&rules, "open", false, "");
		check_rule(&rules, "closed", true, "");
		check_rule(&rules, "apart", true, "SPACE");
		assert_false(export_rules_find(&rules, "old", &rule));
		assert_false(export_rules_find(&rules, "clos", &rule));
		export_rules_done(&rules);
		image_test_done(&t);
	}
}

/* Of the kind and recipe: -ENODATA, or the number. */
static int array_max(const char *kind, const char *recipe, const char *name)
{
	_cleanup_free_ char *full = NULL;
	struct array_sizes sizes = { 0 };
	struct image_test t;
	uint32_t max = 0;
	int r;

	assert_true(asprintf(&full, "%s%s", kind, recipe) > 0);
	image_test_open(&t, full);
	r = array_sizes_read(&t.elf, &sizes);
	if (r == 0)
		r = array_sizes_find(&sizes, name, &max);
	array_sizes_done(&sizes);
	image_test_done(&t);
	return r < 0 ? r : (int)max;
}

static void arrays_say_how_many_values_they_take(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(image_test_kinds); i++) {
		assert_int_equal(array_max(image_test_kinds[i], "need x\narray rates 4\narray modes 32", "rates"), 4);
		assert_int_equal(array_max(image_test_kinds[i], "need x\narray rates 4\narray modes 32", "modes"), 32);
		assert_int_equal(array_max(image_test_kinds[i], "array rates 4", "rate"), -ENODATA);
		assert_int_equal(array_max(image_test_kinds[i], "array rates 4\nunterminated .rodata", "rates"),
				 -ENODATA);
		assert_int_equal(array_max(image_test_kinds[i], "info x=y", "rates"), -ENODATA);
	}
}

static void imports_keep_table_order_and_get_their_crc(void **state)
{
	(void)state;
	check(facts_imports, "need b\nweak a\nneed c\nversion module_layout 7\nversion a 5\nversion b 6",
	      "b:U:6 a:W:5 c:U:0 module_layout:U:7 ");
}

static void imports_match_names_exactly(void **state)
{
	(void)state;
	check(facts_imports, "need foo\nversion .foo 9", "foo:U:0 .foo:U:9 ");
}

static void imports_do_without_versions(void **state)
{
	(void)state;
	check(facts_imports, "need foo\nlocal here\nexport mine 1", "foo:U:0 ");
}

/* expected: the exports, "| ", the imports */
static void check_linkage(const char *recipe, const char *expected)
{
	for (size_t i = 0; i < ELEMENTSOF(image_test_kinds); i++) {
		_cleanup_free_ char *full = NULL, *out = NULL, *in = NULL, *both = NULL;
		struct symbols exports, imports;
		struct image_test t;

		assert_true(asprintf(&full, "%s%s", image_test_kinds[i], recipe) > 0);
		image_test_open(&t, full);
		assert_int_equal(facts_linkage(&t.elf, &exports, &imports), 0);
		out = listing(&exports);
		in = listing(&imports);
		assert_true(asprintf(&both, "%s| %s", out, in) > 0);
		assert_string_equal(both, expected);
		symbols_done(&exports);
		symbols_done(&imports);
		image_test_done(&t);
	}
}

static void linkage_is_both_without_crc(void **state)
{
	(void)state;
	check_linkage("need b\nweak a\nversion module_layout 7\nversion a 5\nversion b 6",
		      "| b:U:0 a:W:0 module_layout:U:0 ");
	check_linkage("need b\nlocal here\nexport foo 0x1\nexport bar 0x2", "foo:G:0 bar:G:0 | b:U:0 ");
	check_linkage("export-abs foo 0xdeadbeef\nneed b", "foo:G:0 | b:U:0 ");
	check_linkage("export foo\nneed b", "foo:G:0 | b:U:0 ");
	check_linkage("need b\nneed b\nversion b 1\nversion c 1\nversion .b 1", "| b:U:0 b:U:0 c:U:0 .b:U:0 ");
}

static int linkage_result(const char *recipe)
{
	struct symbols exports = { 0 }, imports = { 0 };
	struct image_test t;
	int r;

	image_test_open(&t, recipe);
	r = facts_linkage(&t.elf, &exports, &imports);
	symbols_done(&exports);
	symbols_done(&imports);
	image_test_done(&t);
	return r;
}

static void linkage_of_damaged_tables_is_refused(void **state)
{
	(void)state;
	assert_int_equal(linkage_result("need a\nversion a 1\nunterminated __versions"), -EINVAL);
	assert_int_equal(linkage_result("need foo\nunterminated .strtab"), -EINVAL);
	assert_int_equal(linkage_result("version abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij 1"),
			 -EINVAL);
}

/* All symbols of the recipe get the name of the first one. */
static void open_with_one_name(struct image_test *t, const char *recipe)
{
	const struct elf_section *table;
	char *first;

	image_test_open(t, recipe);
	table = elf_find(&t->elf, ".symtab");
	first = t->file.p + table->offset + 24;
	for (size_t i = 1; i < table->size / 24 - 1; i++)
		memcpy(first + i * 24, first, 4);
}

typedef int names_fn(const struct elf *e);

static int names_of_imports(const struct elf *e)
{
	struct symbols s = { 0 };
	int r = facts_imports(e, &s);

	symbols_done(&s);
	return r;
}

static int names_of_exports(const struct elf *e)
{
	struct symbols s = { 0 };
	int r = facts_exports(e, &s);

	symbols_done(&s);
	return r;
}

static int names_of_linkage(const struct elf *e)
{
	struct symbols exports = { 0 }, imports = { 0 };
	int r = facts_linkage(e, &exports, &imports);

	symbols_done(&exports);
	symbols_done(&imports);
	return r;
}

static int names_of_rules(const struct elf *e)
{
	struct export_rules rules = { 0 };
	int r = export_rules_read(e, &rules);

	export_rules_done(&rules);
	return r;
}

static int names_result(names_fn *read, const char *form, const char *name, unsigned n)
{
	_cleanup_buf_ struct buf recipe = BUF_INIT;
	struct image_test t;
	int r;

	for (unsigned i = 0; i < n; i++)
		buf_addf(&recipe, "%s %s%u%s\n", form, i ? "b" : name, i,
			 strcmp(form, "need") == 0       ? "" :
			 strcmp(form, "export-abs") == 0 ? " 1" :
							   " all");
	open_with_one_name(&t, buf_str(&recipe));
	r = read(&t.elf);
	image_test_done(&t);
	return r;
}

/* Names that all run through the same part of the table would make reading them quadratic. */
static void names_that_overlap_are_read_as_often_as_in_sound_tables(void **state)
{
	static const struct {
		names_fn *read;
		const char *form;
	} readers[] = {
		{ names_of_imports, "need" },
		{ names_of_linkage, "need" },
		{ names_of_exports, "export-abs" },
		{ names_of_linkage, "export-abs" },
	};
	char name[1001] = "";

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	for (size_t i = 0; i < ELEMENTSOF(readers); i++) {
		assert_int_equal(names_result(readers[i].read, readers[i].form, name, 3), 0);
		assert_int_equal(names_result(readers[i].read, readers[i].form, name, 9), -EINVAL);
	}
	assert_int_equal(names_result(names_of_rules, "export-rule", name, 3), 0);
	assert_int_equal(names_result(names_of_rules, "export-rule", name, 9), -EINVAL);
}

static void versions_drop_one_dot(void **state)
{
	(void)state;
	check(facts_versions, "version .foo 1\nversion ..bar 2\nversion baz 3", "foo:-:1 .bar:-:2 baz:-:3 ");
}

static void versions_must_be_whole_records(void **state)
{
	(void)state;
	assert_int_equal(result(facts_versions, "need x"), -ENODATA);
	assert_int_equal(result(facts_versions, "version a 1\nunterminated __versions"), -EINVAL);
	assert_int_equal(result(facts_imports, "need a\nversion a 1\nunterminated __versions"), -EINVAL);
}

static void version_name_must_end_in_its_record(void **state)
{
	char recipe[200];

	(void)state;
	snprintf(recipe, sizeof(recipe), "version %.60s 1",
		 "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij");
	assert_int_equal(result(facts_versions, recipe), -EINVAL);
}

static void unterminated_symbol_names_are_refused(void **state)
{
	(void)state;
	assert_int_equal(result(facts_imports, "need foo\nunterminated .strtab"), -EINVAL);
}

static void sparc_registers_are_no_symbols(void **state)
{
	struct image_test t;
	struct symbols s;
	const struct elf_section *table;
	_cleanup_buf_ struct buf recipe = BUF_INIT;

	(void)state;
	image_test_open(&t, "machine 43\nneed g2\nneed real");
	table = elf_find(&t.elf, ".symtab");
	buf_addf(&recipe, "machine 43\nneed g2\nneed real\npoke %d 1d", (int)table->offset + 24 + 4);
	image_test_done(&t);
	image_test_open(&t, buf_str(&recipe));
	assert_int_equal(facts_imports(&t.elf, &s), 0);
	assert_int_equal(s.n, 1);
	assert_string_equal(s.items[0].name, "real");
	symbols_done(&s);
	image_test_done(&t);
}

static void build_id_is_the_note(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(image_test_kinds); i++) {
		_cleanup_free_ char *recipe = NULL;
		struct image_test t;
		struct span id;

		assert_true(asprintf(&recipe, "%sbuild-id 0102030405", image_test_kinds[i]) > 0);
		image_test_open(&t, recipe);
		assert_int_equal(facts_build_id(&t.elf, &id), 0);
		assert_true(span_eq(id, span_of("\1\2\3\4\5", 5)));
		image_test_done(&t);
	}
}

static void build_id_may_be_missing_or_damaged(void **state)
{
	static const char *const recipes[] = {
		"need x",
		"section .note.gnu.build-id 04000000",
		"section .note.gnu.build-id 04000000ffffffff03000000474e5500",
		"section .note.gnu.build-id ffffffff0400000003000000474e550000000000",
		"section .note.gnu.build-id 040000000400000007000000474e550000000000",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(recipes); i++) {
		struct image_test t;
		struct span id;

		image_test_open(&t, recipes[i]);
		assert_int_equal(facts_build_id(&t.elf, &id), -ENODATA);
		image_test_done(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exports_have_the_crc_of_their_section),
		cmocka_unit_test(exports_have_the_crc_of_an_absolute_symbol),
		cmocka_unit_test(exports_without_crc_are_the_strings),
		cmocka_unit_test(export_whose_crc_is_out_of_range_has_all_ones),
		cmocka_unit_test(no_exports_is_no_data),
		cmocka_unit_test(export_rules_are_section_and_namespace),
		cmocka_unit_test(arrays_say_how_many_values_they_take),
		cmocka_unit_test(imports_keep_table_order_and_get_their_crc),
		cmocka_unit_test(imports_match_names_exactly),
		cmocka_unit_test(imports_do_without_versions),
		cmocka_unit_test(linkage_is_both_without_crc),
		cmocka_unit_test(linkage_of_damaged_tables_is_refused),
		cmocka_unit_test(names_that_overlap_are_read_as_often_as_in_sound_tables),
		cmocka_unit_test(versions_drop_one_dot),
		cmocka_unit_test(versions_must_be_whole_records),
		cmocka_unit_test(version_name_must_end_in_its_record),
		cmocka_unit_test(unterminated_symbol_names_are_refused),
		cmocka_unit_test(sparc_registers_are_no_symbols),
		cmocka_unit_test(build_id_is_the_note),
		cmocka_unit_test(build_id_may_be_missing_or_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
