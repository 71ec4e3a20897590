/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Who uses a loaded module: other modules, devices, network interfaces, mounts, open device nodes, sockets, swap, block
 * devices, ciphers. The kernel only counts references; this finds the uses that can be seen, with the number of
 * references that each holds, and counts the references that remain unexplained.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"
#include "read/index/catalog.h"
#include "read/kernel/openfiles.h"

enum user_kind {
	USER_HOLDER, /* a module that needs it, directly or through others */
	USER_MOUNT,
	USER_SWAP,
	USER_BLOCK, /* a block device that is set up, or is built on one of its devices */
	USER_NODE,  /* a device node open in a process */
	USER_SOCKET,
	USER_CRYPTO,
	USER_DEVICE,    /* bound to one of its drivers: does not prevent unloading, but stops working then */
	USER_INTERFACE, /* the same */
	USER_KINDS,
};

struct user {
	enum user_kind kind;
	const char
		*name; /* module, mount point, swap area, block device, node, protocol, algorithm, device, interface */
	const char *detail; /* file system type, bus and driver, state ...; NULL: none */
	/* What a mount or block device is built on; the module through which a holder uses this one; or NULL. */
	const char *source;
	const char *process; /* NULL: no process */
	pid_t pid;
	uint32_t count;      /* descriptors, sockets; else 1 */
	uint32_t references; /* of the module's use count */
	bool up;             /* an interface that is up */
};

struct users {
	struct user *items; /* by kind, then in order of discovery */
	size_t n, cap;
	struct arena strings;
	int64_t refcnt;     /* -1: this kernel keeps no count */
	uint32_t explained; /* references of the items, at most refcnt */
	uint32_t unexplained;
	bool permanent; /* has no exit function: stays until the next boot */
	bool complete;  /* every process could be examined; without privileges those of other users cannot */
};

struct users_query {
	const struct root *root;
	const struct catalog *catalog;  /* NULL: device numbers and file systems are matched by name only */
	const struct open_probe *probe; /* NULL: open_probe_real */
	const char *module;             /* normalized */
	struct diag *diag;
};

/*
 * -ENOENT: not loaded. What cannot be read is left out. -EOPNOTSUPP: there is no /proc/modules, so that nothing is
 * known; -EAGAIN, -errno of it; -ENOMEM.
 */
int users_read(const struct users_query *q, struct users *ret);
const char *users_strerror(int error);
void users_done(struct users *u);

const char *user_kind_name(enum user_kind kind); /* "holder", "mount", ... */
/* One use as a phrase: "/dev/loop0 open in losetup (pid 12)". Appends; sticky error. */
void user_describe(const struct user *u, struct buf *into);
/*
 * The short form for "is in use" messages: at most USERS_BRIEF_MAX lines about what holds references, or that it cannot
 * be unloaded at all, each beginning with the module's name. holders: also list modules that use it. 0 (also when there
 * are no lines, and when nothing can be read) or -ENOMEM.
 */
#define USERS_BRIEF_MAX 4
int users_brief(const struct users_query *q, bool holders, struct strv *lines);

#define _cleanup_users_ _cleanup_(users_done)
