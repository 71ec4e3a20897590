// SPDX-License-Identifier: MIT
#include "build.h"

#include <fcntl.h>

#include "read/index/catalog.h"

struct fixture {
	char *dir;
	struct buf messages;
	struct diag diag;
	struct catalog *catalog;
};

static void collect(void *data, const struct diag_msg *msg)
{
	buf_addf(data, "%s\n", msg->text);
}

static void put(const struct fixture *f, enum catalog_index which, const struct build_entry *e, size_t n)
{
	struct buf b = build_index(e, n);
	char name[200];

	snprintf(name, sizeof(name), "lib/modules/1/%s", catalog_file_name(which));
	unit_write(f->dir, name, b.p, b.n);
	buf_done(&b);
}

static int setup(void **state)
{
	static const struct build_entry dep[] = { { "net", "k/net.ko: k/net-a.ko", 0 }, { "net_a", "k/net-a.ko:", 1 } };
	static const struct build_entry alias[] = { { "pci:*", "net", 0 } };
	static const struct build_entry symbol[] = { { "symbol:q", "net_a", 1 } };
	static const struct build_entry builtin[] = { { "unix", "", 0 } };
	static const struct build_entry builtin_alias[] = { { "net_pf_1", "unix", 0 } };
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = unit_mkdtemp();
	f->diag = (struct diag){ collect, &f->messages, LOG_WARNING };
	put(f, CATALOG_DEP, dep, ELEMENTSOF(dep));
	put(f, CATALOG_ALIAS, alias, ELEMENTSOF(alias));
	put(f, CATALOG_SYMBOL, symbol, ELEMENTSOF(symbol));
	put(f, CATALOG_BUILTIN, builtin, ELEMENTSOF(builtin));
	put(f, CATALOG_BUILTIN_ALIAS, builtin_alias, ELEMENTSOF(builtin_alias));
	assert_int_equal(catalog_open(&(struct root){ .prefix = f->dir }, "/lib/modules/1", &f->diag, &f->catalog), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	catalog_close(f->catalog);
	unit_rmdir(f->dir);
	buf_done(&f->messages);
	free(f);
	return 0;
}

static void queries(void **state)
{
	struct fixture *f = *state;
	char *path;

	assert_string_equal(catalog_dep_line(f->catalog, "net_a"), "k/net-a.ko:");
	assert_null(catalog_dep_line(f->catalog, "none"));
	assert_true(catalog_is_builtin(f->catalog, "unix"));
	assert_false(catalog_is_builtin(f->catalog, "net"));
	assert_string_equal(catalog_dir(f->catalog), "/lib/modules/1");
	assert_int_equal(catalog_join(f->catalog, "k/net.ko: more", 8, &path), 0);
	assert_string_equal(path, "/lib/modules/1/k/net.ko");
	free(path);
	assert_int_equal(catalog_join(f->catalog, "/abs/x.ko", 9, &path), 0);
	assert_string_equal(path, "/abs/x.ko");
	free(path);
}

static void paths_below_an_anchor_stay_there(void **state)
{
	static const struct {
		const char *path, *joined;
	} rows[] = {
		{ "k/a.ko", "/lib/modules/1/k/a.ko" },
		{ "../../../../x.ko", "/lib/modules/1/../../../../x.ko" },
		{ "/opt/a.ko", "/opt/a.ko" },
		{ "/../a.ko", "/../a.ko" },
	};
	struct fixture *f = *state;
	struct root root = ROOT_REAL;
	char dir[4200], want[4400];
	struct catalog *c;
	char *path;

	assert_int_equal(root_anchor_add(&root, f->dir), 0);
	snprintf(dir, sizeof(dir), "%s/lib/modules/1", f->dir);
	assert_int_equal(catalog_open(&root, dir, &f->diag, &c), 0);
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		assert_int_equal(catalog_join(c, rows[i].path, strlen(rows[i].path), &path), 0);
		snprintf(want, sizeof(want), "%s%s", f->dir, rows[i].joined);
		assert_string_equal(path, want);
		free(path);
	}
	assert_int_equal(catalog_join(c, want, strlen(want), &path), 0);
	assert_true(root_is_anchored(&root, path));
	free(path);
	catalog_close(c);
	root_anchors_close(&root);
}

static void missing_directory_is_empty(void **state)
{
	struct fixture *f = *state;
	struct catalog *c;

	assert_int_equal(catalog_open(&(struct root){ .prefix = f->dir }, "/lib/modules/2", &f->diag, &c), 0);
	assert_null(catalog_dep_line(c, "net"));
	assert_null(catalog_reader(c, CATALOG_ALIAS));
	assert_int_equal(catalog_load(c, &f->diag), -ENOENT);
	assert_string_equal(buf_str(&f->messages), "");
	catalog_close(c);
}

