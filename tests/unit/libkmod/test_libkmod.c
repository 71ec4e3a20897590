// SPDX-License-Identifier: MIT
/* The library's functions on a small installation; what the tools' golden cases do not reach through it. */
#include "unit.h"

#include <errno.h>
#include <limits.h>

#include "face/libkmod/private.h"
#include "lib/fake_kernel.h"
#include "mkko.h"
#include "read/index/writer.h"

#define RELEASE "lib/modules/5.0.0"
#define CONF                                                                                                           \
	"alias known leaf\noptions leaf mode=1\noptions known extra=2\ninstall cmd /bin/true\nremove cmd /bin/false\n" \
	"blacklist core\nsoftdep leaf pre: core post: cmd\nweakdep leaf core\n"

struct bench {
	char *dir, dirname[4096], conf[4096];
	struct fake_kernel fake;
	struct kmod_ctx *ctx;
	struct buf log;
};

static void put_index(const struct bench *b, const char *file, const char *const *pairs)
{
	struct index_writer *w = index_writer_new();
	_cleanup_buf_ struct buf bytes = BUF_INIT;
	char path[256];

	assert_non_null(w);
	for (unsigned i = 0; pairs[i]; i += 2)
		assert_int_equal(index_writer_add(w, pairs[i], pairs[i + 1], i), 0);
	assert_int_equal(index_writer_finish(w, &bytes), 0);
	snprintf(path, sizeof(path), RELEASE "/%s", file);
	unit_write(b->dir, path, bytes.p, bytes.n);
	index_writer_free(w);
}

static void put_indexes(const struct bench *b)
{
	static const char *const deps[] = { "core", "kernel/core.ko:", "leaf", "kernel/leaf.ko: kernel/core.ko", NULL };
	static const char *const aliases[] = { "pci:v*", "leaf", NULL };
	static const char *const symbols[] = { "symbol:core_fn", "core", NULL };
	static const char *const builtins[] = { "unix", "", NULL };
	static const char *const builtin_aliases[] = { "net_pf_1", "unix", NULL };

	put_index(b, "modules.dep.bin", deps);
	put_index(b, "modules.alias.bin", aliases);
	put_index(b, "modules.symbols.bin", symbols);
	put_index(b, "modules.builtin.bin", builtins);
	put_index(b, "modules.builtin.alias.bin", builtin_aliases);
}

static void log_text(void *data, int priority, const char *file, int line _unused_, const char *fn, const char *format,
		     va_list args)
{
	struct bench *b = data;
	char text[1024];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	vsnprintf(text, sizeof(text), format, args);
#pragma GCC diagnostic pop
	buf_addf(&b->log, "%d %s %s %s", priority, file, fn, text);
}

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->dir = unit_mkdtemp();
	snprintf(b->dirname, sizeof(b->dirname), "%s/" RELEASE, b->dir);
	snprintf(b->conf, sizeof(b->conf), "%s/t.conf", b->dir);
	unit_puts(b->dir, "t.conf", CONF);
	unit_puts(b->dir, "proc/modules", "leaf 100 0 - Live 0x0\ncore 4096 1 leaf, Live 0x0\n");
	put_indexes(b);
	assert_int_equal(fake_kernel_init(&b->fake, b->dir), 0);
	b->ctx = kmod_new(b->dirname, (const char *const[]){ b->conf, NULL });
	assert_non_null(b->ctx);
	kmod_set_log_fn(b->ctx, log_text, b);
	/* From here on: what the kernel says comes from the directory, files of the release have their real paths. */
	b->ctx->sys.root = (struct root){ .prefix = b->dir };
	b->ctx->sys.kernel = &b->fake.kernel;
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	kmod_unref(b->ctx);
	fake_kernel_done(&b->fake);
	buf_done(&b->log);
	unit_rmdir(b->dir);
	free(b);
	return 0;
}

static struct kmod_module *named(const struct bench *b, const char *name)
{
	struct kmod_module *m;

	assert_int_equal(kmod_module_new_from_name(b->ctx, name, &m), 0);
	return m;
}

