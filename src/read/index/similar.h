/* SPDX-License-Identifier: MIT */
#pragma once

/* Modules whose names are spelled almost like what somebody wrote. */

#include "base/buf.h"
#include "read/index/catalog.h"

/* Behind a message that there is no module of that name: printf format of the name that the file's module has. */
#define SIMILAR_FILE " (that is the name of a file: the module is called %s)"

#ifdef KMODCTL_SMALL
/* An initramfs gives no advice on spelling. */
static inline int similar_names(const struct catalog *c _unused_, const char *written _unused_,
				struct buf *into _unused_)
{
	return 0;
}

static inline int similar_hint(const struct catalog *c _unused_, const char *written _unused_,
			       struct buf *into _unused_)
{
	return 0;
}

static inline int similar_in_case(const struct catalog *c _unused_, const char *written _unused_, char *ret _unused_,
				  size_t cap _unused_)
{
	return 0;
}
#else
/*
 * Appends "'e100' or 'e1000e'": the nearest of the installed and built-in modules, a few if they are equally near.
 * 1; 0: none is near enough to have been meant. -ENOMEM.
 */
int similar_names(const struct catalog *c, const char *written, struct buf *into);
/*
 * Appends " (did you mean 'e1000e'?)" to a message that there is no such module, or the name of the module whose file
 * was written, or nothing. 0, -ENOMEM.
 */
int similar_hint(const struct catalog *c, const char *written, struct buf *into);
/* The module that has this name in another case, which modprobe does not find. 1: ret is its name; 0: there is none. */
int similar_in_case(const struct catalog *c, const char *written, char *ret, size_t cap);
#endif
