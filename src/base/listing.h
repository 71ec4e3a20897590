// SPDX-License-Identifier: MIT
#pragma once
/*
 * The entries of a directory as the kernel gives them, getdents64(2): every start of modprobe reads directories, and
 * for each of them opendir(3) checks the type and allocates 32 KiB.
 */
#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Fills entries, aligned for struct dirent, with up to n bytes: structs of d_reclen bytes each. Returns their bytes, 0
 * at the end of the directory, -1 with errno. By libc's function where there is one, so that what is preloaded in its
 * place (a fake, a tracer) is called.
 */
static inline long listing_read(int fd, void *entries, size_t n)
{
#ifdef HAVE_GETDENTS64
	return getdents64(fd, entries, n);
#else
	return syscall(SYS_getdents64, fd, entries, n);
#endif
}
