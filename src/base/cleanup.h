/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Scope-bound ownership. A variable marked _cleanup_(f) has f(&variable) called when it goes out of
 * scope; take_ptr()/take_fd() hand the resource on and disarm the cleanup.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))
#define _printf_(a, b) __attribute__((format(printf, a, b)))
#define _unused_ __attribute__((unused))
#define _nonnull_ __attribute__((nonnull))

#define ELEMENTSOF(a) (sizeof(a) / sizeof((a)[0]))

/* Defines FUNC##_p, the cleanup handler for a pointer that FUNC frees. */
#define DEFINE_CLEANUP(type, func)                    \
	static inline _unused_ void func##_p(type *p) \
	{                                             \
		if (*p)                               \
			func(*p);                     \
	}

/* The pointer's value; the variable becomes NULL. */
#define take_ptr(p)                         \
	({                                  \
		__typeof__(p) _taken = (p); \
		(p) = NULL;                 \
		_taken;                     \
	})

/* The descriptor; the variable becomes -1. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

static inline void close_fd_p(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void free_p(void *p)
{
	free(*(void **)p);
}

DEFINE_CLEANUP(FILE *, fclose)
DEFINE_CLEANUP(DIR *, closedir)

#define _cleanup_free_ _cleanup_(free_p)
#define _cleanup_close_ _cleanup_(close_fd_p)
#define _cleanup_fclose_ _cleanup_(fclose_p)
#define _cleanup_closedir_ _cleanup_(closedir_p)
