/* SPDX-License-Identifier: MIT */
#pragma once

/* Whole files: read with a cap, and map. replace.h replaces them. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/root.h"
#include "base/span.h"

/*
 * Appends the content of the file to *into. Works for /proc and /sys, whose sizes are not known in advance.
 * -EFBIG when there are more than cap bytes; on any failure *into may hold a part of the file. A FIFO is read as far
 * as somebody writes to it; one that nobody writes to does not block, it is -ESPIPE.
 */
int file_read(const struct root *root, const char *path, size_t cap, struct buf *into);
int fd_read(int fd, size_t cap, struct buf *into);
/* What those are made of, for readers with a buffer of their own: opens without blocking, ... */
int file_open_any(const struct root *root, const char *path);
/* ... is it a FIFO, which was given up when there was nothing to read, and ... */
bool fd_is_fifo(int fd);
/* ... reads once, and waits for who writes to a FIFO. Bytes, 0 at the end, or -errno. */
ssize_t fd_read_some(int fd, void *p, size_t n);
/* Why a file could not be read, in words: what it is if it is none, else strerror(3). error: -errno. */
const char *file_strerror(int error);
/* The same for regular files only: anything else is -EINVAL (a directory -EISDIR), and a FIFO does not block. */
int file_read_regular(const struct root *root, const char *path, size_t cap, struct buf *into);
/*
 * The first line of a small file (sysfs attribute), without its newline. Nothing is read beyond what that takes.
 * -ERANGE when it does not fit; what is no regular file is refused as by file_read_regular().
 */
int file_read_line(const struct root *root, const char *path, char *ret, size_t cap);

int fd_write_all(int fd, const void *p, size_t n);

/*
 * A read-only private mapping of a regular file, or a copy of at most 256 MiB (-EFBIG) where somebody else than root
 * and the caller may shorten the file, which would end a reader of the mapping with SIGBUS. An empty file maps to an
 * empty span.
 */
struct mapping {
	struct span bytes;
	struct stat st;
	char *copy; /* NULL: bytes are mapped */
};
int mapping_open(const struct root *root, const char *path, struct mapping *ret);
void mapping_close(struct mapping *m);
