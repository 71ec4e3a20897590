// SPDX-License-Identifier: MIT
#include "read/kernel/calls.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * libc exports these two, but no header declares them; called by name, a preloaded library can take their place, as the
 * fakes of test suites do. finit_module(2) has no function.
 */
int init_module(const void *image, unsigned long len, const char *options);
int delete_module(const char *name, unsigned int flags);

static int real_init_module(void *data, const void *image, size_t len, const char *options)
{
	(void)data;
	return init_module(image, len, options) < 0 ? -errno : 0;
}

static int real_finit_module(void *data, int fd, const char *options, int flags)
{
	(void)data;
	return syscall(SYS_finit_module, fd, options, flags) < 0 ? -errno : 0;
}

static int real_delete_module(void *data, const char *name, unsigned flags)
{
	(void)data;
	return delete_module(name, flags) < 0 ? -errno : 0;
}

static int real_uname(void *data, struct utsname *ret)
{
	(void)data;
	return uname(ret) < 0 ? -errno : 0;
}

static const struct kernel_calls real_calls = {
	.init_module = real_init_module,
	.finit_module = real_finit_module,
	.delete_module = real_delete_module,
	.uname = real_uname,
};

const struct kernel kernel_real = { &real_calls, NULL };
