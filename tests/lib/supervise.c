// SPDX-License-Identifier: MIT
/*
 * supervise DIR PROGRAM [ARGUMENT...]: an unmodified program on the fake kernel of fake_kernel.h.
 *
 * In a mount namespace of its own, DIR/proc, DIR/sys, DIR/etc, DIR/run, DIR/boot, DIR/mnt, DIR/lib/modules and what
 * else tools for modules read lie in place of the machine's, which needs to have none of them (fake_view.h).
 * init_module(2), finit_module(2), delete_module(2) and uname(2) of the program and its children, from any thread,
 * stop at a seccomp filter (seccomp_unotify(2)) and are answered here. Needs root, but no kernel with modules. The
 * exit status is the program's; 70 when it could not be run, with a message that names the path where a mount failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/audit_arch.h"
#include "base/buf.h"
#include "lib/fake_kernel.h"
#include "lib/fake_view.h"

#define UNUSABLE 70
#define IMAGE_MAX (64u << 20)
#define OPTIONS_MAX 65536u

#ifndef AUDIT_ARCH_HERE
#error "supervise: base/audit_arch.h does not know this architecture"
#endif

static int fail(const char *what)
{
	fprintf(stderr, "supervise: %s: %s\n", what, strerror(errno));
	return UNUSABLE;
}

/* ---- the program's side ---- */

static int install_filter(void)
{
	static const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_HERE, 0, 6),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_init_module, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_finit_module, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_delete_module, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_uname, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_filter copy[ELEMENTSOF(code)];
	struct sock_fprog program = { .len = ELEMENTSOF(code), .filter = copy };

	memcpy(copy, code, sizeof(code));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