/* The names of a list of modules, which is given back: "core leaf ". */
static void assert_modules(struct kmod_list *list, const char *want)
{
	_cleanup_buf_ struct buf names = BUF_INIT;
	struct kmod_list *e;

	kmod_list_foreach(e, list) {
		struct kmod_module *m = kmod_module_get_module(e);

		buf_addf(&names, "%s ", kmod_module_get_name(m));
		kmod_module_unref(m);
	}
	assert_string_equal(buf_str(&names), want);
	assert_int_equal(kmod_module_unref_list(list), 0);
}

static struct kmod_list *found(const struct bench *b, const char *alias)
{
	struct kmod_list *list = NULL;

	assert_int_equal(kmod_module_new_from_lookup(b->ctx, alias, &list), 0);
	return list;
}

/* ---- contexts ---- */

static void a_context_counts_its_references(void **state)
{
	struct bench *b = *state;
	int mine;

	assert_ptr_equal(kmod_ref(b->ctx), b->ctx);
	assert_ptr_equal(kmod_unref(b->ctx), b->ctx);
	kmod_set_userdata(b->ctx, &mine);
	assert_ptr_equal(kmod_get_userdata(b->ctx), &mine);
	assert_string_equal(kmod_get_dirname(b->ctx), b->dirname);
}

static void a_relative_directory_is_made_absolute(void **state _unused_)
{
	struct kmod_ctx *ctx = kmod_new("some/where", NULL);
	char *cwd = getcwd(NULL, 0), *want;

	assert_non_null(ctx);
	assert_true(asprintf(&want, "%s/some/where", cwd) > 0);
	assert_string_equal(kmod_get_dirname(ctx), want);
	kmod_unref(ctx);
	free(cwd);
	free(want);
}

static void the_environment_sets_the_priority(void **state _unused_)
{
	static const struct {
		const char *word;
		int priority;
	} table[] = {
		{ "err", LOG_ERR }, { "info", LOG_INFO }, { "debug", LOG_DEBUG },
		{ "5", 5 },         { "4294967295", 0 },  { "loud", 0 },
	};

	for (size_t i = 0; i < ELEMENTSOF(table); i++) {
		struct kmod_ctx *ctx;

		setenv("KMOD_LOG", table[i].word, 1);
		ctx = kmod_new(NULL, NULL);
		assert_int_equal(kmod_get_log_priority(ctx), table[i].priority);
		kmod_set_log_priority(ctx, LOG_WARNING);
		assert_int_equal(kmod_get_log_priority(ctx), LOG_WARNING);
		kmod_unref(ctx);
	}
	unsetenv("KMOD_LOG");
}

