// SPDX-License-Identifier: MIT
/*
 * faultrun OPTIONS COMMAND...: runs an unmodified program and makes one of its system calls fail, kills it there, or
 * changes the file system just before.
 *
 *	--at N         the Nth call of the watched kind, from 1; 0 or nothing: none
 *	--errno NUMBER what it returns
 *	--kill         instead: SIGKILL before the call is made
 *	--swap A --with B   instead: exchanges two names before the call, as another user (65534) if it can
 *	--do SHELL     instead: the call waits until another user (65534, if this is root) has run a command
 *	--read         watch the calls that read; else those that write; with --do those that find, make or change files
 *	--files        watch all calls on files and descriptors
 *	--no-openat2   every openat2(2) fails with ENOSYS
 *	--log FILE     the names of the watched calls, one per line, as they come
 *	--trace FILE   the same with what they are about, in columns: the call; the file, by the path that it has then;
 *	               of a renaming the new path; of an opening the flags, in hexadecimal
 *
 * The exit status is the command's, or 128 + its signal. By seccomp user notification: no ptrace, any architecture.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define OTHER_USER 65534
#define ELEMENTSOF(a) (sizeof(a) / sizeof((a)[0]))

/* The numbers that libc calls: 32-bit architectures have others where offsets, times and ids of users grew wider. */
#ifdef SYS_fcntl64
#define NR_fchown SYS_fchown32
#define NR_fcntl SYS_fcntl64
#define NR_fstatfs SYS_fstatfs64
#define NR_ftruncate SYS_ftruncate64
#define NR_lseek SYS__llseek
#define NR_mmap SYS_mmap2
#define NR_utimensat SYS_utimensat_time64
#else
#define NR_fchown SYS_fchown
#define NR_fcntl SYS_fcntl
#define NR_fstatfs SYS_fstatfs
#define NR_ftruncate SYS_ftruncate
#define NR_lseek SYS_lseek
#define NR_mmap SYS_mmap
#define NR_utimensat SYS_utimensat
#endif
#if defined(SYS_newfstatat) && !defined(SYS_fcntl64)
#define NR_fstatat SYS_newfstatat
#else
#define NR_fstatat SYS_statx
#endif

struct watched {
	int nr;
	const char *name;
};

static const struct watched writing[] = {
	{ SYS_openat, "openat" },
	{ SYS_write, "write" },
	{ SYS_pwrite64, "pwrite64" },
	{ SYS_fsync, "fsync" },
	{ SYS_fdatasync, "fdatasync" },
	{ SYS_fchmod, "fchmod" },
	{ NR_fchown, "fchown" },
	{ SYS_renameat2, "renameat2" },
#ifdef SYS_renameat
	{ SYS_renameat, "renameat" },
#endif
	{ SYS_unlinkat, "unlinkat" },
	{ SYS_mkdirat, "mkdirat" },
	{ SYS_linkat, "linkat" },
	{ NR_ftruncate, "ftruncate" },
	{ NR_utimensat, "utimensat" },
	{ NR_fcntl, "fcntl" },
#ifdef SYS_sync_file_range
	{ SYS_sync_file_range, "sync_file_range" },
#endif
#ifdef SYS_rename
	{ SYS_rename, "rename" },
	{ SYS_unlink, "unlink" },
	{ SYS_mkdir, "mkdir" },
	{ SYS_open, "open" },
	{ SYS_link, "link" },
	{ SYS_creat, "creat" },
	{ SYS_chmod, "chmod" },
#endif
};

static const struct watched reading[] = {
	{ SYS_openat, "openat" },     { SYS_read, "read" },
	{ SYS_pread64, "pread64" },   { SYS_getdents64, "getdents64" },
	{ NR_fstatat, "newfstatat" },
#ifdef SYS_open
	{ SYS_open, "open" },
#endif
};

