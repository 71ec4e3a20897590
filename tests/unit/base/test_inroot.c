// SPDX-License-Identifier: MIT
/* Every case is opened both ways: by openat2(2), and name by name. They must agree. */
#include "../unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/inroot.h"

/* The same number on every architecture but alpha. */
#define OPENAT2 437

/* A tree at DIR/tree; DIR/host stands for what must not be reached. */
struct fixture {
	char *dir;
	int fd;
};

static void put_link(const struct fixture *f, const char *target, const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/tree/%s", f->dir, name);
	assert_int_equal(symlink(target, path), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char path[4096], target[4200];

	f->dir = unit_mkdtemp();
	unit_puts(f->dir, "host", "host");
	unit_puts(f->dir, "tree/host", "inside");
	unit_puts(f->dir, "tree/usr/lib/modules/a", "a");
	unit_puts(f->dir, "tree/usr/share/b", "b");
	snprintf(path, sizeof(path), "%s/tree", f->dir);
	f->fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(f->fd >= 0);
	put_link(f, "usr/lib", "lib");
	put_link(f, "/usr/lib/modules", "absolute");
	put_link(f, "../share", "usr/lib/sideways");
	put_link(f, "../../../../../host", "usr/lib/up");
	snprintf(target, sizeof(target), "%s/host", f->dir);
	put_link(f, target, "out");
	put_link(f, "loop2", "loop1");
	put_link(f, "loop1", "loop2");
	put_link(f, "absent", "dangling");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	close(f->fd);
	unit_rmdir(f->dir);
	free(f);
	return 0;
}

/*
 * Where the kernel drops names from its cache meanwhile, it walks again and counts the links twice: ELOOP, which is not
 * of this path, is gone the next time.
 */
static int open_by_kernel(int dir, const char *path, int flags)
{
	const struct inroot kernel = { .fd = dir };
	int r = -ELOOP;

	for (int i = 0; i < 8 && r == -ELOOP; i++)
		r = inroot_open(&kernel, path, flags, 0);
	return r;
}

static int open_both(int fd, const char *path, int flags)
{
	const struct inroot walk = { .fd = fd, .walks = true };
	_cleanup_close_ int a = open_by_kernel(fd, path, flags);
	int b = inroot_open(&walk, path, flags, 0);
	struct stat x, y;

	if (a < 0 || b < 0) {
		if (a != b)
			fail_msg("%s: %d by openat2, %d by walking", path, a, b);
		return a;
	}
	assert_int_equal(fstat(a, &x), 0);
	assert_int_equal(fstat(b, &y), 0);
	if (x.st_ino != y.st_ino || x.st_dev != y.st_dev)
		fail_msg("%s: two files", path);
	return b;
}

static void assert_text(const struct fixture *f, const char *path, const char *text)
{
	_cleanup_close_ int fd = open_both(f->fd, path, O_RDONLY);
	char found[16] = "";

	if (fd < 0)
		fail_msg("%s: %s", path, strerror(-fd));
	assert_true(read(fd, found, sizeof(found) - 1) >= 0);
	assert_string_equal(found, text);
}

static void links_inside_work(void **state)
{
	assert_text(*state, "lib/modules/a", "a");
	assert_text(*state, "/lib/modules//a", "a");
	assert_text(*state, "absolute/./a", "a");
	assert_text(*state, "lib/sideways/b", "b");
	assert_text(*state, "lib/modules/../sideways/../lib/modules/a", "a");
}

static void nothing_leads_outside(void **state)
{
	const struct fixture *f = *state;

	assert_text(f, "../host", "inside");
	assert_text(f, "lib/../../../host", "inside");
	assert_text(f, "lib/up", "inside");
	assert_int_equal(open_both(f->fd, "out", O_RDONLY), -ENOENT);
	assert_int_equal(open_both(f->fd, "dangling", O_RDONLY), -ENOENT);
}

static void errors_are_those_of_open(void **state)
{
	const struct fixture *f = *state;
	char name[NAME_MAX + 2];

	assert_int_equal(open_both(f->fd, "loop1", O_RDONLY), -ELOOP);
	assert_int_equal(open_both(f->fd, "lib", O_RDONLY | O_NOFOLLOW), -ELOOP);
	assert_int_equal(open_both(f->fd, "host/x", O_RDONLY), -ENOTDIR);
	assert_int_equal(open_both(f->fd, "host/..", O_RDONLY), -ENOTDIR);
	assert_int_equal(open_both(f->fd, "host/", O_RDONLY), -ENOTDIR);
	assert_int_equal(open_both(f->fd, "none/x", O_RDONLY), -ENOENT);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(open_both(f->fd, name, O_RDONLY), -ENAMETOOLONG);
}

static void the_directory_itself_can_be_opened(void **state)
{
	const struct fixture *f = *state;
	static const char *const paths[] = { "", "/", ".", "..", "lib/../..", "lib/" };

	for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
		int fd = open_both(f->fd, paths[i], O_RDONLY | O_DIRECTORY);

		assert_true(fd >= 0);
		close(fd);
	}
}

