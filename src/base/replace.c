// SPDX-License-Identifier: MIT
#include "base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h> /* XATTR_*_MAX: musl has none */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fileio.h"

/* A dangling link is refused: it is unknown what should be there. */
static int take_new(const char *real, struct replacement *r)
{
	struct stat st;

	if (lstat(real, &st) == 0)
		return -ENOENT;
	if (errno != ENOENT)
		return -errno;
	return snprintf(r->target, sizeof(r->target), "%s", real) < (int)sizeof(r->target) ? 0 : -ENAMETOOLONG;
}

static int resolve(const struct root *root, const char *path, struct replacement *r)
{
	char buf[PATH_MAX];
	const char *real = root_path(root, path, buf);

	if (!real)
		return -ENAMETOOLONG;
	r->exists = stat(real, &r->old) == 0;
	if (!r->exists)
		return errno == ENOENT ? take_new(real, r) : -errno;
	if (!S_ISREG(r->old.st_mode))
		return S_ISDIR(r->old.st_mode) ? -EISDIR : -EINVAL;
	return realpath(real, r->target) ? 0 : -errno;
}

static int name_temporary(struct replacement *r)
{
	const char *slash = strrchr(r->target, '/');
	int dir = slash ? (int)(slash + 1 - r->target) : 0;
	int n = snprintf(r->temporary, sizeof(r->temporary), "%.*s.%s.XXXXXX", dir, r->target, r->target + dir);

	return n < 0 || (size_t)n >= sizeof(r->temporary) ? -ENAMETOOLONG : 0;
}

static int make_temporary(struct replacement *r)
{
	signals_hold(&r->signals);
	r->fd = mkostemp(r->temporary, O_CLOEXEC);
	if (r->fd >= 0) {
		r->holds = true;
		return 0;
	}
	signals_release(&r->signals);
	return -errno;
}

int replacement_begin(const struct root *root, const char *path, mode_t mode, struct replacement *ret)
{
	struct replacement r = REPLACEMENT_INIT;
	int result = resolve(root, path, &r);

	r.mode = mode;
	if (result == 0)
		result = name_temporary(&r);
	if (result == 0)
		result = make_temporary(&r);
	if (result == 0)
		*ret = r;
	return result;
}

int replacement_write(struct replacement *r, struct span bytes)
{
	return fd_write_all(r->fd, bytes.p, bytes.n);
}

/* Labels that only root may set are often in place already: the system gave the new file the same ones. */
/* Allocated: too large for the stack of a thread, which is 128 KiB with musl. */
struct attributes {
	char names[XATTR_LIST_MAX];
	char value[XATTR_SIZE_MAX], found[XATTR_SIZE_MAX];
};

static bool has_attribute(int fd, const char *name, struct attributes *a, size_t n)
{
	ssize_t have = fgetxattr(fd, name, a->found, sizeof(a->found));

	return have >= 0 && (size_t)have == n && memcmp(a->found, a->value, n) == 0;
}

static int copy_attribute(int from, int to, const char *name, struct attributes *a)
{
	ssize_t n = fgetxattr(from, name, a->value, sizeof(a->value));
	int r;

	if (n < 0)
		return errno == ENODATA ? 0 : -errno;
	r = fsetxattr(to, name, a->value, (size_t)n, 0) < 0 ? -errno : 0;
	return r < 0 && has_attribute(to, name, a, (size_t)n) ? 0 : r;
}

/* IMA and EVM digests belong to the old content and must not be copied; the system makes new ones. */
static bool is_content_bound(const char *name)
{
	return strcmp(name, "security.ima") == 0 || strcmp(name, "security.evm") == 0;
}

static int copy_attributes(int from, int to)
{
	_cleanup_free_ struct attributes *a = malloc(sizeof(*a));
	ssize_t n;

	if (!a)
		return -ENOMEM;
	n = flistxattr(from, a->names, sizeof(a->names));
	if (n < 0)
		return errno == ENOTSUP ? 0 : -errno;
	for (char *name = a->names; name < a->names + n; name += strlen(name) + 1) {
		int r = is_content_bound(name) ? 0 : copy_attribute(from, to, name, a);

		if (r < 0)
			return r;
	}
	return 0;
}

static int copy_old(struct replacement *r)
{
	_cleanup_close_ int old = open(r->target, O_RDONLY | O_CLOEXEC);

	if (old < 0)
		return -errno;
	if ((r->old.st_uid != geteuid() || r->old.st_gid != getegid()) &&
	    fchown(r->fd, r->old.st_uid, r->old.st_gid) < 0)
		return -errno;
	if (fchmod(r->fd, r->old.st_mode & 07777) < 0)
		return -errno;
	return copy_attributes(old, r->fd);
}

int replacement_settle(struct replacement *r)
{
	int result = 0;

	if (r->exists)
		result = copy_old(r);
	else if (fchmod(r->fd, r->mode) < 0)
		result = -errno;
	if (result < 0)
		return result;
	return fsync(r->fd) < 0 ? -errno : 0;
}

static int sync_parent(const char *path)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	_cleanup_close_ int fd = -1;

	snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash + 1 - path) : 1, slash ? path : ".");
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
}

int replacement_commit(struct replacement *r)
{
	if (rename(r->temporary, r->target) < 0)
		return -errno;
	r->temporary[0] = '\0';
	return sync_parent(r->target);
}

void replacement_done(struct replacement *r)
{
	if (r->fd >= 0)
		close(r->fd);
	if (r->temporary[0])
		unlink(r->temporary);
	if (r->holds)
		signals_release(&r->signals);
	*r = REPLACEMENT_INIT;
}

static int write_into(const struct root *root, const char *path, struct span content)
{
	_cleanup_close_ int fd = root_open(root, path, O_WRONLY | O_NOCTTY);

	return fd < 0 ? fd : fd_write_all(fd, content.p, content.n);
}

int file_replace(const struct root *root, const char *path, struct span content, mode_t mode)
{
	_cleanup_replacement_ struct replacement r = REPLACEMENT_INIT;
	int result = replacement_begin(root, path, mode, &r);

	if (result == -EINVAL)
		return write_into(root, path, content);
	if (result == 0)
		result = replacement_write(&r, content);
	if (result == 0)
		result = replacement_settle(&r);
	return result < 0 ? result : replacement_commit(&r);
}
