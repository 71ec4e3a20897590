// SPDX-License-Identifier: MIT
/* Preloaded in libc's place, as the fakes of other projects' test suites are: each call says that it came here. */
#include <errno.h>
#include <stdio.h>
#include <sys/types.h>

int init_module(const void *image, unsigned long len, const char *options);
int delete_module(const char *name, unsigned int flags);
ssize_t getdents64(int fd, void *entries, size_t n);

int init_module(const void *image, unsigned long len, const char *options)
{
	(void)image;
	printf("init_module %lu bytes '%s'\n", len, options);
	fflush(stdout);
	return 0;
}

int delete_module(const char *name, unsigned int flags)
{
	(void)flags;
	printf("delete_module %s\n", name);
	fflush(stdout);
	errno = EBUSY;
	return -1;
}

ssize_t getdents64(int fd, void *entries, size_t n)
{
	(void)fd;
	(void)entries;
	(void)n;
	printf("getdents64\n");
	fflush(stdout);
	return 0;
}
