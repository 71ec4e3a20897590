// SPDX-License-Identifier: MIT
#include "facts.h"
#include "fixture.h"

#include <limits.h>

#include "act/depmod/deps.h"
#include "act/depmod/outputs.h"

struct made {
	struct arena arena;
	struct symtab symtab;
	struct graph graph;
	struct graph_order order;
	struct outputs outputs;
};

static int make(struct fixture *f, struct made *m, struct module *modules, uint32_t n, const struct buf *builtin,
		const struct buf *modinfo)
{
	struct deps d = { .modules = modules, .n = n, .symtab = &m->symtab, .dir = MODULES, .diag = &f->diag };

	*m = (struct made){ 0 };
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(record_index(&modules[i].facts, &m->arena), 0);
	assert_int_equal(symtab_init(&m->symtab, 0, 0), 0);
	assert_int_equal(deps_add_exports(modules, n, &m->symtab), 0);
	assert_int_equal(deps_build(&d, &m->arena, &m->graph), 0);
	assert_int_equal(graph_number(&m->graph, &m->arena, &m->order), 0);
	m->outputs = (struct outputs){
		.modules = modules,
		.n = n,
		.graph = &m->graph,
		.order = &m->order,
		.symtab = &m->symtab,
		.builtin = builtin,
		.builtin_modinfo = modinfo,
		.warn_duplicates = true,
		.diag = &f->diag,
	};
	return outputs_build(&m->outputs, 2);
}

static void made_done(struct made *m)
{
	outputs_done(&m->outputs);
	symtab_done(&m->symtab);
	arena_done(&m->arena);
}

static void assert_file(const struct made *m, enum output_id id, const void *want, size_t n)
{
	assert_int_equal(m->outputs.files[id].n, n);
	if (n)
		assert_memory_equal(m->outputs.files[id].p, want, n);
}

#define ASSERT_TEXT(m, id, text) assert_string_equal(buf_str(&(m)->outputs.files[id]), text)

/* The worked example of the format's description, byte for byte. */
static void worked_example(void **state)
{
	static struct module modules[] = {
		{ .path = "k/net.ko",
		  .name = "net",
		  .facts.lists = { [RECORD_ALIASES] = FACTS("z-*\0z[-]"), [RECORD_IMPORTS] = FACTS("Uq") } },
		{ .path = "k/net-a.ko",
		  .name = "net_a",
		  .facts.lists = { [RECORD_ALIASES] = FACTS("z-*"), [RECORD_EXPORTS] = FACTS("q") } },
	};
	static const char dep[] = "\xb0\x07\xf4\x57\0\2\0\1\x20\0\0\x0c"
				  "nn\xe0\0\0\x12"
				  "et\0__\xc0\0\0\x38\0\0\0\1\0\0\0\0k/net.ko: k/net-a.ko\0"
				  "a\0\0\0\0\1\0\0\0\1k/net-a.ko:";
	static const char alias[] = "\xb0\x07\xf4\x57\0\2\0\1\x20\0\0\x0c"
				    "zz\x20\0\0\x12[_\xc0\0\0\x28\0\0\0\0\0\0\0\0\0\0\0\0\xc0\0\0\x37"
				    "-]\0\0\0\0\1\0\0\0\0net\0"
				    "*\0\0\0\0\2\0\0\0\0net\0\0\0\0\1net_a";
	struct fixture *f = *state;
	struct made m;

	assert_int_equal(make(f, &m, modules, 2, NULL, NULL), 0);
	ASSERT_TEXT(&m, OUTPUT_DEP, "k/net.ko: k/net-a.ko\nk/net-a.ko:\n");
	assert_file(&m, OUTPUT_DEP_BIN, dep, sizeof(dep));
	assert_file(&m, OUTPUT_ALIAS_BIN, alias, sizeof(alias));
	ASSERT_TEXT(&m, OUTPUT_ALIAS,
		    "# Aliases extracted from modules themselves.\nalias z-* net\nalias z[-] net\nalias z-* net_a\n");
	ASSERT_TEXT(&m, OUTPUT_SYMBOLS, "# Aliases for symbols, used by symbol_request().\nalias symbol:q net_a\n");
	assert_no_message(f);
	made_done(&m);
}

static void nothing_at_all(void **state)
{
	static const char empty[] = "\xb0\x07\xf4\x57\0\2\0\1\0\0\0\x0c";
	struct fixture *f = *state;
	struct made m;

	assert_int_equal(make(f, &m, NULL, 0, NULL, NULL), 0);
	ASSERT_TEXT(&m, OUTPUT_DEP, "");
	assert_file(&m, OUTPUT_DEP_BIN, empty, sizeof(empty) - 1);
	ASSERT_TEXT(&m, OUTPUT_SOFTDEP, "# Soft dependencies extracted from modules themselves.\n");
	ASSERT_TEXT(&m, OUTPUT_WEAKDEP, "# Weak dependencies extracted from modules themselves.\n");
	ASSERT_TEXT(&m, OUTPUT_DEVNAME, "");
	/* no modules.builtin: an empty file, not an empty index */
	assert_file(&m, OUTPUT_BUILTIN_BIN, NULL, 0);
	made_done(&m);
}

