// SPDX-License-Identifier: MIT
#include "kernel/calls.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

static int result(long r)
{
	return r < 0 ? -errno : 0;
}

static int real_init_module(void *data _unused_, const void *image, size_t len, const char *options)
{
	return result(syscall(SYS_init_module, image, (unsigned long)len, options));
}

static int real_finit_module(void *data _unused_, int fd, const char *options, int flags)
{
	return result(syscall(SYS_finit_module, fd, options, flags));
}

static int real_delete_module(void *data _unused_, const char *name, unsigned flags)
{
	return result(syscall(SYS_delete_module, name, flags));
}

static int real_uname(void *data _unused_, struct utsname *ret)
{
	return result(uname(ret));
}

static const struct kernel_calls real_calls = {
	.init_module = real_init_module,
	.finit_module = real_finit_module,
	.delete_module = real_delete_module,
	.uname = real_uname,
};

const struct kernel kernel_real = { .calls = &real_calls };