/* Between these, another user exchanges files. */
static const struct watched finding[] = {
	{ SYS_openat, "openat" },
	{ NR_fstatat, "newfstatat" },
	{ SYS_readlinkat, "readlinkat" },
	{ SYS_fchmod, "fchmod" },
	{ NR_fchown, "fchown" },
	{ SYS_fsync, "fsync" },
	{ SYS_fgetxattr, "fgetxattr" },
	{ SYS_flistxattr, "flistxattr" },
	{ SYS_renameat2, "renameat2" },
#ifdef SYS_renameat
	{ SYS_renameat, "renameat" },
#endif
	{ SYS_unlinkat, "unlinkat" },
	{ SYS_getdents64, "getdents64" },
#ifdef SYS_rename
	{ SYS_rename, "rename" },
	{ SYS_unlink, "unlink" },
	{ SYS_open, "open" },
	{ SYS_readlink, "readlink" },
	{ SYS_stat, "stat" },
	{ SYS_lstat, "lstat" },
	{ SYS_fstat, "fstat" },
	{ SYS_chmod, "chmod" },
	{ SYS_chown, "chown" },
#endif
};

/* What raise(3), fcntl(2) and execve(2) call is not among them: see run_child(). */
static const struct watched on_files[] = {
	{ SYS_openat, "openat" },
	{ SYS_openat2, "openat2" },
	{ SYS_close, "close" },
	{ SYS_read, "read" },
	{ SYS_pread64, "pread64" },
	{ SYS_write, "write" },
	{ NR_mmap, "mmap" },
	{ NR_lseek, "lseek" },
	{ SYS_getdents64, "getdents64" },
	{ NR_fstatat, "newfstatat" },
#ifdef SYS_fstat
	{ SYS_fstat, "fstat" },
#endif
	{ NR_fstatfs, "fstatfs" },
	{ SYS_readlinkat, "readlinkat" },
	{ SYS_faccessat, "faccessat" },
	{ SYS_fsync, "fsync" },
	{ SYS_fchmod, "fchmod" },
	{ NR_fchown, "fchown" },
	{ SYS_renameat2, "renameat2" },
#ifdef SYS_renameat
	{ SYS_renameat, "renameat" },
#endif
	{ SYS_unlinkat, "unlinkat" },
	{ SYS_mkdirat, "mkdirat" },
	{ NR_utimensat, "utimensat" },
	{ SYS_flock, "flock" },
	{ SYS_getcwd, "getcwd" },
#ifdef SYS_rename
	{ SYS_rename, "rename" },
	{ SYS_unlink, "unlink" },
	{ SYS_mkdir, "mkdir" },
	{ SYS_open, "open" },
	{ SYS_stat, "stat" },
	{ SYS_lstat, "lstat" },
	{ SYS_access, "access" },
	{ SYS_readlink, "readlink" },
#endif
};

struct options {
	unsigned long at;
	int error;
	bool kill, read, files, no_openat2;
	const char *shell;       /* --do */
	const char *swap, *with; /* --swap, --with */
	FILE *log, *trace;
	char **command;
};

static const struct watched *table(const struct options *o, size_t *ret_n)
{
	if (o->files) {
		*ret_n = ELEMENTSOF(on_files);
		return on_files;
	}
	if (o->shell) {
		*ret_n = ELEMENTSOF(finding);
		return finding;
	}
	*ret_n = o->read ? ELEMENTSOF(reading) : ELEMENTSOF(writing);
	return o->read ? reading : writing;
}

