// SPDX-License-Identifier: MIT
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "act/depmod/publish.h"

static int publish(struct fixture *f, const struct publish_file *files, size_t n, size_t *ret_written)
{
	_cleanup_close_ int fd = -1;
	struct dirlock lock = DIRLOCK_NONE;
	int r;

	assert_int_equal(publish_lock(&f->root, MODULES, &f->diag, &fd, &lock), 0);
	r = publish_set(fd, MODULES, files, n, &f->diag, ret_written);
	dirlock_release(&lock);
	return r;
}

static void assert_content(const struct fixture *f, const char *name, const char *want)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	char path[1024];

	snprintf(path, sizeof(path), MODULES "/%s", name);
	assert_int_equal(file_read(&f->root, path, 65536, &b), 0);
	assert_string_equal(buf_str(&b), want);
}

static unsigned count_entries(const struct fixture *f)
{
	_cleanup_closedir_ DIR *d = NULL;
	unsigned n = 0;

	assert_int_equal(root_opendir(&f->root, MODULES, &d), 0);
	while (readdir(d))
		n++;
	return n - 2;
}

static struct publish_file text_file(const char *name, const char *text)
{
	return (struct publish_file){ name, span_of_str(text) };
}

static void replaces_and_creates(void **state)
{
	struct fixture *f = *state;
	const struct publish_file files[] = { text_file("modules.a", "new a"), text_file("modules.b", ""),
					      text_file("modules.c", "same") };
	struct stat before, after;
	size_t written;

	fixture_text(f, "modules.a", "old");
	fixture_text(f, "modules.c", "same");
	assert_int_equal(stat(fixture_path(f, "modules.c"), &before), 0);
	assert_int_equal(publish(f, files, 3, &written), 0);
	assert_int_equal(written, 2);
	assert_content(f, "modules.a", "new a");
	assert_content(f, "modules.b", "");
	assert_int_equal(count_entries(f), 3);
	assert_int_equal(stat(fixture_path(f, "modules.c"), &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_memory_equal(&before.st_ctim, &after.st_ctim, sizeof(before.st_ctim));
	assert_int_equal(stat(fixture_path(f, "modules.a"), &after), 0);
	assert_int_equal(after.st_mode & 07777, 0644);
}

static void failure_puts_the_old_set_back(void **state)
{
	struct fixture *f = *state;
	const struct publish_file files[] = { text_file("modules.a", "new"), text_file("modules.d", "dir") };
	size_t written = 77;

	fixture_text(f, "modules.a", "old");
	fixture_text(f, "modules.d/x", "");
	assert_int_equal(publish(f, files, 2, &written), -EISDIR);
	assert_int_equal(written, 77);
	assert_content(f, "modules.a", "old");
	assert_int_equal(count_entries(f), 2);
	assert_message(f, "could not replace " MODULES "/modules.d: Is a directory; the old files are kept");
}

/* The id of a process that has ended. */
static pid_t gone(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return pid;
}

static void temporary(struct fixture *f, long pid, const char *rest)
{
	char name[64];

	snprintf(name, sizeof(name), ".depmod-%ld-%s", pid, rest);
	fixture_text(f, name, "half");
}

static unsigned left_after_locking(struct fixture *f)
{
	_cleanup_close_ int fd = -1;
	struct dirlock lock = DIRLOCK_NONE;

	assert_int_equal(publish_lock(&f->root, MODULES, &f->diag, &fd, &lock), 0);
	dirlock_release(&lock);
	return count_entries(f);
}

static void remains_of_a_killed_run_are_removed(void **state)
{
	struct fixture *f = *state;

	fixture_text(f, "modules.dep", "whole");
	temporary(f, gone(), "modules.dep");
	temporary(f, gone(), "modules.builtin.alias.bin");
	temporary(f, getpid(), "modules.alias");
	assert_int_equal(left_after_locking(f), 1);
}

static void other_files_are_no_remains(void **state)
{
	struct fixture *f = *state;
	pid_t pid = gone();

	temporary(f, 1, "modules.dep"); /* it is alive */
	temporary(f, pid, "modules.order");
	temporary(f, pid, "modules.dep.new");
	fixture_text(f, ".depmod-notes", "");
	fixture_text(f, ".depmod--modules.dep", "");
	fixture_text(f, ".depmod-0-modules.dep", "");
	fixture_text(f, ".depmod-007-modules.dep", "");
	fixture_text(f, ".depmod-99999999999999999999-modules.dep", "");
	temporary(f, gone(), "modules.softdep/a"); /* a directory */
	assert_int_equal(left_after_locking(f), 9);
}

static void remains_of_others_stay(void **state)
{
	struct fixture *f = *state;
	char name[64];

	if (geteuid() != 0)
		skip_because("needs root");
	snprintf(name, sizeof(name), ".depmod-%ld-modules.dep", (long)gone());
	fixture_text(f, name, "theirs");
	assert_int_equal(chown(fixture_path(f, name), 65534, 65534), 0);
	assert_int_equal(left_after_locking(f), 1);
}

static void missing_directory_is_told(void **state)
{
	struct fixture *f = *state;
	struct dirlock lock = DIRLOCK_NONE;
	int fd = -1;

	assert_int_equal(publish_lock(&f->root, "/none", &f->diag, &fd, &lock), -ENOENT);
	assert_int_equal(fd, -1);
	assert_message(f, "could not open /none for writing");
}

/* The signal waits until the temporaries are gone, and then has its effect. */
static void signal_ends_it_cleanly(void **state)
{
	struct fixture *f = *state;
	const struct publish_file files[] = { text_file("modules.a", "new") };
	sigset_t term;
	int status;
	pid_t pid;

	fixture_text(f, "modules.a", "old");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		size_t written;

		/* What is pending when the set is begun ends it. */
		sigemptyset(&term);
		sigaddset(&term, SIGTERM);
		sigprocmask(SIG_BLOCK, &term, NULL);
		raise(SIGTERM);
		_exit(publish(f, files, 1, &written) == -EINTR ? 9 : 8);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 9);
	assert_content(f, "modules.a", "old");
	assert_int_equal(count_entries(f), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(replaces_and_creates),
		FIXTURE_TEST(failure_puts_the_old_set_back),
		FIXTURE_TEST(remains_of_a_killed_run_are_removed),
		FIXTURE_TEST(other_files_are_no_remains),
		FIXTURE_TEST(remains_of_others_stay),
		FIXTURE_TEST(missing_directory_is_told),
		FIXTURE_TEST(signal_ends_it_cleanly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
