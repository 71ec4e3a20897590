// SPDX-License-Identifier: MIT
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "act/depmod/dirlock.h"

static int open_dir(struct fixture *f)
{
	int fd;

	fixture_text(f, "modules.dep", "");
	fd = open(fixture_path(f, ""), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static int take(struct fixture *f, int dir_fd, struct dirlock *lock)
{
	*lock = DIRLOCK_NONE;
	return dirlock_take(dir_fd, MODULES, 0, &f->diag, lock);
}

static bool is_there(const struct fixture *f)
{
	return access(fixture_path(f, DIRLOCK_NAME), F_OK) == 0;
}

/* A process that has the lock until it is killed. */
static pid_t holder(struct fixture *f, int dir_fd)
{
	int ready[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct dirlock lock;

		if (take(f, dir_fd, &lock) == 1 && write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return pid;
}

static void end(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void only_its_owner_can_open_it(void **state)
{
	struct fixture *f = *state;
	_cleanup_close_ int dir_fd = open_dir(f);
	struct dirlock lock;
	struct stat st;

	assert_int_equal(take(f, dir_fd, &lock), 1);
	assert_int_equal(stat(fixture_path(f, DIRLOCK_NAME), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(fcntl(lock.fd, F_GETFD) & FD_CLOEXEC);
	dirlock_release(&lock);
	assert_int_equal(lock.fd, -1);
	assert_false(is_there(f));
	assert_int_equal(f->messages.n, 0);
}

static void waiting_names_the_holder_and_ends(void **state)
{
	struct fixture *f = *state;
	_cleanup_close_ int dir_fd = open_dir(f);
	pid_t pid = holder(f, dir_fd);
	struct dirlock lock;
	char want[128];

	assert_int_equal(take(f, dir_fd, &lock), -ETIMEDOUT);
	assert_int_equal(lock.fd, -1);
	snprintf(want, sizeof(want), "%d depmod.waiting: waiting for process %ld (test-depmod-dir", LOG_WARNING,
		 (long)pid);
	assert_non_null(strstr(buf_str(&f->messages), want));
	assert_message(f, "depmod.lock-timeout: " MODULES " is still in use after 0 s");
	assert_true(is_there(f));
	/* It was killed: its file stays, and does not matter. */
	end(pid);
	assert_int_equal(take(f, dir_fd, &lock), 1);
	dirlock_release(&lock);
	assert_false(is_there(f));
}

/* Between opening and locking, the holder may have removed the file and somebody else made the next one. */
static void a_file_that_lost_its_name_is_no_lock(void **state)
{
	struct fixture *f = *state;
	_cleanup_close_ int dir_fd = open_dir(f);
	struct dirlock first, second;
	pid_t pid;

	assert_int_equal(take(f, dir_fd, &first), 1);
	assert_int_equal(unlinkat(dir_fd, DIRLOCK_NAME, 0), 0);
	pid = holder(f, dir_fd);
	assert_int_equal(take(f, dir_fd, &second), -ETIMEDOUT);
	end(pid);
	dirlock_release(&first);
}

/* What happens while it waits: the holder removes its file and ends, as dirlock_release() does. */
struct handover {
	struct fixture *f;
	int dir_fd;
	pid_t pid;
};

static void hand_over(void *data, const struct diag_msg *m)
{
	struct handover *h = data;

	assert_string_equal(m->code, "depmod.waiting");
	assert_int_equal(unlinkat(h->dir_fd, DIRLOCK_NAME, 0), 0);
	end(h->pid);
}

static void what_was_waited_for_is_made_again(void **state)
{
	struct fixture *f = *state;
	_cleanup_close_ int dir_fd = open_dir(f);
	struct handover h = { f, dir_fd, holder(f, dir_fd) };
	struct diag diag = { hand_over, &h, LOG_DEBUG };
	struct dirlock lock = DIRLOCK_NONE;

	assert_int_equal(dirlock_take(dir_fd, MODULES, 60, &diag, &lock), 1);
	assert_true(is_there(f));
	dirlock_release(&lock);
}

static void assert_foreign(struct fixture *f, int dir_fd)
{
	struct dirlock lock;

	buf_clear(&f->messages);
	assert_int_equal(take(f, dir_fd, &lock), 0);
	assert_int_equal(lock.fd, -1);
	assert_message(f, "depmod.lock-foreign: " MODULES "/.depmod.lock is not a file that only this user can open");
	assert_int_equal(unlinkat(dir_fd, DIRLOCK_NAME, 0), 0);
}

static void what_others_can_open_is_not_locked(void **state)
{
	struct fixture *f = *state;
	_cleanup_close_ int dir_fd = open_dir(f);

	fixture_text(f, DIRLOCK_NAME, "");
	assert_int_equal(fchmodat(dir_fd, DIRLOCK_NAME, 0640, 0), 0);
	assert_foreign(f, dir_fd);
	fixture_text(f, "secret", "");
	assert_int_equal(fchmodat(dir_fd, "secret", 0600, 0), 0);
	assert_int_equal(linkat(dir_fd, "secret", dir_fd, DIRLOCK_NAME, 0), 0);
	assert_foreign(f, dir_fd);
	assert_int_equal(symlinkat("secret", dir_fd, DIRLOCK_NAME), 0);
	assert_foreign(f, dir_fd);
	assert_int_equal(mkfifoat(dir_fd, DIRLOCK_NAME, 0600), 0);
	assert_foreign(f, dir_fd);
	if (geteuid() != 0)
		return;
	fixture_text(f, DIRLOCK_NAME, "");
	assert_int_equal(fchmodat(dir_fd, DIRLOCK_NAME, 0600, 0), 0);
	assert_int_equal(fchownat(dir_fd, DIRLOCK_NAME, 65534, 65534, 0), 0);
	assert_foreign(f, dir_fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(only_its_owner_can_open_it),           FIXTURE_TEST(waiting_names_the_holder_and_ends),
		FIXTURE_TEST(a_file_that_lost_its_name_is_no_lock), FIXTURE_TEST(what_was_waited_for_is_made_again),
		FIXTURE_TEST(what_others_can_open_is_not_locked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
