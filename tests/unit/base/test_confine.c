// SPDX-License-Identifier: MIT
/* What is refused inside, tried in a child each: the restriction cannot be taken back. */
#include "../unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/confine.h"

#define SKIPPED 77
#define NOT_HERE "no Landlock or no seccomp filter here"

/* Returns 0 when the attempt failed as it should; it is run below dir. */
typedef int (*attempt)(const char *dir);

static int refused_as(long result, int error)
{
	if (result >= 0)
		return 100;
	return errno == error ? 0 : errno;
}

/* EPERM from the filter, EACCES from Landlock. */
static int refused(long result)
{
	if (result >= 0)
		return 100;
	return errno == EPERM || errno == EACCES || errno == EXDEV ? 0 : errno;
}

static int confined(const char *dir, unsigned keep, unsigned needed, attempt try)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		if (chdir(dir) < 0)
			_exit(99);
		_exit((confine(keep) & needed) == needed ? try(dir) : SKIPPED);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		return 1000 + WTERMSIG(status);
	return WEXITSTATUS(status);
}

static void expect(const char *dir, unsigned keep, unsigned needed, attempt try)
{
	int r = confined(dir, keep, needed, try);

	if (r == SKIPPED)
		skip_because(NOT_HERE);
	assert_int_equal(r, 0);
}

/* ---- files ---- */

static int opens_for_writing(const char *dir _unused_)
{
	return refused(open("old", O_WRONLY));
}

static int truncates(const char *dir _unused_)
{
	return refused(open("old", O_RDONLY | O_TRUNC));
}

static int makes(const char *dir _unused_)
{
	return refused(open("new", O_WRONLY | O_CREAT, 0600));
}

static int removes_and_renames(const char *dir _unused_)
{
	int r = refused(unlink("old"));

	if (r == 0)
		r = refused(rename("old", "other"));
	if (r == 0)
		r = refused(link("old", "other"));
	if (r == 0)
		r = refused(symlink("old", "other"));
	return r ? r : refused(mkdir("other", 0700));
}

static int changes_mode_and_times(const char *dir _unused_)
{
	int fd = open("old", O_RDONLY | O_CLOEXEC), r;

	r = refused(chmod("old", 0777));
	if (r == 0)
		r = refused(fchmod(fd, 0777));
	if (r == 0)
		r = refused(fchown(fd, 1, 1));
	return r ? r : refused(utimensat(AT_FDCWD, "old", NULL, 0));
}

static int reads(const char *dir)
{
	char text[8] = "", path[4096];
	int fd = open("old", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) != 4 || strcmp(text, "text") != 0)
		return 1;
	snprintf(path, sizeof(path), "%s/old", dir);
	return access(path, R_OK) == 0 && open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0 ? 0 : 2;
}

static void files_are_only_read(void **state)
{
	static const attempt attempts[] = { opens_for_writing, truncates, makes, removes_and_renames };

	unit_puts(*state, "old", "text");
	for (size_t i = 0; i < ELEMENTSOF(attempts); i++)
		expect(*state, 0, CONFINED_FILES, attempts[i]);
	expect(*state, 0, 0, reads);
}

static void what_landlock_does_not_know_is_refused(void **state)
{
	unit_puts(*state, "old", "text");
	expect(*state, 0, CONFINED_CALLS, changes_mode_and_times);
	expect(*state, 0, CONFINED_CALLS, removes_and_renames);
}

static int writes_to_open_files(const char *dir _unused_)
{
	return write(STDOUT_FILENO, "", 0) == 0 ? 0 : errno;
}

static void open_descriptors_go_on(void **state)
{
	expect(*state, 0, 0, writes_to_open_files);
}

/* ---- system calls ---- */

