/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Who uses a loaded module: other modules, devices, network interfaces, mounts, open device nodes, sockets, swap, block
 * devices, ciphers. The kernel only counts references; here are the uses that can be seen, with the number of
 * references that each holds, and how many are left without a name.
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
	USER_HOLDER, /* a module that needs it, or one that needs such a one */
	USER_MOUNT,
	USER_SWAP,
	USER_BLOCK, /* a block device that is set up, or stands on one of its devices */
	USER_NODE,  /* a device node open in a process */
	USER_SOCKET,
	USER_CRYPTO,
	USER_DEVICE,    /* bound to one of its drivers: does not keep it from going, but stops working without it */
	USER_INTERFACE, /* the same */
	USER_KINDS,
};

struct user {
	enum user_kind kind;
	const char
		*name; /* module, mount point, swap area, block device, node, protocol, algorithm, device, interface */
	const char *detail; /* file system type, bus and driver, state ...; NULL: none */
	/* What a mount or block device stands on; the module that a holder uses, with a reason of its own; NULL. */
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
	int64_t refcnt;     /* -1: this kernel keeps none */
	uint32_t explained; /* references of those above, at most refcnt */
	uint32_t unexplained;
	bool permanent; /* has no exit function: stays until the next boot */
	bool complete;  /* no process was withheld; without privileges other users' are */
};

struct users_query {
	const struct root *root;
	const struct catalog *catalog;  /* NULL: device numbers and file systems are matched by name only */
	const struct open_probe *probe; /* NULL: open_probe_real */
	const char *module;             /* normalised */
	struct diag *diag;
};

/* -ENOENT: not loaded. What cannot be read is left out. -EAGAIN, -errno of /proc/modules; -ENOMEM. */
int users_read(const struct users_query *q, struct users *ret);
void users_done(struct users *u);

const char *user_kind_name(enum user_kind kind); /* "holder", "mount", ... */
/* One use as a phrase: "/dev/loop0 open in losetup (pid 12)". Appends; sticky error. */
void user_describe(const struct user *u, struct buf *into);
/*
 * The short form for "is in use" messages: at most USERS_BRIEF_MAX lines that begin with the module's name, of what
 * holds references; holders: those, too. 0 (also without any, and when nothing can be read) or -ENOMEM.
 */
#define USERS_BRIEF_MAX 4
int users_brief(const struct users_query *q, bool holders, struct strv *lines);

#define _cleanup_users_ _cleanup_(users_done)