static void nothing_is_needed_of_null(void **state _unused_)
{
	struct kmod_module *m = NULL;
	struct kmod_list *list = NULL, *other = NULL;

	kmod_set_log_fn(NULL, NULL, NULL);
	kmod_set_log_priority(NULL, 1);
	kmod_set_userdata(NULL, NULL);
	kmod_unload_resources(NULL);
	assert_int_equal(kmod_get_log_priority(NULL), -1);
	assert_null(kmod_get_userdata(NULL));
	assert_null(kmod_get_dirname(NULL));
	assert_null(kmod_ref(NULL));
	assert_null(kmod_unref(NULL));
	assert_int_equal(kmod_load_resources(NULL), -ENOENT);
	assert_int_equal(kmod_validate_resources(NULL), KMOD_RESOURCES_MUST_RECREATE);
	assert_int_equal(kmod_dump_index(NULL, KMOD_INDEX_MODULES_DEP, 1), -ENOSYS);
	assert_int_equal(kmod_module_new_from_name(NULL, "m", &m), -ENOENT);
	assert_int_equal(kmod_module_new_from_path(NULL, "/m", &m), -ENOENT);
	assert_int_equal(kmod_module_new_from_lookup(NULL, "m", &list), -ENOENT);
	assert_int_equal(kmod_module_new_from_name_lookup(NULL, "m", &m), -ENOENT);
	assert_int_equal(kmod_module_new_from_loaded(NULL, &list), -ENOENT);
	assert_int_equal(kmod_module_apply_filter(NULL, KMOD_FILTER_BUILTIN, NULL, &list), -ENOENT);
	assert_null(kmod_module_ref(NULL));
	assert_null(kmod_module_unref(NULL));
	assert_null(kmod_module_get_module(NULL));
	assert_null(kmod_module_get_name(NULL));
	assert_null(kmod_module_get_path(NULL));
	assert_null(kmod_module_get_options(NULL));
	assert_null(kmod_module_get_install_commands(NULL));
	assert_null(kmod_module_get_dependencies(NULL));
	assert_null(kmod_module_get_holders(NULL));
	assert_null(kmod_module_get_sections(NULL));
	assert_int_equal(kmod_module_get_softdeps(NULL, &list, &other), -ENOENT);
	assert_int_equal(kmod_module_get_weakdeps(NULL, &list), -ENOENT);
	assert_int_equal(kmod_module_get_initstate(NULL), -ENOENT);
	assert_int_equal(kmod_module_get_refcnt(NULL), -ENOENT);
	assert_int_equal(kmod_module_get_size(NULL), -ENOENT);
	assert_int_equal(kmod_module_get_info(NULL, &list), -ENOENT);
	assert_int_equal(kmod_module_get_versions(NULL, &list), -ENOENT);
	assert_int_equal(kmod_module_insert_module(NULL, 0, ""), -ENOENT);
	assert_int_equal(kmod_module_remove_module(NULL, 0), -ENOENT);
	assert_int_equal(kmod_module_probe_insert_module(NULL, 0, NULL, NULL, NULL, NULL), -ENOENT);
	assert_int_equal(kmod_module_section_get_address(NULL), ULONG_MAX);
}

/* ---- modules ---- */

static void one_module_is_one_object(void **state)
{
	struct bench *b = *state;
	struct kmod_module *a = named(b, "le-af"), *again = named(b, "le_af"), *none = NULL;

	assert_ptr_equal(a, again);
	assert_string_equal(kmod_module_get_name(a), "le_af");
	assert_null(kmod_module_get_path(a));
	assert_int_equal(kmod_module_new_from_path(b->ctx, "/nosuch/le_af.ko", &none), -ENOENT);
	assert_null(none);
	kmod_module_unref(again);
	kmod_module_unref(a);
}

static void every_source_of_a_name_is_searched(void **state)
{
	struct bench *b = *state;
	struct kmod_module *m = NULL;

	assert_modules(found(b, "leaf"), "leaf ");
	assert_modules(found(b, "known"), "leaf ");
	assert_modules(found(b, "pci:v1234"), "leaf ");
	assert_modules(found(b, "symbol:core_fn"), "core ");
	assert_modules(found(b, "cmd"), "cmd ");
	assert_modules(found(b, "net-pf-1"), "unix ");
	assert_modules(found(b, "nosuch"), "");
	assert_int_equal(kmod_module_new_from_name_lookup(b->ctx, "nosuch", &m), 0);
	assert_null(m);
	assert_int_equal(kmod_module_new_from_name_lookup(b->ctx, "net-pf-1", &m), 0);
	assert_string_equal(kmod_module_get_name(m), "unix");
	assert_int_equal(kmod_module_get_initstate(m), KMOD_MODULE_BUILTIN);
	kmod_module_unref(m);
}

static void the_configuration_of_a_module(void **state)
{
	struct bench *b = *state;
	struct kmod_list *list = found(b, "known"), *pre = NULL, *post = NULL, *weak = NULL;
	struct kmod_module *leaf = kmod_module_get_module(list), *cmd = named(b, "cmd");

	assert_string_equal(kmod_module_get_options(leaf), "mode=1 extra=2");
	assert_string_equal(kmod_module_get_options(leaf), "mode=1 extra=2");
	assert_null(kmod_module_get_options(cmd));
	assert_string_equal(kmod_module_get_install_commands(cmd), "/bin/true");
	assert_string_equal(kmod_module_get_remove_commands(cmd), "/bin/false");
	assert_null(kmod_module_get_install_commands(leaf));
	assert_int_equal(kmod_module_get_softdeps(leaf, &pre, &post), 0);
	assert_modules(pre, "core ");
	assert_modules(post, "cmd ");
	assert_int_equal(kmod_module_get_weakdeps(leaf, &weak), 0);
	assert_modules(weak, "core ");
	assert_modules(kmod_module_get_dependencies(leaf), "core ");
	kmod_module_unref(cmd);
	kmod_module_unref(leaf);
	kmod_module_unref_list(list);
}