static void devnames(void **state)
{
	static struct module modules[] = {
		{ .path = "a.ko",
		  .name = "a",
		  .facts.lists = { [RECORD_ALIASES] = FACTS("devname:x\0char-major-10-*\0devname:y\0block-major-7-"
							    "1\0char-major-1-2") } },
		{ .path = "b.ko", .name = "b", .facts.lists = { [RECORD_ALIASES] = FACTS("devname:z") } },
		{ .path = "c.ko",
		  .name = "c",
		  .facts.lists = { [RECORD_ALIASES] = FACTS("char-major-1-2\0char-major-3-4\0devname:w\0devname:v") } },
	};
	struct fixture *f = *state;
	struct made m;

	assert_int_equal(make(f, &m, modules, 3, NULL, NULL), 0);
	ASSERT_TEXT(&m, OUTPUT_DEVNAME, "# Device nodes to trigger on-demand module loading.\na y b7:1\nc w c3:4\n");
	assert_message(f, "Module 'b' has devname (z) but lacks major and minor information. Ignoring.");
	made_done(&m);
}

static void builtin_files(void **state)
{
	static const char modinfo_text[] =
		"ext-4.alias=fs-ext4\0ext-4.license=GPL\0unix.alias=net-pf-1\0unix.alias=bad[";
	struct buf builtin = { .p = (char[]){ "kernel/fs/ext-4.ko\n7bad\nkernel/net/unix.ko" } };
	struct buf modinfo = { .p = (char *)(uintptr_t)modinfo_text, .n = sizeof(modinfo_text) - 1 };
	struct fixture *f = *state;
	struct made m;

	builtin.n = strlen(builtin.p);
	assert_int_equal(make(f, &m, NULL, 0, &builtin, &modinfo), 0);
	assert_non_null(
		memmem(m.outputs.files[OUTPUT_BUILTIN_BIN].p, m.outputs.files[OUTPUT_BUILTIN_BIN].n, "xt_4", 5));
	/* the module's name as it is spelled there, the alias normalised */
	assert_non_null(memmem(m.outputs.files[OUTPUT_BUILTIN_ALIAS_BIN].p, m.outputs.files[OUTPUT_BUILTIN_ALIAS_BIN].n,
			       "s_ext4\0\0\0\0\1\0\0\0\0ext-4", 21));
	assert_message(f, "Invalid modules.builtin line: 7bad");
	assert_message(f, "Unmatched bracket in bad[");
	assert_true(m.outputs.incomplete);
	made_done(&m);
}

/* kmod dies of it; here the one entry is left out, and the exit status tells. */
static void bytes_that_no_index_takes(void **state)
{
	static struct module modules[] = {
		{ .path = "a.ko", .name = "a", .facts.lists = { [RECORD_ALIASES] = FACTS("x\xc3\xa4\0y") } },
	};
	struct fixture *f = *state;
	struct made m;

	assert_int_equal(make(f, &m, modules, 1, NULL, NULL), 0);
	assert_true(m.outputs.incomplete);
	assert_message(f, "depmod.not-ascii: a.ko: left out of the index");
	ASSERT_TEXT(&m, OUTPUT_ALIAS, "# Aliases extracted from modules themselves.\nalias x\xc3\xa4 a\nalias y a\n");
	made_done(&m);
}

static void symbols_with_control_characters(void **state)
{
	static struct module modules[] = {
		{ .path = "a.ko", .name = "a", .facts.lists = { [RECORD_EXPORTS] = FACTS("f\nalias x\0g") } },
	};
	struct fixture *f = *state;
	struct made m;

	assert_int_equal(make(f, &m, modules, 1, NULL, NULL), 0);
	assert_true(m.outputs.incomplete);
	assert_message(f, "symbol:f?alias x a");
	ASSERT_TEXT(&m, OUTPUT_SYMBOLS, "# Aliases for symbols, used by symbol_request().\nalias symbol:g a\n");
	assert_null(memmem(m.outputs.files[OUTPUT_SYMBOLS_BIN].p, m.outputs.files[OUTPUT_SYMBOLS_BIN].n, "f\n", 2));
	made_done(&m);
}

static bool holds(const struct made *m, enum output_id id, const char *text)
{
	return memmem(m->outputs.files[id].p, m->outputs.files[id].n, text, strlen(text));
}