static int makes_a_socket(const char *dir _unused_)
{
	int pair[2], r = refused_as(socket(AF_UNIX, SOCK_STREAM, 0), EPERM);

	if (r == 0)
		r = refused_as(socket(AF_INET, SOCK_STREAM, 0), EPERM);
	if (r == 0)
		r = refused_as(socket(AF_ALG, SOCK_SEQPACKET, 0), EPERM);
	return r ? r : refused_as(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), EPERM);
}

static int starts_a_program(const char *dir _unused_)
{
	char *const argv[] = { (char *)(uintptr_t) "true", NULL };

	return refused_as(execv("/bin/true", argv), EPERM);
}

static int reaches_other_processes(const char *dir _unused_)
{
	int r = refused_as(kill(getppid(), 0), EPERM);

	if (r == 0)
		r = refused_as(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL), EPERM);
	return r ? r : refused_as(syscall(SYS_tgkill, getppid(), getppid(), 0), EPERM);
}

static int changes_the_system(const char *dir _unused_)
{
	int r = refused_as(mount("none", ".", "tmpfs", 0, NULL), EPERM);

	if (r == 0)
		r = refused_as(syscall(SYS_init_module, NULL, 0, ""), EPERM);
	if (r == 0)
		r = refused_as(syscall(SYS_bpf, 0, NULL, 0), EPERM);
	if (r == 0)
		r = refused_as(syscall(425, 1, NULL), EPERM); /* io_uring_setup */
	return r ? r : refused_as(unshare(CLONE_NEWNS), EPERM);
}

static int forges_input(const char *dir _unused_)
{
	return refused_as(ioctl(STDIN_FILENO, TIOCSTI, "x"), EPERM);
}

static int uses_keys(const char *dir _unused_)
{
	return refused_as(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 0), EPERM);
}

static int has_keys(const char *dir)
{
	return uses_keys(dir) ? 0 : 1;
}

static int gains_privileges(const char *dir _unused_)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 1;
}

static int calls_what_is_newer(const char *dir _unused_)
{
	return refused_as(syscall(5000), ENOSYS);
}

static void calls_are_refused(void **state)
{
	static const attempt attempts[] = { makes_a_socket,     starts_a_program,   reaches_other_processes,
					    changes_the_system, forges_input,       uses_keys,
					    gains_privileges,   calls_what_is_newer };

	for (size_t i = 0; i < ELEMENTSOF(attempts); i++)
		expect(*state, 0, CONFINED_CALLS, attempts[i]);
}

static void keys_are_kept_when_needed(void **state)
{
	expect(*state, CONFINE_KEEP_KEYS, CONFINED_CALLS, has_keys);
	expect(*state, CONFINE_KEEP_KEYS, CONFINED_CALLS, makes_a_socket);
}

#ifdef __x86_64__
static int calls_as_x32(const char *dir _unused_)
{
	return refused_as(syscall(0x40000000 + SYS_getpid), ENOSYS);
}

/* getpid of the 32-bit table */
static int calls_as_i386(const char *dir _unused_)
{
	long r = 20;

	__asm__ volatile("int $0x80" : "+a"(r) : : "memory");
	return 1;
}

static void other_architectures_are_refused(void **state)
{
	int r = confined(*state, 0, CONFINED_CALLS, calls_as_i386);

	if (r == SKIPPED)
		skip_because(NOT_HERE);
	assert_int_equal(r, 1000 + SIGSYS);
	expect(*state, 0, CONFINED_CALLS, calls_as_x32);
}
#endif

static int aborts(const char *dir _unused_)
{
	abort();
}

static void a_process_can_abort(void **state)
{
	assert_int_equal(confined(*state, 0, 0, aborts), 1000 + SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_test_in_dir(files_are_only_read),
		unit_test_in_dir(what_landlock_does_not_know_is_refused),
		unit_test_in_dir(open_descriptors_go_on),
		unit_test_in_dir(calls_are_refused),
		unit_test_in_dir(keys_are_kept_when_needed),
#ifdef __x86_64__
		unit_test_in_dir(other_architectures_are_refused),
#endif
		unit_test_in_dir(a_process_can_abort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