static void lists_are_walked_in_both_directions(void **state)
{
	struct bench *b = *state;
	struct kmod_list *list = NULL, *last;

	assert_int_equal(kmod_module_new_from_loaded(b->ctx, &list), 0);
	last = kmod_list_last(list);
	assert_ptr_equal(kmod_list_next(list, list), last);
	assert_null(kmod_list_next(list, last));
	assert_ptr_equal(kmod_list_prev(list, last), list);
	assert_null(kmod_list_prev(list, list));
	assert_modules(list, "leaf core ");
}

static void filters_leave_out_what_is_denied_or_built_in(void **state)
{
	struct bench *b = *state;
	struct kmod_list *all = NULL, *kept = NULL, *one = found(b, "unix");

	assert_int_equal(kmod_module_new_from_loaded(b->ctx, &all), 0);
	assert_int_equal(kmod_module_apply_filter(b->ctx, KMOD_FILTER_BLACKLIST, all, &kept), 0);
	assert_modules(kept, "leaf ");
	assert_int_equal(kmod_module_apply_filter(b->ctx, KMOD_FILTER_BUILTIN, all, &kept), 0);
	assert_modules(kept, "leaf core ");
	assert_int_equal(kmod_module_apply_filter(b->ctx, KMOD_FILTER_BUILTIN, one, &kept), 0);
	assert_modules(kept, "");
	kmod_module_unref_list(one);
	kmod_module_unref_list(all);
}

/* ---- the kernel ---- */

static void the_state_of_a_loaded_module(void **state)
{
	struct bench *b = *state;
	struct kmod_module *core = named(b, "core"), *gone = named(b, "gone");

	assert_int_equal(kmod_module_get_initstate(core), KMOD_MODULE_LIVE);
	assert_int_equal(kmod_module_get_refcnt(core), 1);
	assert_int_equal(kmod_module_get_size(core), 4096);
	assert_modules(kmod_module_get_holders(core), "leaf ");
	assert_int_equal(kmod_module_get_initstate(gone), -ENOENT);
	assert_int_equal(kmod_module_get_refcnt(gone), -ENOENT);
	assert_int_equal(kmod_module_get_size(gone), -ENOENT);
	assert_string_equal(buf_str(&b->log), "");
	assert_null(kmod_module_get_holders(gone));
	assert_string_equal(
		buf_str(&b->log),
		"3 libkmod libkmod.holders could not open '/sys/module/gone/holders': No such file or directory\n");
	unit_puts(b->dir, "sys/module/core/initstate", "going\n");
	assert_int_equal(kmod_module_get_initstate(core), KMOD_MODULE_GOING);
	kmod_module_unref(gone);
	kmod_module_unref(core);
}

static void states_have_their_words(void **state _unused_)
{
	assert_string_equal(kmod_module_initstate_str(KMOD_MODULE_BUILTIN), "builtin");
	assert_string_equal(kmod_module_initstate_str(KMOD_MODULE_LIVE), "live");
	assert_string_equal(kmod_module_initstate_str(KMOD_MODULE_COMING), "coming");
	assert_string_equal(kmod_module_initstate_str(KMOD_MODULE_GOING), "going");
	assert_null(kmod_module_initstate_str((enum kmod_module_initstate)9));
}

