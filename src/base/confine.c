// SPDX-License-Identifier: MIT
/* Sources: Linux Documentation/userspace-api/landlock.rst and seccomp_filter.rst, seccomp(2), landlock(7). */
#include "base/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/audit_arch.h"
#include "base/cleanup.h"

/* ---- files ---- */

/* Numbers and bits of the kernel's ABI, written out: headers of a build machine may be older than the kernel. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif
#define RULESET_VERSION 1u
#define RULE_PATH_BENEATH 1

#define FS_EXECUTE (1u << 0)
#define FS_WRITE_FILE (1u << 1)
#define FS_REMOVE_AND_MAKE (0x1ffu << 4) /* directories and files removed; seven types made */
#define FS_REFER (1u << 13)              /* version 2 */
#define FS_TRUNCATE (1u << 14)           /* version 3 */
#define FS_IOCTL_DEV (1u << 15)          /* version 5 */
#define NET_BIND_AND_CONNECT_TCP 3u      /* version 4 */
#define SCOPE_SOCKETS_AND_SIGNALS 3u     /* version 6 */

struct ruleset {
	uint64_t fs, net, scoped; /* a kernel that knows fewer accepts the others when they are zero */
};

struct path_beneath {
	uint64_t access;
	int32_t parent_fd;
} __attribute__((packed));

static struct ruleset ruleset_of(long version)
{
	struct ruleset r = { .fs = FS_EXECUTE | FS_WRITE_FILE | FS_REMOVE_AND_MAKE };

	if (version >= 2)
		r.fs |= FS_REFER;
	if (version >= 3)
		r.fs |= FS_TRUNCATE;
	if (version >= 4)
		r.net = NET_BIND_AND_CONNECT_TCP;
	if (version >= 5)
		r.fs |= FS_IOCTL_DEV;
	if (version >= 6)
		r.scoped = SCOPE_SOCKETS_AND_SIGNALS;
	return r;
}

/* Without a terminal there is nothing to allow. */
static void allow_terminal(int rules, uint64_t handled)
{
	_cleanup_close_ int fd = open("/dev/tty", O_PATH | O_CLOEXEC);
	struct path_beneath rule = { handled & (FS_WRITE_FILE | FS_IOCTL_DEV), fd };

	if (fd >= 0)
		(void)syscall(SYS_landlock_add_rule, rules, RULE_PATH_BENEATH, &rule, 0);
}

static bool restrict_files(unsigned keep)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, RULESET_VERSION);
	struct ruleset handled;
	_cleanup_close_ int rules = -1;

	if (version < 1)
		return false;
	handled = ruleset_of(version);
	rules = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
	if (rules < 0)
		return false;
	if (keep & CONFINE_KEEP_TERMINAL)
		allow_terminal(rules, handled.fs);
	return syscall(SYS_landlock_restrict_self, rules, 0) == 0;
}

/* ---- system calls ---- */

/* 64-bit ones: the others have two numbers for many calls. Elsewhere Landlock works alone. */
#if defined(AUDIT_ARCH_HERE) && UINTPTR_MAX == UINT64_MAX
/* Architectures share their numbers from 403 on; this is the newest that was looked at (mseal, Linux 6.10). */
#define NEWEST_CALL 462
#define KEY_CALLS 3

/* Those on keys come first: the filter leaves them out when they are kept. */
static const uint16_t refused[] = {
	SYS_keyctl,
	SYS_add_key,
	SYS_request_key,
/* networks */
#ifdef SYS_socketcall
	SYS_socketcall,
#endif
	SYS_socket,
	SYS_socketpair,
	SYS_connect,
	SYS_bind,
	SYS_listen,
	/* other processes and programs */
	SYS_execve,
	SYS_execveat,
	SYS_ptrace,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_kcmp,
	SYS_kill,
	SYS_tkill,
	SYS_rt_sigqueueinfo,
	SYS_rt_tgsigqueueinfo,
	424, /* pidfd_send_signal */
	438, /* pidfd_getfd */
	     /* file systems and what is seen of them */
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_chroot,
	SYS_unshare,
	SYS_setns,
	SYS_open_by_handle_at,
	SYS_fanotify_init,
	428, /* open_tree */
	429, /* move_mount */
	430, /* fsopen */
	431, /* fsconfig */
	432, /* fsmount */
	433, /* fspick */
	442, /* mount_setattr */
	SYS_quotactl,
	SYS_swapon,
	SYS_swapoff,
	SYS_acct,
	/* the kernel itself, and calls that go around filters */
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_kexec_load,
	SYS_reboot,
	SYS_bpf,
	SYS_perf_event_open,
	SYS_userfaultfd,
	SYS_syslog,
	425, /* io_uring_setup */
#ifdef SYS_iopl
	SYS_iopl,
	SYS_ioperm,
#endif
	SYS_settimeofday,
	SYS_clock_settime,
	SYS_clock_adjtime,
	SYS_adjtimex,
	SYS_sethostname,
	SYS_setdomainname,
/* what Landlock does not know */
#ifdef SYS_chmod
	SYS_chmod,
	SYS_chown,
	SYS_lchown,
	SYS_utime,
	SYS_utimes,
	SYS_futimesat,
#endif
	SYS_fchmod,
	SYS_fchmodat,
	452, /* fchmodat2 */
	SYS_fchown,
	SYS_fchownat,
	SYS_utimensat,
	SYS_setxattr,
	SYS_lsetxattr,
	SYS_fsetxattr,
	SYS_removexattr,
	SYS_lremovexattr,
	SYS_fremovexattr,
/* what Landlock refuses as well, for kernels without it */
#ifdef SYS_unlink
	SYS_unlink,
	SYS_rename,
	SYS_link,
	SYS_symlink,
	SYS_mkdir,
	SYS_rmdir,
	SYS_mknod,
	SYS_creat,
#endif
	SYS_unlinkat,
#ifdef SYS_renameat
	SYS_renameat,
#endif
	SYS_renameat2,
	SYS_linkat,
	SYS_symlinkat,
	SYS_mkdirat,
	SYS_mknodat,
	SYS_truncate,
};

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW_HALF 4
#else
#define LOW_HALF 0
#endif
#define LOAD(where) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, where)
#define LOAD_ARGUMENT(i) LOAD(offsetof(struct seccomp_data, args[i]) + LOW_HALF)
#define IF_EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define IF_GREATER(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, value, yes, no)
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, value)
#define ALLOW ANSWER(SECCOMP_RET_ALLOW)
#define REFUSE ANSWER(SECCOMP_RET_ERRNO | EPERM)

