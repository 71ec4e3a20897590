// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/fileio.h"
#include "base/replace.h"

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
	const struct root root = { .prefix = *state };
	_cleanup_buf_ struct buf b = BUF_INIT;

	unit_puts(*state, "f", "12345");
	assert_int_equal(file_read(&root, "/f", 5, &b), 0);
	assert_string_equal(buf_str(&b), "12345");
	assert_int_equal(file_read(&root, "/f", 4, &b), -EFBIG);
	assert_int_equal(file_read(&root, "/none", 4, &b), -ENOENT);
}

static void first_line_only(void **state)
{
	const struct root root = { .prefix = *state };
	char line[8];

	unit_puts(*state, "f", "live\nrest\n");
	assert_int_equal(file_read_line(&root, "/f", line, sizeof(line)), 0);
	assert_string_equal(line, "live");
	assert_int_equal(file_read_line(&root, "/f", line, 4), -ERANGE);
}

/* The reading end of a pipe that holds a text and stays open, as a path: who asks for its end waits for ever. */
static void open_pipe(const char *text, int *ret_fds, char *ret_path, size_t cap)
{
	assert_int_equal(pipe(ret_fds), 0);
	assert_int_equal(write(ret_fds[1], text, strlen(text)), strlen(text));
	snprintf(ret_path, cap, "/proc/self/fd/%d", ret_fds[0]);
	alarm(20);
}

static void close_pipe(int *fds)
{
	alarm(0);
	close(fds[0]);
	close(fds[1]);
}

static void what_is_no_file_has_no_line(void **state _unused_)
{
	char path[64], line[8];
	int fds[2];

	open_pipe("live\nmore", fds, path, sizeof(path));
	assert_int_equal(file_read_line(&ROOT_REAL, path, line, sizeof(line)), -EINVAL);
	close_pipe(fds);
	assert_int_equal(file_read_line(&ROOT_REAL, "/", line, sizeof(line)), -EISDIR);
}

static void line_may_end_with_the_file(void **state)
{
	const struct root root = { .prefix = *state };
	char line[8];

	unit_puts(*state, "f", "live");
	assert_int_equal(file_read_line(&root, "/f", line, sizeof(line)), 0);
	assert_string_equal(line, "live");
	unit_puts(*state, "f", "");
	assert_int_equal(file_read_line(&root, "/f", line, sizeof(line)), 0);
	assert_string_equal(line, "");
}

/* As FUSE with direct_io returns them. */
static void short_reads_are_not_the_last(void **state _unused_)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	assert_int_equal(send(ends[1], "options a b=1\nbl", 16, 0), 16);
	assert_int_equal(send(ends[1], "acklist a\n", 10, 0), 10);
	close(ends[1]);
	assert_int_equal(fd_read(ends[0], 100, &b), 0);
	assert_string_equal(buf_str(&b), "options a b=1\nblacklist a\n");
	close(ends[0]);
}

/*
 * Of every length around those at which reads or blocks end; the buffer is used again, as for one file after the
 * other.
 */
static void read_is_whole(void **state)
{
	static const size_t lengths[] = { 0, 1, 511, 512, 513, 4096, 16383, 16384, 16385, 20000, 32768, 70000, 5 };
	const struct root root = { .prefix = *state };
	_cleanup_buf_ struct buf b = BUF_INIT;
	char *text = calloc(1, 70001);

	for (size_t i = 0; i < ELEMENTSOF(lengths); i++) {
		memset(text, 'x', lengths[i]);
		text[lengths[i]] = '\0';
		unit_puts(*state, "f", text);
		buf_clear(&b);
		assert_int_equal(file_read(&root, "/f", 70000, &b), 0);
		assert_int_equal(b.n, lengths[i]);
		assert_string_equal(buf_str(&b), text);
	}
	unit_puts(*state, "f", "12345");
	assert_int_equal(file_read(&root, "/f", 4, &b), -EFBIG);
	assert_int_equal(file_read(&root, "/none", 4, &b), -ENOENT);
	free(text);
}

/* A FIFO that nobody writes to would hold an open(2) that waits for ever. */
static void only_regular_files_are_read_and_mapped(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct root root = { .prefix = *state };
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

/* kmod reads a configuration from a shell's <(...). */
static void a_fifo_is_waited_for_if_somebody_writes(void **state)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	const struct root root = { .prefix = *state };
	_cleanup_close_ int held = -1;
	char path[4096];
	pid_t writer;

	snprintf(path, sizeof(path), "%s/fifo", root.prefix);
	assert_int_equal(mkfifo(path, 0644), 0);
	assert_int_equal(file_read(&root, "/fifo", 100, &b), -ESPIPE);
	held = open(path, O_RDWR | O_CLOEXEC);
	assert_true(held >= 0);
	writer = fork();
	assert_true(writer >= 0);
	if (writer == 0) {
		usleep(100000);
		_exit(write(held, "abc", 3) == 3 ? 0 : 1);
	}
	/* There is always a writer here, so that only the cap ends it. */
	assert_int_equal(file_read(&root, "/fifo", 2, &b), -EFBIG);
	assert_string_equal(buf_str(&b), "abc");
	assert_int_equal(waitpid(writer, NULL, 0), writer);
}

static void mapping_of_empty_file_is_empty(void **state)
{
	const struct root root = { .prefix = *state };
	struct mapping m;

	unit_puts(*state, "f", "");
	assert_int_equal(mapping_open(&root, "/f", &m), 0);
	assert_int_equal(m.bytes.n, 0);
	mapping_close(&m);
	assert_int_equal(mapping_open(&root, "/", &m), -EISDIR);
}

/* Had it been mapped, the comparison would end with SIGBUS. */
static void file_of_others_may_shrink_while_it_is_read(void **state)
{
	const struct root root = { .prefix = *state };
	struct mapping m;
	char path[4096];

	unit_puts(*state, "f", "12345");
	snprintf(path, sizeof(path), "%s/f", (char *)*state);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(mapping_open(&root, "/f", &m), 0);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(m.bytes.n, 5);
	assert_memory_equal(m.bytes.p, "12345", 5);
	mapping_close(&m);
	assert_int_equal(mapping_open(&root, "/f", &m), 0);
	assert_int_equal(m.bytes.n, 0);
	mapping_close(&m);
	assert_int_equal(truncate(path, (256L << 20) + 1), 0);
	assert_int_equal(mapping_open(&root, "/f", &m), -EFBIG);
}

static void replace_keeps_mode_and_leaves_no_temporary(void **state)
{
	const struct root root = { .prefix = *state };
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
	const struct root root = { .prefix = *state };
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
		cmocka_unit_test(what_is_no_file_has_no_line),
		cmocka_unit_test_setup_teardown(line_may_end_with_the_file, setup, teardown),
		cmocka_unit_test(short_reads_are_not_the_last),
		cmocka_unit_test_setup_teardown(read_is_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(only_regular_files_are_read_and_mapped, setup, teardown),
		cmocka_unit_test_setup_teardown(a_fifo_is_waited_for_if_somebody_writes, setup, teardown),
		cmocka_unit_test_setup_teardown(mapping_of_empty_file_is_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(file_of_others_may_shrink_while_it_is_read, setup, teardown),
		cmocka_unit_test_setup_teardown(replace_keeps_mode_and_leaves_no_temporary, setup, teardown),
		cmocka_unit_test_setup_teardown(failed_replace_leaves_everything, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