static void forty_links_are_followed_and_no_more(void **state)
{
	const struct fixture *f = *state;
	char name[16], target[16] = "host";
	int fd;

	for (int i = 1; i <= 41; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		put_link(f, target, name);
		strcpy(target, name);
	}
	fd = open_both(f->fd, "l40", O_RDONLY);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(open_both(f->fd, "l41", O_RDONLY), -ELOOP);
}

static void magic_links_are_refused(void **state _unused_)
{
	_cleanup_close_ int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int plain;

	assert_int_equal(open_both(fd, "proc/self/root", O_PATH), -ELOOP);
	assert_int_equal(open_both(fd, "proc/self/cwd/x", O_PATH), -ELOOP);
	assert_int_equal(open_both(fd, "proc/self/fd/0", O_PATH), -ELOOP);
	plain = open_both(fd, "proc/self/status", O_PATH);
	assert_true(plain >= 0);
	close(plain);
}

static void files_are_created_inside(void **state)
{
	const struct fixture *f = *state;

	for (int walks = 0; walks <= 1; walks++) {
		const struct inroot in = { .fd = f->fd, .walks = walks };
		int fd = inroot_open(&in, "dangling", O_WRONLY | O_CREAT, 0640);
		struct stat st;

		assert_true(fd >= 0);
		close(fd);
		assert_int_equal(fstatat(f->fd, "absent", &st, 0), 0);
		assert_int_equal(st.st_mode & 0777, 0640);
		assert_int_equal(inroot_open(&in, "dangling", O_WRONLY | O_CREAT | O_EXCL, 0640), -EEXIST);
		assert_int_equal(inroot_open(&in, "out", O_WRONLY | O_CREAT, 0640), -ENOENT);
		assert_int_equal(unlinkat(f->fd, "absent", 0), 0);
		assert_int_equal(inroot_open(&in, "dangling", O_WRONLY | O_CREAT | O_EXCL, 0640), -EEXIST);
		assert_int_equal(inroot_open(&in, "new/", O_WRONLY | O_CREAT, 0640), -EISDIR);
		assert_int_equal(fstatat(f->fd, "absent", &st, 0), -1);
	}
}

static void programs_that_are_run_inherit_nothing(void **state)
{
	const struct fixture *f = *state;
	_cleanup_close_ int fd = open_both(f->fd, "host", O_RDONLY);

	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

/* As in a container whose filter of system calls does not know openat2(2): in a process of its own, for it stays. */
static void a_refused_call_means_walking(void **state)
{
	const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OPENAT2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { ELEMENTSOF(code), (struct sock_filter *)(uintptr_t)code };
	const struct fixture *f = *state;
	const struct inroot in = { .fd = f->fd };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
			_exit(2);
		_exit(inroot_open(&in, "lib/up", O_RDONLY, 0) < 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		skip_because("no seccomp filter here");
	assert_int_equal(status, 0);
}

static void parent_is_that_of_the_name_itself(void **state)
{
	const struct fixture *f = *state;
	const struct inroot in = { .fd = f->fd };
	char name[NAME_MAX + 1];
	struct stat st;
	int fd = inroot_open_parent(&in, "/lib/up//", name);

	assert_true(fd >= 0);
	assert_string_equal(name, "up");
	assert_int_equal(fstatat(fd, "modules/a", &st, 0), 0);
	close(fd);
	assert_int_equal(inroot_open_parent(&in, "lib/..", name), -EINVAL);
	assert_int_equal(inroot_open_parent(&in, "/", name), -EINVAL);
}

#define case_of(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		case_of(links_inside_work),
		case_of(nothing_leads_outside),
		case_of(errors_are_those_of_open),
		case_of(the_directory_itself_can_be_opened),
		case_of(forty_links_are_followed_and_no_more),
		case_of(magic_links_are_refused),
		case_of(files_are_created_inside),
		case_of(programs_that_are_run_inherit_nothing),
		case_of(a_refused_call_means_walking),
		case_of(parent_is_that_of_the_name_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
