/* SPDX-License-Identifier: MIT */
#pragma once

/* A kernel that answers from a script and writes down how it was asked. */

#include "unit.h"

#include "base/buf.h"
#include "read/kernel/calls.h"

struct stub_kernel {
	int finit, init; /* what the calls return */
	int delete_busy; /* so many deletes end in EAGAIN */
	struct buf log;
	struct buf image; /* what init_module got */
};

/* The file name behind a descriptor, without directory. */
static inline void stub_name(int fd, char *ret, size_t cap)
{
	char link[64], path[4096];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	assert_true(n > 0);
	path[n] = '\0';
	snprintf(ret, cap, "%s", strrchr(path, '/') + 1);
}

static inline int stub_finit(void *data, int fd, const char *options, int flags)
{
	struct stub_kernel *k = data;
	char name[256];

	stub_name(fd, name, sizeof(name));
	buf_addf(&k->log, "finit %s '%s' %d\n", name, options, flags);
	return k->finit;
}

static inline int stub_init(void *data, const void *image, size_t len, const char *options)
{
	struct stub_kernel *k = data;

	buf_clear(&k->image);
	buf_add(&k->image, image, len);
	buf_addf(&k->log, "init %zu '%s'\n", len, options);
	return k->init;
}

static inline int stub_delete(void *data, const char *name, unsigned flags)
{
	struct stub_kernel *k = data;

	buf_addf(&k->log, "delete %s %#x\n", name, flags);
	return k->delete_busy-- > 0 ? -EAGAIN : 0;
}

static inline int stub_uname(void *data _unused_, struct utsname *ret)
{
	return uname(ret) < 0 ? -errno : 0;
}

static const struct kernel_calls stub_calls = { stub_init, stub_finit, stub_delete, stub_uname };

static inline _unused_ void stub_done(struct stub_kernel *k)
{
	buf_done(&k->log);
	buf_done(&k->image);
}