static void sections_have_names_and_addresses(void **state)
{
	struct bench *b = *state;
	struct kmod_module *core = named(b, "core");
	struct kmod_list *list;

	unit_puts(b->dir, "sys/module/core/sections/.text", "0xffffffffc0000000\n");
	list = kmod_module_get_sections(core);
	assert_non_null(list);
	assert_null(kmod_list_next(list, list));
	assert_string_equal(kmod_module_section_get_name(list), ".text");
	assert_true(kmod_module_section_get_address(list) == (unsigned long)UINT64_C(0xffffffffc0000000));
	kmod_module_section_free_list(list);
	kmod_module_unref(core);
}

static void a_failing_removal_is_logged_unless_that_is_not_wanted(void **state)
{
	struct bench *b = *state;
	struct kmod_module *gone = named(b, "gone"), *leaf = named(b, "leaf");

	assert_int_equal(kmod_module_remove_module(gone, KMOD_REMOVE_NOLOG), -ENOENT);
	assert_string_equal(buf_str(&b->log), "");
	assert_int_equal(kmod_module_remove_module(gone, 0), -ENOENT);
	assert_non_null(strstr(buf_str(&b->log), "could not remove 'gone': No such file or directory\n"));
	assert_int_equal(kmod_module_remove_module(leaf, 0), 0);
	assert_int_equal(kmod_module_get_initstate(leaf), -ENOENT);
	kmod_module_unref(leaf);
	kmod_module_unref(gone);
}

/* ---- resources ---- */

static void loaded_resources_are_checked_against_the_files(void **state)
{
	struct bench *b = *state;

	unit_need_times(b->conf);
	b->ctx->sys.root = ROOT_REAL;
	assert_int_equal(kmod_validate_resources(b->ctx), KMOD_RESOURCES_OK);
	assert_int_equal(kmod_load_resources(b->ctx), 0);
	assert_int_equal(kmod_validate_resources(b->ctx), KMOD_RESOURCES_OK);
	assert_int_equal(unlink(b->conf), 0);
	assert_int_equal(kmod_validate_resources(b->ctx), KMOD_RESOURCES_MUST_RECREATE);
	kmod_unload_resources(b->ctx);
}

static void a_replaced_index_must_be_loaded_again(void **state)
{
	struct bench *b = *state;
	char path[8192], old[8192];

	b->ctx->sys.root = ROOT_REAL;
	assert_int_equal(kmod_load_resources(b->ctx), 0);
	snprintf(path, sizeof(path), "%s/modules.dep.bin", b->dirname);
	snprintf(old, sizeof(old), "%s/old", b->dirname);
	assert_int_equal(rename(path, old), 0);
	put_indexes(b);
	assert_int_equal(kmod_validate_resources(b->ctx), KMOD_RESOURCES_MUST_RELOAD);
	assert_int_equal(unlink(path), 0);
	kmod_unload_resources(b->ctx);
	assert_int_equal(kmod_load_resources(b->ctx), -ENOENT);
}

static void an_index_is_dumped(void **state)
{
	struct bench *b = *state;
	char text[256] = "";
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(kmod_dump_index(b->ctx, KMOD_INDEX_MODULES_SYMBOL, ends[1]), 0);
	assert_int_equal(kmod_dump_index(b->ctx, KMOD_INDEX_MODULES_BUILTIN, ends[1]), 0);
	assert_int_equal(kmod_dump_index(b->ctx, (enum kmod_index)9, ends[1]), -ENOENT);
	close(ends[1]);
	assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
	assert_string_equal(text, "alias symbol:core_fn core\nunix \n");
	close(ends[0]);
	assert_int_equal(kmod_dump_index(b->ctx, KMOD_INDEX_MODULES_DEP, -1), -EBADF);
}

/* ---- the configuration, and a file ---- */

