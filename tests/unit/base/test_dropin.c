// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "base/buf.h"
#include "base/dropin.h"

struct fixture {
	char *dir;
	struct buf messages;
};

static void collect(void *data, const struct diag_msg *msg)
{
	buf_addf(data, "%s\n", msg->text);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = unit_mkdtemp();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	unit_rmdir(f->dir);
	buf_done(&f->messages);
	free(f);
	return 0;
}

static char *listing(struct fixture *f, const char *const *paths)
{
	const struct root root = { .prefix = f->dir };
	struct diag diag = { collect, &f->messages, LOG_WARNING };
	_cleanup_dropin_ struct dropin d = { 0 };
	struct buf out = BUF_INIT;

	assert_int_equal(dropin_collect(&root, paths, &diag, &d), 0);
	for (size_t i = 0; i < d.n; i++)
		buf_addf(&out, "%s ", d.items[i].path);
	return buf_steal(&out);
}

static void earlier_masks_and_names_sort(void **state)
{
	const char *paths[] = { "/etc/x.d", "/lib/x.d", "/none", NULL };
	struct fixture *f = *state;
	char *got;

	unit_puts(f->dir, "lib/x.d/b.conf", "");
	unit_puts(f->dir, "lib/x.d/a.conf", "");
	unit_puts(f->dir, "etc/x.d/b.conf", "");
	unit_puts(f->dir, "etc/x.d/c.txt", "");
	unit_puts(f->dir, "etc/x.d/.d.conf", "");
	unit_puts(f->dir, "etc/x.d/.conf", "");
	got = listing(f, paths);
	assert_string_equal(got, "/lib/x.d/a.conf /etc/x.d/b.conf ");
	free(got);
}

static void single_file_of_any_name(void **state)
{
	const char *paths[] = { "/one", NULL };
	struct fixture *f = *state;
	char *got;

	unit_puts(f->dir, "one", "");
	got = listing(f, paths);
	assert_string_equal(got, "/one ");
	free(got);
}

/* Nothing can be there, so nothing is hidden. */
static void impossible_paths_are_missing(void **state)
{
	struct fixture *f = *state;
	const struct root root = { .prefix = f->dir };
	static char longer[300] = "/etc/";
	const char *const paths[] = { "/etc/one.conf/below", longer, "/nowhere", NULL };
	_cleanup_(dropin_done) struct dropin d = { 0 };

	memset(longer + 5, 'x', sizeof(longer) - 6);
	unit_puts(f->dir, "etc/one.conf", "");
	assert_int_equal(dropin_collect(&root, paths, NULL, &d), 0);
	assert_int_equal(d.n, 0);
	assert_int_equal(d.error, 0);
}

static void odd_entries_are_reported(void **state)
{
	const char *paths[] = { "/e", NULL };
	struct fixture *f = *state;
	char *got, path[4096];

	unit_puts(f->dir, "e/d.conf/x", "");
	snprintf(path, sizeof(path), "%s/e/l.conf", f->dir);
	assert_int_equal(symlink("/nonexistent/y", path), 0);
	snprintf(path, sizeof(path), "%s/e/p.conf", f->dir);
	assert_int_equal(mkfifo(path, 0644), 0);
	got = listing(f, paths);
	assert_string_equal(got, "");
	assert_non_null(strstr(buf_str(&f->messages), "Directories inside directories are not supported: /e/d.conf\n"));
	assert_non_null(strstr(buf_str(&f->messages), "Cannot stat directory entry: /e/l.conf\n"));
	assert_non_null(strstr(buf_str(&f->messages), "Not a regular file: /e/p.conf\n"));
	free(got);
}

static void files_that_are_not_read_are_found(void **state)
{
	const char *paths[] = { "/etc/x.d", "/lib/x.d", "/etc/x.d", "/none", NULL };
	struct fixture *f = *state;
	const struct root root = { .prefix = f->dir };
	_cleanup_strv_ struct strv got = { 0 };
	_cleanup_buf_ struct buf out = BUF_INIT;

	unit_puts(f->dir, "etc/x.d/a.conf", "");
	unit_puts(f->dir, "etc/x.d/b", "");
	unit_puts(f->dir, "etc/x.d/.c.conf", "");
	unit_puts(f->dir, "etc/x.d/.d.swp", "");
	unit_puts(f->dir, "etc/x.d/README", "");
	unit_puts(f->dir, "etc/x.d/dir/e", "");
	unit_puts(f->dir, "lib/x.d/f.CONF", "");
	assert_int_equal(dropin_unread(&root, paths, &got), 0);
	for (size_t i = 0; i < got.n; i++)
		buf_addf(&out, "%s ", got.items[i]);
	assert_string_equal(buf_str(&out), "/etc/x.d/.c.conf /etc/x.d/b /lib/x.d/f.CONF ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(earlier_masks_and_names_sort, setup, teardown),
		cmocka_unit_test_setup_teardown(single_file_of_any_name, setup, teardown),
		cmocka_unit_test_setup_teardown(impossible_paths_are_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(odd_entries_are_reported, setup, teardown),
		cmocka_unit_test_setup_teardown(files_that_are_not_read_are_found, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
