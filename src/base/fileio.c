// SPDX-License-Identifier: MIT
#include "base/fileio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PIECE 4096
/* The end of a line is not searched for beyond this. */
#define LINE_MAX_BYTES 65536
/* Of a file that is not mapped: the offsets in an index reach no further. */
#define COPY_MAX ((size_t)256 << 20)

ssize_t fd_read_some(int fd, void *p, size_t n)
{
	for (;;) {
		ssize_t got = read(fd, p, n);

		if (got >= 0)
			return got;
		/* Whoever writes to a FIFO has nothing yet: it is waited for, but no other file. */
		if (errno == EAGAIN && fcntl(fd, F_GETFL) & O_NONBLOCK && fcntl(fd, F_SETFL, 0) == 0)
			continue;
		if (errno != EINTR)
			return -errno;
	}
}

/* Appends one read of at least so many bytes, if that many are left. Returns its length, 0 at the end, or -errno. */
static ssize_t read_piece(int fd, size_t room, struct buf *into)
{
	int r = buf_reserve(into, room);
	ssize_t n;

	if (r < 0)
		return r;
	n = fd_read_some(fd, into->p + into->n, into->cap - into->n - 1);
	if (n < 0)
		return n;
	into->n += (size_t)n;
	into->p[into->n] = '\0';
	return n;
}

/* Until a read returns 0: a short one need not be the last, on FUSE or where an error lies inside a file. */
int fd_read(int fd, size_t cap, struct buf *into)
{
	size_t start = into->n;
	ssize_t n;

	do {
		n = read_piece(fd, PIECE, into);
		if (n < 0)
			return (int)n;
		if (into->n - start > cap)
			return -EFBIG;
	} while (n > 0);
	return 0;
}

/* O_NONBLOCK: opening a FIFO that has no writer would block forever. */
int file_open_any(const struct root *root, const char *path)
{
	return root_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

bool fd_is_fifo(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

const char *file_strerror(int error)
{
	switch (-error) {
	case ESPIPE:
		return "it is a pipe that nobody writes to";
	case ENXIO:
		return "it is a socket, or a device that is not there";
	case EISDIR:
		return "it is a directory";
	}
	return strerror(-error);
}

int file_read(const struct root *root, const char *path, size_t cap, struct buf *into)
{
	_cleanup_close_ int fd = file_open_any(root, path);
	size_t start = into->n;
	int r = fd < 0 ? fd : fd_read(fd, cap, into);

	return r == 0 && into->n == start && fd_is_fifo(fd) ? -ESPIPE : r;
}

static int open_regular(const struct root *root, const char *path, struct stat *ret_st)
{
	_cleanup_close_ int fd = file_open_any(root, path);

	if (fd < 0)
		return fd;
	if (fstat(fd, ret_st) < 0)
		return -errno;
	if (!S_ISREG(ret_st->st_mode))
		return S_ISDIR(ret_st->st_mode) ? -EISDIR : -EINVAL;
	return take_fd(&fd);
}

int file_read_regular(const struct root *root, const char *path, size_t cap, struct buf *into)
{
	struct stat st;
	_cleanup_close_ int fd = open_regular(root, path, &st);

	return fd < 0 ? fd : fd_read(fd, cap, into);
}

int file_read_line(const struct root *root, const char *path, char *ret, size_t cap)
{
	struct stat st;
	_cleanup_close_ int fd = open_regular(root, path, &st);
	_cleanup_buf_ struct buf b = BUF_INIT;
	size_t len;
	ssize_t n;

	if (fd < 0)
		return fd;
	do {
		n = read_piece(fd, PIECE, &b);
		if (n < 0)
			return (int)n;
	} while (n > 0 && !strchr(b.p, '\n') && b.n <= LINE_MAX_BYTES);
	len = strcspn(b.p, "\n");
	if (len >= cap)
		return -ERANGE;
	memcpy(ret, b.p, len);
	ret[len] = '\0';
	return 0;
}

int fd_write_all(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t w = write(fd, at, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -errno;
		if (w == 0)
			return -EIO;
		at += w;
		n -= (size_t)w;
	}
	return 0;
}

/* Whoever shortens a mapped file ends its reader with SIGBUS. In an initramfs there is nobody else. */
static bool others_may_shorten(const struct stat *st)
{
#ifdef KMODCTL_SMALL
	(void)st;
	return false;
#else
	return (st->st_uid != 0 && st->st_uid != geteuid()) || (st->st_mode & (S_IWGRP | S_IWOTH)) != 0;
#endif
}

static int copy_open(int fd, struct mapping *m)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	int r = m->st.st_size > (off_t)COPY_MAX ? -EFBIG : fd_read(fd, COPY_MAX, &b);

	if (r < 0)
		return r;
	m->bytes = span_of(b.p, b.n);
	m->copy = b.p;
	b = (struct buf)BUF_INIT;
	return 0;
}

int mapping_open(const struct root *root, const char *path, struct mapping *ret)
{
	struct mapping m = { 0 };
	_cleanup_close_ int fd = open_regular(root, path, &m.st);
	void *p;
	int r;

	if (fd < 0)
		return fd;
	if (others_may_shorten(&m.st)) {
		r = copy_open(fd, &m);
		if (r < 0)
			return r;
	} else if (m.st.st_size > 0) {
		p = mmap(NULL, (size_t)m.st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (p == MAP_FAILED)
			return -errno;
		m.bytes = span_of(p, (size_t)m.st.st_size);
	}
	*ret = m;
	return 0;
}

void mapping_close(struct mapping *m)
{
	if (m->copy)
		free(m->copy);
	else if (m->bytes.n)
		munmap((void *)(uintptr_t)m->bytes.p, m->bytes.n);
	*m = (struct mapping){ 0 };
}
