/* SPDX-License-Identifier: MIT */
#pragma once

/* The system calls of module loading, behind a table, so that tests can put a fake kernel in their place. */

#include <stddef.h>
#include <sys/utsname.h>

#define KERNEL_FINIT_IGNORE_MODVERSIONS 1
#define KERNEL_FINIT_IGNORE_VERMAGIC 2
#define KERNEL_FINIT_COMPRESSED 4

struct kernel_calls {
	/* each: 0 or -errno */
	int (*init_module)(void *data, const void *image, size_t len, const char *options);
	int (*finit_module)(void *data, int fd, const char *options, int flags);
	int (*delete_module)(void *data, const char *name, unsigned flags); /* O_NONBLOCK, O_TRUNC */
	int (*uname)(void *data, struct utsname *ret);
};

struct kernel {
	const struct kernel_calls *calls;
	void *data;
};

extern const struct kernel kernel_real;

static inline int kernel_init_module(const struct kernel *k, const void *image, size_t len, const char *options)
{
	return k->calls->init_module(k->data, image, len, options);
}

static inline int kernel_finit_module(const struct kernel *k, int fd, const char *options, int flags)
{
	return k->calls->finit_module(k->data, fd, options, flags);
}

static inline int kernel_delete_module(const struct kernel *k, const char *name, unsigned flags)
{
	return k->calls->delete_module(k->data, name, flags);
}

static inline int kernel_uname(const struct kernel *k, struct utsname *ret)
{
	return k->calls->uname(k->data, ret);
}
