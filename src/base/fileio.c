// SPDX-License-Identifier: MIT
#include "base/fileio.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int fd_read(int fd, size_t cap, struct buf *into)
{
	size_t start = into->n;

	for (;;) {
		ssize_t n;
		int r = buf_reserve(into, 4096);

		if (r < 0)
			return r;
		n = read(fd, into->p + into->n, into->cap - into->n - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		into->n += (size_t)n;
		into->p[into->n] = '\0';
		if (into->n - start > cap)
			return -EFBIG;
		if (n == 0)
			return 0;
	}
}

int file_read(const struct root *root, const char *path, size_t cap, struct buf *into)
{
	_cleanup_close_ int fd = root_open(root, path, O_RDONLY);

	return fd < 0 ? fd : fd_read(fd, cap, into);
}

/* Not blocking: to open a FIFO takes for ever when nobody writes to it. */
static int open_regular(const struct root *root, const char *path, struct stat *ret_st)
{
	_cleanup_close_ int fd = root_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);

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
	_cleanup_buf_ struct buf b = BUF_INIT;
	size_t n;
	int r = file_read(root, path, 65536, &b);

	if (r < 0)
		return r;
	n = strcspn(buf_str(&b), "\n");
	if (n >= cap)
		return -ERANGE;
	memcpy(ret, buf_str(&b), n);
	ret[n] = '\0';
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

int mapping_open(const struct root *root, const char *path, struct mapping *ret)
{
	struct mapping m = { 0 };
	_cleanup_close_ int fd = open_regular(root, path, &m.st);
	void *p;

	if (fd < 0)
		return fd;
	if (m.st.st_size > 0) {
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
	if (m->bytes.n)
		munmap((void *)(uintptr_t)m->bytes.p, m->bytes.n);
	*m = (struct mapping){ 0 };
}

static int fill_temporary(int fd, struct span content, const struct stat *old, mode_t mode)
{
	int r = fd_write_all(fd, content.p, content.n);

	if (r < 0)
		return r;
	if (fchmod(fd, old ? old->st_mode & 07777 : mode) < 0)
		return -errno;
	if (old && (old->st_uid != geteuid() || old->st_gid != getegid()) &&
	    fchown(fd, old->st_uid, old->st_gid) < 0)
		return -errno;
	return fsync(fd) < 0 ? -errno : 0;
}

static int sync_directory(const char *dir)
{
	_cleanup_close_ int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
}

int file_replace(const struct root *root, const char *path, struct span content, mode_t mode)
{
	char buf[PATH_MAX], tmp[PATH_MAX];
	const char *real = root_path(root, path, buf), *slash;
	_cleanup_close_ int fd = -1;
	struct stat st;
	bool exists;
	int r, n;

	if (!real)
		return -ENAMETOOLONG;
	slash = strrchr(real, '/');
	n = snprintf(tmp, sizeof(tmp), "%.*s.%s.XXXXXX", slash ? (int)(slash + 1 - real) : 0, real,
		     slash ? slash + 1 : real);
	if (n < 0 || (size_t)n >= sizeof(tmp))
		return -ENAMETOOLONG;
	exists = stat(real, &st) == 0;
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = fill_temporary(fd, content, exists ? &st : NULL, mode);
	if (r == 0 && rename(tmp, real) < 0)
		r = -errno;
	if (r < 0) {
		unlink(tmp);
		return r;
	}
	if (!slash)
		return sync_directory(".");
	tmp[slash + 1 - real] = '\0';
	return sync_directory(tmp);
}
