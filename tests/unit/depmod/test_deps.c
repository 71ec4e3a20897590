// SPDX-License-Identifier: MIT
#include "facts.h"
#include "fixture.h"

#include "act/depmod/deps.h"
#include "read/image/facts.h"

static struct module modules[] = {
	{ .path = "a.ko",
	  .name = "a",
	  .facts.lists = { [RECORD_EXPORTS] = FACTS("fa"),
			   [RECORD_IMPORTS] = FACTS("Ufc\0Ufb\0Ufc2\0Uprintk\0Wmaybe") } },
	{ .path = "b.ko",
	  .name = "b",
	  .facts.lists = { [RECORD_EXPORTS] = FACTS("fb"), [RECORD_IMPORTS] = FACTS("U.fb") } },
	{ .path = "/x/c.ko", .name = "c", .facts.lists = { [RECORD_EXPORTS] = FACTS("fc\0fc2\0fa") } },
};

static void note_edge(void *data, const struct module *user, const char *symbol, const struct module *owner)
{
	buf_addf(data, "%s>%s>%s ", user->name, symbol, owner->name);
}

struct built {
	struct arena arena;
	struct symtab symtab;
	struct graph graph;
	struct buf edges;
};

static void build(struct fixture *f, struct built *b, bool unknown, bool versions)
{
	struct deps d = {
		.modules = modules,
		.n = ELEMENTSOF(modules),
		.symtab = &b->symtab,
		.dir = MODULES,
		.report_unknown = unknown,
		.compare_versions = versions,
		.edge = note_edge,
		.edge_data = &b->edges,
		.diag = &f->diag,
	};

	*b = (struct built){ 0 };
	for (size_t i = 0; i < ELEMENTSOF(modules); i++)
		assert_int_equal(record_index(&modules[i].facts, &b->arena), 0);
	assert_int_equal(symtab_init(&b->symtab, 0, 0), 0);
	assert_int_equal(symtab_add(&b->symtab, "printk", 5, SYMTAB_KERNEL), 0);
	assert_int_equal(deps_add_exports(modules, ELEMENTSOF(modules), &b->symtab), 0);
	assert_int_equal(deps_build(&d, &b->arena, &b->graph), 0);
}

static void built_done(struct built *b)
{
	symtab_done(&b->symtab);
	arena_done(&b->arena);
	buf_done(&b->edges);
}

static void each_owner_once_in_order_of_appearance(void **state)
{
	struct fixture *f = *state;
	struct built b;

	build(f, &b, false, false);
	assert_int_equal(b.graph.first[1], 2);
	assert_int_equal(b.graph.deps[0], 2);
	assert_int_equal(b.graph.deps[1], 1);
	/* b needs a symbol of its own: a loop */
	assert_int_equal(b.graph.first[2], 3);
	assert_int_equal(b.graph.deps[2], 1);
	assert_int_equal(b.graph.first[3], 3);
	assert_string_equal(buf_str(&b.edges), "a>fc>c a>fb>b b>.fb>b ");
	/* a and c export fa: the later one owns it */
	assert_int_equal(symtab_find(&b.symtab, "fa", symbol_hash("fa", 2))->owner, 2);
	assert_no_message(f);
	built_done(&b);
}

static void unknown_symbols_are_told(void **state)
{
	struct fixture *f = *state;
	struct built b;

	modules[1].facts.lists[RECORD_IMPORTS] = FACTS("Unosuch\0Wweak");
	build(f, &b, true, false);
	assert_string_equal(buf_str(&f->messages),
			    "4 depmod.unknown-symbol: " MODULES "/b.ko needs unknown symbol nosuch\n");
	built_done(&b);
}

static void versions_are_compared(void **state)
{
	static const uint64_t right[] = { 5, 0 }, wrong[] = { 6, 0 };
	struct fixture *f = *state;
	struct built b;

	modules[1].facts.lists[RECORD_IMPORTS] = FACTS("Uprintk\0Wprintk");
	modules[1].facts.import_crcs = right;
	build(f, &b, true, true);
	assert_no_message(f);
	built_done(&b);
	modules[1].facts.import_crcs = wrong;
	build(f, &b, true, true);
	assert_string_equal(buf_str(&f->messages),
			    "4 depmod.symbol-version: " MODULES "/b.ko disagrees about version of symbol printk\n");
	built_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(each_owner_once_in_order_of_appearance),
		FIXTURE_TEST(unknown_symbols_are_told),
		FIXTURE_TEST(versions_are_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