static void every_kind_of_line_has_an_iterator(void **state)
{
	static struct kmod_config_iter *(*const kinds[])(const struct kmod_ctx *) = {
		kmod_config_get_blacklists, kmod_config_get_install_commands, kmod_config_get_remove_commands,
		kmod_config_get_aliases,    kmod_config_get_options,          kmod_config_get_softdeps,
		kmod_config_get_weakdeps,
	};
	static const char want[] =
		"core (null)\ncmd /bin/true\ncmd /bin/false\nknown leaf\nleaf mode=1\nknown extra=2\n"
		"leaf pre: corepost: cmd\nleaf core\n";
	struct bench *b = *state;
	_cleanup_buf_ struct buf text = BUF_INIT;

	for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
		struct kmod_config_iter *it = kinds[i](b->ctx);

		assert_non_null(it);
		assert_null(kinds[i](NULL));
		while (kmod_config_iter_next(it)) {
			const char *key = kmod_config_iter_get_key(it), *value = kmod_config_iter_get_value(it);

			/* The kernel's command line has options of this machine, too. */
			if (strstr("leaf known cmd core", key))
				buf_addf(&text, "%s %s\n", key, value ? value : "(null)");
		}
		kmod_config_iter_free_iter(it);
	}
	assert_string_equal(buf_str(&text), want);
}

static void what_a_file_says(void **state)
{
	struct bench *b = *state;
	_cleanup_buf_ struct buf ko = BUF_INIT;
	struct kmod_list *list = NULL, *e;
	struct kmod_module *m = NULL;
	char path[8192];

	assert_int_equal(
		mkko_build("info license=GPL\nexport core_fn 0x1234\nneed printk\nversion printk 0x5678\n", &ko), 0);
	unit_write(b->dir, "file.ko", ko.p, ko.n);
	snprintf(path, sizeof(path), "%s/file.ko", b->dir);
	assert_int_equal(kmod_module_new_from_path(b->ctx, path, &m), -ENOENT); /* below the root that the test set */
	b->ctx->sys.root = ROOT_REAL;
	assert_int_equal(kmod_module_new_from_path(b->ctx, path, &m), 0);
	assert_int_equal(kmod_module_get_info(m, &list), 1);
	assert_string_equal(kmod_module_info_get_key(list), "license");
	assert_string_equal(kmod_module_info_get_value(list), "GPL");
	kmod_module_info_free_list(take_ptr(list));
	assert_int_equal(kmod_module_get_versions(m, &list), 1);
	assert_string_equal(kmod_module_version_get_symbol(list), "printk");
	assert_true(kmod_module_version_get_crc(list) == 0x5678);
	kmod_module_versions_free_list(take_ptr(list));
	assert_int_equal(kmod_module_get_symbols(m, &list), 1);
	assert_string_equal(kmod_module_symbol_get_symbol(list), "core_fn");
	assert_true(kmod_module_symbol_get_crc(list) == 0x1234);
	kmod_module_symbols_free_list(take_ptr(list));
	assert_int_equal(kmod_module_get_dependency_symbols(m, &list), 1);
	kmod_list_foreach(e, list) {
		assert_string_equal(kmod_module_dependency_symbol_get_symbol(e), "printk");
		assert_int_equal(kmod_module_dependency_symbol_get_bind(e), KMOD_SYMBOL_UNDEF);
		assert_true(kmod_module_dependency_symbol_get_crc(e) == 0x5678);
	}
	kmod_module_dependency_symbols_free_list(list);
	kmod_module_unref(m);
}

#define bench_test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(a_context_counts_its_references),
		cmocka_unit_test(a_relative_directory_is_made_absolute),
		cmocka_unit_test(the_environment_sets_the_priority),
		cmocka_unit_test(nothing_is_needed_of_null),
		bench_test(one_module_is_one_object),
		bench_test(every_source_of_a_name_is_searched),
		bench_test(the_configuration_of_a_module),
		bench_test(lists_are_walked_in_both_directions),
		bench_test(filters_leave_out_what_is_denied_or_built_in),
		bench_test(the_state_of_a_loaded_module),
		cmocka_unit_test(states_have_their_words),
		bench_test(sections_have_names_and_addresses),
		bench_test(a_failing_removal_is_logged_unless_that_is_not_wanted),
		bench_test(loaded_resources_are_checked_against_the_files),
		bench_test(a_replaced_index_must_be_loaded_again),
		bench_test(an_index_is_dumped),
		bench_test(every_kind_of_line_has_an_iterator),
		bench_test(what_a_file_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
