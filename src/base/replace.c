// SPDX-License-Identifier: MIT
#include "base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h> /* XATTR_*_MAX: musl has none */
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fileio.h"
#include "base/num.h"

/* O_NONBLOCK: opening a pipe that nobody writes to would block. */
#define LOOKING (O_RDONLY | O_NONBLOCK | O_NOCTTY)

static int check_kind(const struct stat *st)
{
	return S_ISREG(st->st_mode) ? 0 : S_ISDIR(st->st_mode) ? -EISDIR : -EINVAL;
}

/* A dangling link is refused: it is unknown what should be there. */
static int find_target(struct replacement *r)
{
	r->old = place_open_target(&r->place, LOOKING, &r->was);
	if (r->old < 0)
		return r->old == -ENOENT ? 0 : r->old == -ENOLINK ? -ENOENT : r->old == -ENXIO ? -EINVAL : r->old;
	return check_kind(&r->was);
}

static int find_entry(struct replacement *r)
{
	r->old = place_open(&r->place, LOOKING);
	if (r->old < 0)
		return r->old == -ENOENT || r->old == -ELOOP ? 0 : r->old == -ENXIO ? -EINVAL : r->old;
	return fstat(r->old, &r->was) < 0 ? -errno : check_kind(&r->was);
}

int replacement_find(const struct root *root, const char *path, size_t top, struct replacement *r)
{
	int result;

	*r = REPLACEMENT_INIT;
	result = place_find(root, path, top, &r->place);
	return result < 0 ? result : find_target(r);
}

int replacement_find_name(const struct root *root, const char *path, size_t top, struct replacement *r)
{
	int result;

	*r = REPLACEMENT_INIT;
	result = place_find(root, path, top, &r->place);
	return result < 0 ? result : find_entry(r);
}

int replacement_begin(struct replacement *r)
{
	signals_hold(&r->signals);
	r->holds = true;
	r->fd = temporary_make(r->place.dir, r->temporary);
	if (r->fd >= 0)
		return 0;
	r->temporary[0] = '\0';
	return r->fd;
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

/* Digests and privileges of the old content. The system makes new labels; writing takes capabilities from a file. */
static bool is_content_bound(const char *name)
{
	return strcmp(name, "security.ima") == 0 || strcmp(name, "security.evm") == 0 ||
	       strcmp(name, "security.capability") == 0;
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

static int give_to_owner(const struct replacement *r)
{
	struct stat st;

	if (fstat(r->fd, &st) < 0)
		return -errno;
	if (st.st_uid == r->was.st_uid && st.st_gid == r->was.st_gid)
		return 0;
	return fchown(r->fd, r->was.st_uid, r->was.st_gid) < 0 ? -errno : 0;
}

static int copy_old(const struct replacement *r)
{
	int result = give_to_owner(r);

	if (result < 0)
		return result;
	if (fchmod(r->fd, r->was.st_mode & 01777) < 0)
		return -errno;
	return copy_attributes(r->old, r->fd);
}

int replacement_settle(struct replacement *r, mode_t mode)
{
	int result = 0;

	if (r->old >= 0)
		result = copy_old(r);
	else if (fchmod(r->fd, mode) < 0)
		result = -errno;
	if (result < 0)
		return result;
	return fsync(r->fd) < 0 ? -errno : 0;
}

int replacement_commit(struct replacement *r)
{
	int dir = r->place.dir;

	if (renameat(dir, r->temporary, dir, r->place.name) < 0)
		return -errno;
	r->temporary[0] = '\0';
	return fsync(dir) < 0 && errno != EINVAL ? -errno : 0;
}

void replacement_done(struct replacement *r)
{
	close_fd_p(&r->old);
	if (r->temporary[0])
		unlinkat(r->place.dir, r->temporary, 0);
	close_fd_p(&r->fd);
	if (r->holds)
		signals_release(&r->signals);
	place_done(&r->place);
	*r = REPLACEMENT_INIT;
}

/* ---- all steps at once ---- */

static int put(struct replacement *r, struct span content, mode_t mode)
{
	int result = replacement_begin(r);

	if (result == 0)
		result = replacement_write(r, content);
	if (result == 0)
		result = replacement_settle(r, mode);
	return result < 0 ? result : replacement_commit(r);
}

/* Not a file: it is opened without waiting for whoever reads a pipe, but written to as usual. */
static int write_into(struct replacement *r, struct span content)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	/* It counts as a reader of the pipe. */
	close_fd_p(&r->old);
	r->old = -1;
	fd = place_open(&r->place, O_WRONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || fcntl(fd, F_SETFL, 0) < 0)
		return -errno;
	return S_ISREG(st.st_mode) ? -EINVAL : fd_write_all(fd, content.p, content.n);
}

int file_replace(const struct root *root, const char *path, struct span content, mode_t mode)
{
	_cleanup_replacement_ struct replacement r = REPLACEMENT_INIT;
	int result;

	/* Whoever owns the tree may have planted the link. */
	if (root_is_anchored(root, path))
		return file_generate(root, path, PLACE_NAMED, content, mode);
	result = replacement_find(root, path, PLACE_NAMED, &r);
	if (result == -EINVAL)
		return write_into(&r, content);
	return result < 0 ? result : put(&r, content, mode);
}

int file_generate(const struct root *root, const char *path, size_t top, struct span content, mode_t mode)
{
	_cleanup_replacement_ struct replacement r = REPLACEMENT_INIT;
	int result = replacement_find_name(root, path, top, &r);

	return result < 0 ? result : put(&r, content, mode);
}

int file_stream_of(const char *path)
{
	uint32_t fd;

	if (strcmp(path, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(path, "/dev/stderr") == 0)
		return STDERR_FILENO;
	if (strncmp(path, "/dev/fd/", 8) == 0)
		path += 8;
	else if (strncmp(path, "/proc/self/fd/", 14) == 0)
		path += 14;
	else
		return -1;
	return parse_u32(path, 10, &fd) == 0 && fd <= INT_MAX ? (int)fd : -1;
}

int file_output(const struct root *root, const char *path, struct span content, mode_t mode)
{
	_cleanup_replacement_ struct replacement r = REPLACEMENT_INIT;
	int stream = file_stream_of(path), result;

	if (stream >= 0)
		return fd_write_all(stream, content.p, content.n);
	result = replacement_find_name(root, path, PLACE_NAMED, &r);
	if (result == -EINVAL)
		return write_into(&r, content);
	return result < 0 ? result : put(&r, content, mode);
}