/* Every watched call goes to the supervisor; all others are let through. */
static int install_filter(const struct options *o)
{
	struct sock_filter code[64];
	struct sock_fprog program = { .filter = code };
	const struct watched *calls;
	size_t n, k = 0;

	calls = table(o, &n);
	code[k++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < n; i++)
		code[k++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i].nr,
							 (uint8_t)(n - i), 0);
	code[k++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[k++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	program.len = (unsigned short)k;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

static const char *name_of(const struct options *o, int nr)
{
	const struct watched *calls;
	size_t n;

	calls = table(o, &n);
	for (size_t i = 0; i < n; i++)
		if (calls[i].nr == nr)
			return calls[i].name;
	return "?";
}

/* Only opening for writing writes; standard streams are not files of the program. */
static bool counts(const struct options *o, const struct seccomp_data *d)
{
	int flags = -1;

	if (o->shell || o->files)
		return true;
	if (d->nr == SYS_openat)
		flags = (int)d->args[2];
#ifdef SYS_open
	if (d->nr == SYS_open)
		flags = (int)d->args[1];
#endif
	if (flags != -1)
		return o->read == !(flags & (O_WRONLY | O_RDWR | O_CREAT));
	if (d->nr == NR_fcntl)
		return (int)d->args[1] == F_SETLK;
	return (d->nr != SYS_write && d->nr != SYS_read) || d->args[0] > 2;
}

/* What a descriptor of the process, or "/", "cwd", is; "" when there is none. */
static void link_of(uint32_t pid, const char *what, char *ret)
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%u/%s", pid, what);
	n = readlink(link, ret, PATH_MAX - 1);
	ret[n < 0 ? 0 : n] = '\0';
}

static void path_of_fd(uint32_t pid, int fd, char *ret)
{
	char what[32];

	snprintf(what, sizeof(what), fd == AT_FDCWD ? "cwd" : "fd/%d", fd);
	link_of(pid, what, ret);
}

/* The path at an address of the process; a relative one belongs to the directory. */
static void path_at(uint32_t pid, int dir_fd, uint64_t address, char ret[2 * PATH_MAX])
{
	char name[PATH_MAX] = "", dir[PATH_MAX] = "";
	struct iovec here = { name, sizeof(name) - 1 }, there = { (void *)(uintptr_t)address, sizeof(name) - 1 };

	/* A string at the end of a mapping: less than a whole path can be read. */
	while (process_vm_readv((pid_t)pid, &here, 1, &there, 1, 0) < 0 && there.iov_len > 1)
		there.iov_len /= 2;
	if (name[0] != '/')
		path_of_fd(pid, dir_fd, dir);
	snprintf(ret, 2 * PATH_MAX, "%s%s%s", dir, dir[0] ? "/" : "", name);
}

static void trace(const struct options *o, const struct seccomp_notif *call)
{
	char from[2 * PATH_MAX] = "", to[2 * PATH_MAX] = "";
	const struct seccomp_data *d = &call->data;
	unsigned flags = 0;

	switch (d->nr) {
	case SYS_openat:
		flags = (unsigned)d->args[2];
		path_at(call->pid, (int)d->args[0], d->args[1], from);
		break;
#ifdef SYS_renameat
	case SYS_renameat:
#endif
	case SYS_renameat2:
		path_at(call->pid, (int)d->args[0], d->args[1], from);
		path_at(call->pid, (int)d->args[2], d->args[3], to);
		break;
#ifdef SYS_rename
	case SYS_open:
		flags = (unsigned)d->args[1];
		path_at(call->pid, AT_FDCWD, d->args[0], from);
		break;
	case SYS_rename:
		path_at(call->pid, AT_FDCWD, d->args[0], from);
		path_at(call->pid, AT_FDCWD, d->args[1], to);
		break;
#endif
	case SYS_write:
	case SYS_pwrite64:
	case SYS_fsync:
	case SYS_fdatasync:
	case SYS_fchmod:
	case NR_ftruncate:
		path_of_fd(call->pid, (int)d->args[0], from);
		break;
	default:
		break;
	}
	fprintf(o->trace, "%s\t%s\t%s\t%x\n", name_of(o, d->nr), from, to, flags);
}

static void run_shell(const char *command)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setgid(OTHER_USER) < 0 || setuid(OTHER_USER) < 0))
			_exit(126);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) < 0)
		perror("faultrun: --do");
}

/* The other user's move. Without root both are one user. */
static void swap_names(const struct options *o)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setgid(OTHER_USER) < 0 || setuid(OTHER_USER) < 0))
			_exit(1);
		_exit(syscall(SYS_renameat2, AT_FDCWD, o->swap, AT_FDCWD, o->with, RENAME_EXCHANGE) < 0);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0 || status)
		fprintf(stderr, "faultrun: %s and %s could not be exchanged\n", o->swap, o->with);
}

