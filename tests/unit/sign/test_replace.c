// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>
#include <dirent.h>

#include "base/fileio.h"
#include "sign/replace.h"

static const struct root real_root = ROOT_REAL;

static void path_in(char *ret, const char *dir, const char *name)
{
	snprintf(ret, PATH_MAX, "%s/%s", dir, name);
}

static void expect_content(const char *path, const char *text)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	assert_int_equal(file_read(&real_root, path, 1000, &b), 0);
	assert_string_equal(buf_str(&b), text);
}

static void begin(const char *path, struct replacement *r)
{
	assert_int_equal(replacement_begin(&real_root, path, r), 0);
	assert_int_equal(replacement_write(r, span_of_str("new ")), 0);
	assert_int_equal(replacement_write(r, span_of_str("text")), 0);
	assert_int_equal(replacement_settle(r), 0);
}

static void the_old_file_stands_until_commit(void **state _unused_)
{
	struct replacement r = REPLACEMENT_INIT;
	char *dir = unit_mkdtemp(), path[PATH_MAX], temporary[PATH_MAX];

	path_in(path, dir, "f");
	unit_puts(dir, "f", "old");
	begin(path, &r);
	expect_content(path, "old");
	expect_content(r.temporary, "new text");
	snprintf(temporary, sizeof(temporary), "%s", r.temporary);
	assert_int_equal(replacement_commit(&r), 0);
	expect_content(path, "new text");
	replacement_done(&r);
	assert_int_equal(access(temporary, F_OK), -1);
	unit_rmdir(dir);
}

static void giving_up_leaves_nothing(void **state _unused_)
{
	struct replacement r = REPLACEMENT_INIT;
	char *dir = unit_mkdtemp(), path[PATH_MAX], temporary[PATH_MAX];

	path_in(path, dir, "f");
	unit_puts(dir, "f", "old");
	begin(path, &r);
	snprintf(temporary, sizeof(temporary), "%s", r.temporary);
	replacement_done(&r);
	expect_content(path, "old");
	assert_int_equal(access(temporary, F_OK), -1);
	unit_rmdir(dir);
}

static void a_new_file_gets_the_usual_mode(void **state _unused_)
{
	struct replacement r = REPLACEMENT_INIT;
	char *dir = unit_mkdtemp(), path[PATH_MAX];
	struct stat st;
	mode_t mask = umask(027);

	path_in(path, dir, "f");
	begin(path, &r);
	assert_int_equal(replacement_commit(&r), 0);
	replacement_done(&r);
	umask(mask);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	unit_rmdir(dir);
}

static void what_is_no_file_is_refused(void **state _unused_)
{
	struct replacement r = REPLACEMENT_INIT;
	char *dir = unit_mkdtemp(), path[PATH_MAX];

	assert_int_equal(replacement_begin(&real_root, dir, &r), -EINVAL);
	path_in(path, dir, "absent/f");
	assert_int_equal(replacement_begin(&real_root, path, &r), -ENOENT);
	assert_int_equal(r.fd, -1);
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_old_file_stands_until_commit),
		cmocka_unit_test(giving_up_leaves_nothing),
		cmocka_unit_test(a_new_file_gets_the_usual_mode),
		cmocka_unit_test(what_is_no_file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
