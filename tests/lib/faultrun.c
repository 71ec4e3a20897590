// SPDX-License-Identifier: MIT
/*
 * faultrun OPTIONS COMMAND...: runs an unmodified program and makes one of its system calls fail, or kills it there.
 *
 *	--at N         the Nth call of the watched kind, from 1; 0 or nothing: none
 *	--errno NUMBER what it returns
 *	--kill         instead: SIGKILL before the call is made
 *	--read         watch the calls that read; else those that write
 *	--log FILE     the names of the watched calls, one per line, as they come
 *
 * The exit status is the command's, or 128 + its signal. By seccomp user notification: no ptrace, any architecture.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/audit.h>
#include <linux/filter.h>
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
#include <sys/wait.h>
#include <unistd.h>

#define ELEMENTSOF(a) (sizeof(a) / sizeof((a)[0]))

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
	{ SYS_fchown, "fchown" },
	{ SYS_renameat2, "renameat2" },
	{ SYS_renameat, "renameat" },
	{ SYS_unlinkat, "unlinkat" },
	{ SYS_mkdirat, "mkdirat" },
	{ SYS_linkat, "linkat" },
	{ SYS_ftruncate, "ftruncate" },
	{ SYS_utimensat, "utimensat" },
	{ SYS_flock, "flock" },
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
	{ SYS_openat, "openat" },
	{ SYS_read, "read" },
	{ SYS_pread64, "pread64" },
	{ SYS_getdents64, "getdents64" },
	{ SYS_newfstatat, "newfstatat" },
#ifdef SYS_open
	{ SYS_open, "open" },
#endif
};

struct options {
	unsigned long at;
	int error;
	bool kill, read;
	FILE *log;
	char **command;
};

static const struct watched *table(const struct options *o, size_t *ret_n)
{
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

	if (d->nr == SYS_openat)
		flags = (int)d->args[2];
#ifdef SYS_open
	if (d->nr == SYS_open)
		flags = (int)d->args[1];
#endif
	if (flags != -1)
		return o->read == !(flags & (O_WRONLY | O_RDWR | O_CREAT));
	return (d->nr != SYS_write && d->nr != SYS_read) || d->args[0] > 2;
}

static void answer(const struct options *o, int listener, const struct seccomp_notif *call, unsigned long *count)
{
	struct seccomp_notif_resp reply = { .id = call->id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

	if (counts(o, &call->data)) {
		if (o->log)
			fprintf(o->log, "%s\n", name_of(o, call->data.nr));
		if (++*count == o->at && o->kill) {
			kill((pid_t)call->pid, SIGKILL);
			return;
		}
		if (*count == o->at)
			reply = (struct seccomp_notif_resp){ .id = call->id, .error = -o->error };
	}
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
	fputs("usage: faultrun [--at N] [--errno NUMBER|--kill] [--read] [--log FILE] COMMAND...\n", stderr);
	return 125;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "at", required_argument, NULL, 'a' },  { "errno", required_argument, NULL, 'e' },
		{ "kill", no_argument, NULL, 'k' },      { "read", no_argument, NULL, 'r' },
		{ "log", required_argument, NULL, 'l' }, { 0 },
	};
	struct options o = { 0 };
	int c, status;

	while ((c = getopt_long(argc, argv, "+", longs, NULL)) != -1) {
		switch (c) {
		case 'a':
			o.at = strtoul(optarg, NULL, 10);
			break;
		case 'e':
			o.error = atoi(optarg);
			break;
		case 'k':
			o.kill = true;
			break;
		case 'r':
			o.read = true;
			break;
		case 'l':
			o.log = fopen(optarg, "we");
			break;
		default:
			return usage();
		}
	}
	o.command = argv + optind;
	if (optind == argc)
		return usage();
	status = run(&o);
	if (o.log && fclose(o.log) != 0)
		return 125;
	return status;
}