static void answer(const struct options *o, int listener, const struct seccomp_notif *call, unsigned long *count)
{
	struct seccomp_notif_resp reply = { .id = call->id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

	if (counts(o, &call->data)) {
		if (o->log)
			fprintf(o->log, "%s\n", name_of(o, call->data.nr));
		if (o->trace)
			trace(o, call);
		if (++*count == o->at && o->kill) {
			kill((pid_t)call->pid, SIGKILL);
			return;
		}
		if (*count == o->at && o->shell)
			run_shell(o->shell);
		else if (*count == o->at && o->swap)
			swap_names(o);
		else if (*count == o->at)
			reply = (struct seccomp_notif_resp){ .id = call->id, .error = -o->error };
	}
	if (o->no_openat2 && call->data.nr == SYS_openat2)
		reply = (struct seccomp_notif_resp){ .id = call->id, .error = -ENOSYS };
	/* ENOENT: the caller is gone meanwhile. */
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply) < 0 && errno != ENOENT)
		perror("faultrun: reply");
}

static int supervise(const struct options *o, int listener, pid_t child)
{
	unsigned long count = 0;
	int status;

	for (;;) {
		struct pollfd p = { .fd = listener, .events = POLLIN };
		struct seccomp_notif call = { 0 };

		/* The listener hangs up when the last thread under the filter is gone. */
		if (poll(&p, 1, -1) < 0 || (p.revents & POLLHUP))
			break;
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) == 0)
			answer(o, listener, &call, &count);
	}
	if (waitpid(child, &status, 0) < 0)
		return 125;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int run_child(const struct options *o, volatile int *listener)
{
	*listener = install_filter(o);
	if (*listener < 0) {
		perror("faultrun: seccomp");
		return 125;
	}
	/* The supervisor takes the listener now; nothing may be called here that it would have to answer. */
	raise(SIGSTOP);
	fcntl(*listener, F_SETFD, FD_CLOEXEC);
	execvp(o->command[0], o->command);
	return 127;
}

static int run(const struct options *o)
{
	volatile int *remote = mmap(NULL, sizeof(*remote), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status, pidfd, listener;
	pid_t child;

	if (remote == MAP_FAILED)
		return 125;
	child = fork();
	if (child == 0)
		_exit(run_child(o, remote));
	if (child < 0 || waitpid(child, &status, WUNTRACED) < 0 || !WIFSTOPPED(status))
		return 125;
	pidfd = (int)syscall(SYS_pidfd_open, child, 0);
	listener = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, *remote, 0);
	if (listener < 0) {
		perror("faultrun: pidfd_getfd");
		kill(child, SIGKILL);
		return 125;
	}
	kill(child, SIGCONT);
	return supervise(o, listener, child);
}

static int usage(void)
{
	fputs("usage: faultrun [--at N] [--errno NUMBER|--kill|--do SHELL|--swap A --with B] [--read|--files] "
	      "[--no-openat2] [--log FILE] [--trace FILE] COMMAND...\n",
	      stderr);
	return 125;
}

static bool parse_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "at", required_argument, NULL, 'a' },   { "errno", required_argument, NULL, 'e' },
		{ "kill", no_argument, NULL, 'k' },       { "read", no_argument, NULL, 'r' },
		{ "log", required_argument, NULL, 'l' },  { "trace", required_argument, NULL, 't' },
		{ "do", required_argument, NULL, 'd' },   { "swap", required_argument, NULL, 's' },
		{ "with", required_argument, NULL, 'w' }, { "files", no_argument, NULL, 'f' },
		{ "no-openat2", no_argument, NULL, 'n' }, { 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "+", longs, NULL)) != -1) {
		switch (c) {
		case 'a':
			o->at = strtoul(optarg, NULL, 10);
			break;
		case 'e':
			o->error = atoi(optarg);
			break;
		case 'k':
			o->kill = true;
			break;
		case 'r':
			o->read = true;
			break;
		case 's':
			o->swap = optarg;
			break;
		case 'w':
			o->with = optarg;
			break;
		case 'f':
			o->files = true;
			break;
		case 'n':
			o->no_openat2 = true;
			break;
		case 'd':
			o->shell = optarg;
			break;
		case 'l':
			o->log = fopen(optarg, "we");
			break;
		case 't':
			o->trace = fopen(optarg, "we");
			break;
		default:
			return false;
		}
	}
	o->command = argv + optind;
	return optind < argc;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	int status;

	if (!parse_options(argc, argv, &o))
		return usage();
	status = run(&o);
	if ((o.log && fclose(o.log) != 0) || (o.trace && fclose(o.trace) != 0))
		return 125;
	return status;
}