/* The x32 numbers of x86-64 have bit 30 set, so they are newer than any. */
static const struct sock_filter head[] = {
	LOAD(offsetof(struct seccomp_data, arch)), IF_EQUAL(AUDIT_ARCH_HERE, 1, 0), ANSWER(SECCOMP_RET_KILL_PROCESS),
	LOAD(offsetof(struct seccomp_data, nr)),   IF_GREATER(NEWEST_CALL, 0, 1),   ANSWER(SECCOMP_RET_ERRNO | ENOSYS),
};

/* What ends the comparisons, at known distances from the end of the filter. */
static const struct sock_filter tail[] = {
	IF_EQUAL(SYS_ioctl, 0, 3),
	LOAD_ARGUMENT(1),
	IF_EQUAL(TIOCSTI, 5, 0),
	IF_EQUAL(TIOCLINUX, 4, 3),
	IF_EQUAL(SYS_tgkill, 0, 2), /* abort(3) sends itself a signal */
	LOAD_ARGUMENT(0),
	IF_EQUAL(0, 0, 1), /* own process id: filled in */
	ALLOW,
	REFUSE,
};
#define TAIL_OWN_PID 6

/*
 * When a filter is installed, the kernel tries it on every number, to know which calls it need not ask about again; so
 * the comparisons are in order and in groups, most of which are skipped by one comparison.
 */
#define GROUP 10
#define GROUPS (ELEMENTSOF(refused) / GROUP + 1)
#define FILTER_MAX (ELEMENTSOF(head) + ELEMENTSOF(refused) + 2 * GROUPS + ELEMENTSOF(tail))
_Static_assert(FILTER_MAX <= UINT8_MAX, "a jump reaches 255 instructions");

static size_t sort_refused(unsigned keep, uint16_t *into)
{
	size_t n = 0;

	for (size_t i = keep & CONFINE_KEEP_KEYS ? KEY_CALLS : 0; i < ELEMENTSOF(refused); i++) {
		size_t at = n++;

		for (; at > 0 && into[at - 1] > refused[i]; at--)
			into[at] = into[at - 1];
		into[at] = refused[i];
	}
	return n;
}

static size_t build_filter(unsigned keep, struct sock_filter *code)
{
	uint16_t sorted[ELEMENTSOF(refused)];
	size_t n = sort_refused(keep, sorted), at = ELEMENTSOF(head);
	size_t end = at + n + 2 * ((n + GROUP - 1) / GROUP); /* where the tail begins */
	size_t last = end + ELEMENTSOF(tail) - 1;            /* which refuses */

	memcpy(code, head, sizeof(head));
	for (size_t i = 0; i < n; i += GROUP) {
		size_t m = n - i < GROUP ? n - i : GROUP;

		code[at++] = (struct sock_filter)IF_GREATER(sorted[i + m - 1], (uint8_t)(m + 1), 0);
		for (size_t k = i; k < i + m; k++, at++)
			code[at] = (struct sock_filter)IF_EQUAL(sorted[k], (uint8_t)(last - at - 1), 0);
		code[at] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)(end - at - 1));
		at++;
	}
	memcpy(code + end, tail, sizeof(tail));
	code[end + TAIL_OWN_PID].k = (uint32_t)getpid();
	return last + 1;
}

static bool restrict_calls(unsigned keep)
{
	struct sock_filter code[FILTER_MAX];
	struct sock_fprog program = { (unsigned short)build_filter(keep, code), code };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}
#else
static bool restrict_calls(unsigned keep _unused_)
{
	return false;
}
#endif

unsigned confine(unsigned keep)
{
	unsigned means = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return 0;
	if (restrict_files(keep))
		means |= CONFINED_FILES;
	if (restrict_calls(keep))
		means |= CONFINED_CALLS;
	return means;
}
