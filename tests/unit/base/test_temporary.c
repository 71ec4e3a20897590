// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/temporary.h"

static int open_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static bool is_there(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The number of a process that has ended. */
static pid_t dead_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return pid;
}

static void name_of(char *ret, pid_t pid)
{
	snprintf(ret, TEMPORARY_NAME, ".kmodctl-%d-0123456789abcdef", (int)pid);
}

static void it_is_ours_alone(void **state)
{
	_cleanup_close_ int dir = open_dir(*state);
	char name[TEMPORARY_NAME], start[TEMPORARY_NAME];
	_cleanup_close_ int fd = temporary_make(dir, name), other = -1;
	struct stat st;

	assert_true(fd >= 0);
	snprintf(start, sizeof(start), ".kmodctl-%d-", (int)getpid());
	assert_memory_equal(name, start, strlen(start));
	assert_int_equal(strlen(name), strlen(start) + 16);
	assert_int_equal(fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	other = openat(dir, name, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
}

/* A process that is killed with a temporary. */
static void leave_one(int dir, char *ret)
{
	int pipes[2], status;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		char name[TEMPORARY_NAME] = "";

		if (temporary_make(dir, name) >= 0 && write(pipes[1], name, sizeof(name)) == sizeof(name))
			raise(SIGKILL);
		_exit(1);
	}
	assert_int_equal(read(pipes[0], ret, TEMPORARY_NAME), TEMPORARY_NAME);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	close(pipes[0]);
	close(pipes[1]);
}

static void what_a_killed_process_left_is_removed(void **state)
{
	_cleanup_close_ int dir = open_dir(*state);
	char left[TEMPORARY_NAME], name[TEMPORARY_NAME];

	leave_one(dir, left);
	assert_true(is_there(dir, left));
	close(temporary_make(dir, name));
	assert_false(is_there(dir, left));
	assert_true(is_there(dir, name));
}

static void what_a_living_process_uses_stays(void **state)
{
	_cleanup_close_ int dir = open_dir(*state), fd = -1, held = -1, mine = -1;
	char parent[TEMPORARY_NAME], locked[TEMPORARY_NAME], name[TEMPORARY_NAME];

	/* The process has the number, or (seen from another namespace) only the lock. */
	name_of(parent, getppid());
	name_of(locked, dead_process());
	unit_puts(*state, parent, "");
	unit_puts(*state, locked, "");
	held = openat(dir, locked, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(held, LOCK_EX), 0);
	fd = temporary_make(dir, name);
	mine = temporary_make(dir, (char[TEMPORARY_NAME]){ 0 });
	assert_true(fd >= 0 && mine >= 0);
	assert_true(is_there(dir, parent));
	assert_true(is_there(dir, locked));
	assert_true(is_there(dir, name));
}

static void other_names_stay(void **state)
{
	static const char *const others[][2] = {
		{ ".kmodctl-", "-0123456789abcde" },   { ".kmodctl-", "-0123456789abcdef0" },
		{ ".kmodctl-", "-0123456789abcdef~" }, { ".kmodctl-", "-0123456789ABCDEF" },
		{ ".kmodctl-0", "-0123456789abcdef" }, { ".kmodctl-", ".0123456789abcdef" },
		{ "kmodctl-", "-0123456789abcdef" },   { ".kmodctl-", "" },
	};
	_cleanup_close_ int dir = open_dir(*state), fd = -1;
	char names[ELEMENTSOF(others)][TEMPORARY_NAME], name[TEMPORARY_NAME];
	int pid = dead_process();

	for (size_t i = 0; i < ELEMENTSOF(others); i++) {
		snprintf(names[i], sizeof(names[i]), "%s%d%s", others[i][0], pid, others[i][1]);
		unit_puts(*state, names[i], "");
	}
	fd = temporary_make(dir, name);
	assert_true(fd >= 0);
	for (size_t i = 0; i < ELEMENTSOF(others); i++)
		assert_true(is_there(dir, names[i]));
}

/* Of the right form, but a link, a pipe, another user's, or linked elsewhere too. */
static void what_is_not_a_file_of_our_own_stays(void **state)
{
	_cleanup_close_ int dir = open_dir(*state), fd = -1;
	char link[TEMPORARY_NAME], theirs[TEMPORARY_NAME], twice[TEMPORARY_NAME], name[TEMPORARY_NAME];
	char pipe[TEMPORARY_NAME];

	name_of(link, dead_process());
	name_of(theirs, dead_process());
	name_of(twice, dead_process());
	unit_puts(*state, "f", "text");
	unit_puts(*state, "g", "text");
	unit_link(*state, link, "g");
	name_of(pipe, dead_process());
	assert_int_equal(mkfifoat(dir, pipe, 0600), 0);
	unit_puts(*state, theirs, "");
	if (geteuid() == 0)
		assert_int_equal(fchownat(dir, theirs, 4242, 4242, 0), 0);
	assert_int_equal(linkat(dir, "f", dir, twice, 0), 0);
	fd = temporary_make(dir, name);
	assert_true(fd >= 0);
	assert_true(is_there(dir, link));
	assert_true(is_there(dir, "f"));
	assert_true(is_there(dir, twice));
	assert_true(is_there(dir, pipe));
	assert_int_equal(is_there(dir, theirs), geteuid() == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_test_in_dir(it_is_ours_alone),
		unit_test_in_dir(what_a_killed_process_left_is_removed),
		unit_test_in_dir(what_a_living_process_uses_stays),
		unit_test_in_dir(other_names_stay),
		unit_test_in_dir(what_is_not_a_file_of_our_own_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