static void load_needs_all_but_the_builtin_aliases(void **state)
{
	struct fixture *f = *state;

	unit_puts(f->dir, "lib/modules/1/modules.builtin.alias.bin", "");
	assert_int_equal(catalog_load(f->catalog, &f->diag), 0);
	catalog_unload(f->catalog);
	/* A legal output of depmod, and still what makes loading fail. */
	unit_puts(f->dir, "lib/modules/1/modules.builtin.bin", "");
	assert_int_equal(catalog_load(f->catalog, &f->diag), -EINVAL);
	assert_string_equal(catalog_dep_line(f->catalog, "net_a"), "k/net-a.ko:");
	assert_false(catalog_is_builtin(f->catalog, "unix"));
	assert_string_equal(buf_str(&f->messages), "");
}

static void what_was_missing_is_found_after_a_retry(void **state)
{
	struct fixture *f = *state;
	char here[4200], aside[4200];

	snprintf(here, sizeof(here), "%s/lib/modules/1/modules.dep.bin", f->dir);
	snprintf(aside, sizeof(aside), "%s/aside", f->dir);
	assert_int_equal(rename(here, aside), 0);
	assert_null(catalog_dep_line(f->catalog, "net_a"));
	assert_int_equal(rename(aside, here), 0);
	assert_null(catalog_dep_line(f->catalog, "net_a"));
	catalog_retry(f->catalog);
	assert_string_equal(catalog_dep_line(f->catalog, "net_a"), "k/net-a.ko:");
}

static void damaged_index_is_reported_once(void **state)
{
	struct fixture *f = *state;

	unit_puts(f->dir, "lib/modules/1/modules.dep.bin", "this is no index");
	assert_null(catalog_dep_line(f->catalog, "net"));
	assert_null(catalog_dep_line(f->catalog, "net"));
	assert_int_equal(catalog_load(f->catalog, &f->diag), -EINVAL);
	assert_string_equal(buf_str(&f->messages),
			    "/lib/modules/1/modules.dep.bin: magic check fail: 74686973 instead of b007f457\n");
}

static void freshness(void **state)
{
	static const struct build_entry dep[] = { { "net", "k/net.ko:", 0 } };
	struct fixture *f = *state;
	char path[4096];

	snprintf(path, sizeof(path), "%s/lib/modules/1/modules.dep.bin", f->dir);
	unit_need_times(path);
	assert_true(catalog_is_fresh(f->catalog));
	assert_int_equal(catalog_load(f->catalog, &f->diag), 0);
	assert_true(catalog_is_fresh(f->catalog));
	assert_int_equal(unlink(path), 0);
	assert_false(catalog_is_fresh(f->catalog));
	put(f, CATALOG_DEP, dep, ELEMENTSOF(dep));
	assert_false(catalog_is_fresh(f->catalog));
	catalog_unload(f->catalog);
	assert_true(catalog_is_fresh(f->catalog));
	assert_string_equal(catalog_dep_line(f->catalog, "net"), "k/net.ko:");
}

static void builtin_modinfo(void **state)
{
	struct fixture *f = *state;
	struct catalog *c;
	struct span s;

	assert_int_equal(catalog_builtin_modinfo(f->catalog, &s), -ENOENT);
	unit_write(f->dir, "lib/modules/1/modules.builtin.modinfo", "a.b=c", 6);
	assert_int_equal(catalog_open(&(struct root){ .prefix = f->dir }, "/lib/modules/1", NULL, &c), 0);
	assert_int_equal(catalog_builtin_modinfo(c, &s), 0);
	assert_int_equal(s.n, 6);
	catalog_close(c);
}

static void expect_dump(const struct fixture *f, enum catalog_index which, const char *want)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	assert_int_equal(catalog_dump(f->catalog, which, out), 0);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
}

static void dumps(void **state)
{
	struct fixture *f = *state;
	char path[4096];

	expect_dump(f, CATALOG_DEP, "net k/net.ko: k/net-a.ko\nnet_a k/net-a.ko:\n");
	expect_dump(f, CATALOG_ALIAS, "alias pci:* net\n");
	expect_dump(f, CATALOG_SYMBOL, "alias symbol:q net_a\n");
	expect_dump(f, CATALOG_BUILTIN, "unix \n");
	snprintf(path, sizeof(path), "%s/lib/modules/1/modules.builtin.alias.bin", f->dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(catalog_dump(f->catalog, CATALOG_BUILTIN_ALIAS, stdout), -ENOSYS);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(queries),
		T(paths_below_an_anchor_stay_there),
		T(missing_directory_is_empty),
		T(load_needs_all_but_the_builtin_aliases),
		T(what_was_missing_is_found_after_a_retry),
		T(damaged_index_is_reported_once),
		T(freshness),
		T(builtin_modinfo),
		T(dumps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
