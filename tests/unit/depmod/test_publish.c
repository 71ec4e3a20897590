// SPDX-License-Identifier: MIT
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "act/depmod/publish.h"

static int publish(struct fixture *f, const struct publish_file *files, size_t n, size_t *ret_written)
{
	_cleanup_close_ int fd = -1;

	assert_int_equal(publish_lock(&f->root, MODULES, &f->diag, &fd), 0);
	return publish_set(fd, MODULES, files, n, &f->diag, ret_written);
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

static void remains_of_a_killed_run_are_removed(void **state)
{
	struct fixture *f = *state;
	_cleanup_close_ int fd = -1;

	fixture_text(f, ".depmod-1-modules.dep", "half");
	fixture_text(f, "modules.dep", "whole");
	assert_int_equal(publish_lock(&f->root, MODULES, &f->diag, &fd), 0);
	assert_int_equal(count_entries(f), 1);
}

static void missing_directory_is_told(void **state)
{
	struct fixture *f = *state;
	int fd = -1;

	assert_int_equal(publish_lock(&f->root, "/none", &f->diag, &fd), -ENOENT);
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
		FIXTURE_TEST(missing_directory_is_told),
		FIXTURE_TEST(signal_ends_it_cleanly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