static void aliases_with_control_characters(void **state)
{
	static struct module modules[] = {
		{ .path = "a.ko", .name = "a", .facts.lists = { [RECORD_ALIASES] = FACTS("x\nalias y z\0g\tg\0h") } },
	};
	struct fixture *f = *state;
	struct made m;

	assert_int_equal(make(f, &m, modules, 1, NULL, NULL), 0);
	assert_true(m.outputs.incomplete);
	assert_message(f, "depmod.control: a.ko: left out of the index: control characters: alias x?alias y z");
	ASSERT_TEXT(&m, OUTPUT_ALIAS, "# Aliases extracted from modules themselves.\nalias h a\n");
	assert_false(holds(&m, OUTPUT_ALIAS_BIN, "g\tg"));
	made_done(&m);
}

/* Lines that modprobe obeys: none may become two, join the next one, or name another module. */
static void softdeps_that_would_not_stay_one_line(void **state)
{
	static struct module modules[] = {
		{ .path = "a.ko",
		  .name = "a",
		  .facts.lists = { [RECORD_SOFTDEPS] = FACTS("pre: b\ninstall c x\0pre: d\\\0pre: e") } },
		{ .path = "f b.ko", .name = "f b", .facts.lists = { [RECORD_SOFTDEPS] = FACTS("pre: g") } },
	};
	struct fixture *f = *state;
	struct made m;

	assert_int_equal(make(f, &m, modules, 2, NULL, NULL), 0);
	assert_true(m.outputs.incomplete);
	assert_message(f, "a.ko: left out of the index, where it would not be one line: softdep pre: b?install c x");
	assert_message(f, "a.ko: left out of the index, where it would not be one line: softdep pre: d\\");
	assert_message(f, "f b.ko: left out of the index, where it would not be one line: softdep pre: g");
	ASSERT_TEXT(&m, OUTPUT_SOFTDEP, "# Soft dependencies extracted from modules themselves.\nsoftdep a pre: e\n");
	made_done(&m);
}

static void device_nodes_with_control_characters(void **state)
{
	static struct module modules[] = {
		{ .path = "a.ko",
		  .name = "a",
		  .facts.lists = { [RECORD_ALIASES] = FACTS("char-major-1-2\0devname:x\ny z c1:1") } },
	};
	struct fixture *f = *state;
	struct made m;

	assert_int_equal(make(f, &m, modules, 1, NULL, NULL), 0);
	assert_true(m.outputs.incomplete);
	assert_message(f, "where it would not be one line: devname x?y z c1:1");
	assert_int_equal(m.outputs.files[OUTPUT_DEVNAME].n, 0);
	made_done(&m);
}

static void alias_longer_than_a_path(void **state)
{
	static char packed[PATH_MAX + 2];
	struct module modules[] = {
		{ .path = "a.ko", .name = "a", .facts.lists = { [RECORD_ALIASES] = { packed, sizeof(packed) } } },
	};
	struct fixture *f = *state;
	struct made m;

	memset(packed, 'x', sizeof(packed) - 1);
	assert_int_equal(make(f, &m, modules, 1, NULL, NULL), 0);
	assert_true(m.outputs.incomplete);
	assert_message(f, "depmod.alias-long: a.ko: alias of 4097 bytes left out of the index");
	made_done(&m);
}

static void repeated_alias_is_told(void **state)
{
	static struct module modules[] = {
		{ .path = "a.ko", .name = "a", .facts.lists = { [RECORD_ALIASES] = FACTS("x-1\0x_1") } },
		{ .path = "b.ko", .name = "b", .facts.lists = { [RECORD_ALIASES] = FACTS("x-1") } },
	};
	struct fixture *f = *state;
	struct made m;

	assert_int_equal(make(f, &m, modules, 2, NULL, NULL), 0);
	assert_string_equal(buf_str(&f->messages), "4 depmod.repeated: duplicate module alias:\nx_1 a\n");
	made_done(&m);
}

static void only_texts(void **state)
{
	static struct module modules[] = { { .path = "a.ko", .name = "a" } };
	struct fixture *f = *state;
	struct made m;

	assert_int_equal(make(f, &m, modules, 1, NULL, NULL), 0);
	outputs_done(&m.outputs);
	m.outputs.only_texts = true;
	assert_int_equal(outputs_build(&m.outputs, 1), 0);
	ASSERT_TEXT(&m, OUTPUT_DEP, "a.ko:\n");
	assert_file(&m, OUTPUT_DEP_BIN, NULL, 0);
	made_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(worked_example),
		FIXTURE_TEST(nothing_at_all),
		FIXTURE_TEST(devnames),
		FIXTURE_TEST(builtin_files),
		FIXTURE_TEST(bytes_that_no_index_takes),
		FIXTURE_TEST(symbols_with_control_characters),
		FIXTURE_TEST(aliases_with_control_characters),
		FIXTURE_TEST(softdeps_that_would_not_stay_one_line),
		FIXTURE_TEST(device_nodes_with_control_characters),
		FIXTURE_TEST(alias_longer_than_a_path),
		FIXTURE_TEST(repeated_alias_is_told),
		FIXTURE_TEST(only_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
