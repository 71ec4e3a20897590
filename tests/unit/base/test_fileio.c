// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "base/fileio.h"

static int setup(void **state)
{
	*state = unit_mkdtemp();
	return 0;
}

static int teardown(void **state)
{
	unit_rmdir(*state);
	return 0;
}

static void read_respects_cap(void **state)
{
	const struct root root = { *state };
	_cleanup_buf_ struct buf b = BUF_INIT;

	unit_puts(*state, "f", "12345");
	assert_int_equal(file_read(&root, "/f", 5, &b), 0);
	assert_string_equal(buf_str(&b), "12345");
	assert_int_equal(file_read(&root, "/f", 4, &b), -EFBIG);
	assert_int_equal(file_read(&root, "/none", 4, &b), -ENOENT);
}

static void first_line_only(void **state)
{
	const struct root root = { *state };
	char line[8];

	unit_puts(*state, "f", "live\nrest\n");
	assert_int_equal(file_read_line(&root, "/f", line, sizeof(line)), 0);
	assert_string_equal(line, "live");
	assert_int_equal(file_read_line(&root, "/f", line, 4), -ERANGE);
}

/* A FIFO that nobody writes to would hold an open(2) that waits for ever. */
static void only_regular_files_are_read_and_mapped(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct root root = { *state };
	struct mapping m;
	char path[4096];

	snprintf(path, sizeof(path), "%s/fifo", root.prefix);
	assert_int_equal(mkfifo(path, 0644), 0);
	assert_int_equal(file_read_regular(&root, "/fifo", 100, &b), -EINVAL);
	assert_int_equal(mapping_open(&root, "/fifo", &m), -EINVAL);
	assert_int_equal(file_read_regular(&root, "/", 100, &b), -EISDIR);
	unit_puts(root.prefix, "f", "abc");
	assert_int_equal(file_read_regular(&root, "/f", 100, &b), 0);
	assert_string_equal(buf_str(&b), "abc");
}

static void mapping_of_empty_file_is_empty(void **state)
{
	const struct root root = { *state };
	struct mapping m;

	unit_puts(*state, "f", "");
	assert_int_equal(mapping_open(&root, "/f", &m), 0);
	assert_int_equal(m.bytes.n, 0);
	mapping_close(&m);
	assert_int_equal(mapping_open(&root, "/", &m), -EISDIR);
}

static void replace_keeps_mode_and_leaves_no_temporary(void **state)
{
	const struct root root = { *state };
	_cleanup_buf_ struct buf b = BUF_INIT;
	char path[4096], command[4200];
	struct stat st;

	unit_puts(*state, "f", "old");
	snprintf(path, sizeof(path), "%s/f", (char *)*state);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(file_replace(&root, "/f", span_of_str("new"), 0644), 0);
	assert_int_equal(file_read(&root, "/f", 100, &b), 0);
	assert_string_equal(buf_str(&b), "new");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	snprintf(command, sizeof(command), "test \"$(ls -A '%s')\" = f", (char *)*state);
	assert_int_equal(system(command), 0);
}

static void failed_replace_leaves_everything(void **state)
{
	const struct root root = { *state };
	char command[4200];

	unit_puts(*state, "d/x", "");
	assert_int_equal(file_replace(&root, "/d", span_of_str("new"), 0644), -EISDIR);
	assert_int_equal(file_replace(&root, "/none/f", span_of_str("new"), 0644), -ENOENT);
	snprintf(command, sizeof(command), "test \"$(ls -A '%s')\" = d", (char *)*state);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(read_respects_cap, setup, teardown),
		cmocka_unit_test_setup_teardown(first_line_only, setup, teardown),
		cmocka_unit_test_setup_teardown(only_regular_files_are_read_and_mapped, setup, teardown),
		cmocka_unit_test_setup_teardown(mapping_of_empty_file_is_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(replace_keeps_mode_and_leaves_no_temporary, setup, teardown),
		cmocka_unit_test_setup_teardown(failed_replace_leaves_everything, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