static int send_fd(int socket, int fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec one = { .iov_base = (char[1]){ 0 }, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &one, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(socket, &msg, 0) == 1 ? 0 : -1;
}

static int receive_fd(int socket)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec one = { .iov_base = (char[1]){ 0 }, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &one, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	const struct cmsghdr *c;
	int fd;

	if (recvmsg(socket, &msg, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	c = CMSG_FIRSTHDR(&msg);
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

static int run_program(const char *dir, int socket, char **argv)
{
	_cleanup_buf_ struct buf where = BUF_INIT;
	int listener, r = fake_view_enter(dir, &where);

	if (r < 0) {
		errno = -r;
		return fail(buf_str(&where));
	}
	listener = install_filter();
	if (listener < 0 || send_fd(socket, listener) < 0)
		return fail("seccomp filter");
	close(listener);
	close(socket);
	execvp(argv[0], argv);
	return fail(argv[0]);
}

/* ---- the kernel's side ---- */

struct call {
	int listener;
	int proc; /* the real /proc */
	const struct seccomp_notif *request;
	int memory; /* of the caller */
};

/* The caller has not died meanwhile, and its number is still its own. */
static bool is_waiting(const struct call *c)
{
	return ioctl(c->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &c->request->id) == 0;
}

static int open_memory(const struct call *c)
{
	char path[32];

	snprintf(path, sizeof(path), "%d/mem", (int)c->request->pid);
	return openat(c->proc, path, O_RDWR | O_CLOEXEC);
}

static int read_memory(const struct call *c, uint64_t address, size_t n, struct buf *into)
{
	if (buf_reserve(into, n) < 0)
		return -ENOMEM;
	if (pread(c->memory, into->p + into->n, n, (off_t)address) != (ssize_t)n)
		return -EFAULT;
	into->n += n;
	into->p[into->n] = '\0';
	return 0;
}

/* A NUL-terminated string, read up to the page that has its end. */
static int read_string(const struct call *c, uint64_t address, struct buf *into)
{
	while (into->n < OPTIONS_MAX) {
		size_t chunk = 4096 - (address + into->n) % 4096;
		int r = read_memory(c, address + into->n, chunk, into);

		if (r < 0)
			return r;
		if (memchr(into->p, '\0', into->n)) {
			into->n = strlen(into->p);
			return 0;
		}
	}
	return -E2BIG;
}

static int answer_init(const struct call *c, const struct kernel *k)
{
	const uint64_t *args = (const void *)c->request->data.args;
	_cleanup_buf_ struct buf image = BUF_INIT, options = BUF_INIT;
	int r = args[1] > IMAGE_MAX ? -ENOMEM : read_memory(c, args[0], args[1], &image);

	if (r == 0)
		r = read_string(c, args[2], &options);
	return r < 0 ? r : kernel_init_module(k, image.p, image.n, buf_str(&options));
}

static int answer_finit(const struct call *c, const struct kernel *k)
{
	const uint64_t *args = (const void *)c->request->data.args;
	_cleanup_buf_ struct buf options = BUF_INIT;
	_cleanup_close_ int own = -1;
	char path[64];
	int r = read_string(c, args[1], &options);

	if (r < 0)
		return r;
	/* pid is that of the calling thread. Opened again: the caller's file position is not to move. */
	snprintf(path, sizeof(path), "%d/fd/%d", (int)c->request->pid, (int)args[0]);
	own = openat(c->proc, path, O_RDONLY | O_CLOEXEC);
	if (own < 0)
		return errno == ENOENT ? -EBADF : -errno;
	return !is_waiting(c) ? -ESRCH : kernel_finit_module(k, own, buf_str(&options), (int)args[2]);
}

static int answer_delete(const struct call *c, const struct kernel *k)
{
	const uint64_t *args = (const void *)c->request->data.args;
	_cleanup_buf_ struct buf name = BUF_INIT;
	int r = read_string(c, args[0], &name);

	return r < 0 ? r : kernel_delete_module(k, buf_str(&name), (unsigned)args[1]);
}

static int answer_uname(const struct call *c, const struct kernel *k)
{
	struct utsname u = { 0 };
	int r = kernel_uname(k, &u);

	if (r < 0)
		return r;
	return pwrite(c->memory, &u, sizeof(u), (off_t)c->request->data.args[0]) == sizeof(u) ? 0 : -EFAULT;
}

static int answer(const struct call *c, const struct kernel *k)
{
	switch (c->request->data.nr) {
	case SYS_init_module:
		return answer_init(c, k);
	case SYS_finit_module:
		return answer_finit(c, k);
	case SYS_delete_module:
		return answer_delete(c, k);
	case SYS_uname:
		return answer_uname(c, k);
	default:
		return -ENOSYS;
	}
}

/* One call. -1: the listener is of no more use. */
static int serve_one(struct call *c, const struct kernel *k)
{
	struct seccomp_notif request = { 0 };
	struct seccomp_notif_resp response = { 0 };

	if (ioctl(c->listener, SECCOMP_IOCTL_NOTIF_RECV, &request) < 0)
		return errno == EINTR || errno == ENOENT ? 0 : -1;
	c->request = &request;
	c->memory = open_memory(c);
	response.id = request.id;
	/* Only now the memory is known to be the caller's. */
	if (is_waiting(c))
		response.error = c->memory < 0 ? -EFAULT : answer(c, k);
	close_fd_p(&c->memory);
	return ioctl(c->listener, SECCOMP_IOCTL_NOTIF_SEND, &response) < 0 && errno != ENOENT ? -1 : 0;
}

/* Until nobody is left who has the filter. */
static void serve(int listener, int proc, const struct kernel *k)
{
	struct call c = { .listener = listener, .proc = proc, .memory = -1 };
	struct pollfd p = { .fd = listener, .events = POLLIN };

	while (poll(&p, 1, -1) > 0 || errno == EINTR) {
		if (p.revents & POLLIN) {
			if (serve_one(&c, k) < 0)
				return;
		} else if (p.revents) {
			return;
		}
	}
}

int main(int argc, char **argv)
{
	_cleanup_close_ int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC), listener = -1;
	struct fake_kernel fake;
	int pair[2], status, r;
	pid_t child;

	if (argc < 3) {
		fputs("usage: supervise DIR PROGRAM [ARGUMENT...]\n", stderr);
		return UNUSABLE;
	}
	r = fake_kernel_init(&fake, argv[1]);
	if (r < 0 || proc < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		errno = r < 0 ? -r : errno;
		return fail(argv[1]);
	}
	child = fork();
	if (child == 0)
		_exit(run_program(argv[1], pair[1], argv + 2));
	close(pair[1]);
	listener = child > 0 ? receive_fd(pair[0]) : -1;
	if (listener >= 0)
		serve(listener, proc, &fake.kernel);
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return fail("fork");
	fake_kernel_done(&fake);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
