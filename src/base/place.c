// SPDX-License-Identifier: MIT
#include "base/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>

#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
/* As many as the kernel follows (path_resolution(7)). */
#define LINKS_MAX 40

void place_done(struct place *p)
{
	close_fd_p(&p->dir);
	*p = PLACE_INIT;
}

/* Copies so many octets. An empty directory part is the directory itself. */
static int cut(const char *from, size_t n, char *ret, size_t cap)
{
	if (n >= cap)
		return -ENAMETOOLONG;
	memcpy(ret, from, n);
	ret[n] = '\0';
	if (n == 0)
		strcpy(ret, ".");
	return 0;
}

static size_t directory_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash + 1 - path) : 0;
}

/* The directory of the path, which is relative to `at`, and the last component. */
static int enter(int at, const char *path, struct place *p)
{
	size_t n = directory_length(path);
	char dir[PATH_MAX];
	int r = cut(path, n, dir, sizeof(dir));

	if (r == 0)
		r = cut(path + n, strlen(path + n), p->name, sizeof(p->name));
	if (r < 0)
		return r;
	p->dir = openat(at, dir, DIRECTORY);
	return p->dir < 0 ? -errno : 0;
}

/* One component deeper, but not through a link. */
static int descend(struct place *p)
{
	int fd = openat(p->dir, p->name, DIRECTORY | O_NOFOLLOW);

	if (fd < 0)
		return -errno;
	close(p->dir);
	p->dir = fd;
	return 0;
}

static int enter_below(const char *path, size_t top, struct place *p)
{
	char dir[PATH_MAX];
	int r = cut(path, top, dir, sizeof(dir));

	if (r < 0)
		return r;
	p->dir = openat(AT_FDCWD, top ? dir : "/", DIRECTORY);
	if (p->dir < 0)
		return -errno;
	path += top;
	for (bool first = true; r == 0; first = false) {
		size_t n = strcspn(path += strspn(path, "/"), "/");

		if (n == 0)
			return 0;
		if (!first)
			r = descend(p);
		if (r == 0)
			r = cut(path, n, p->name, sizeof(p->name));
		path += n;
	}
	return r;
}

int place_find(const struct root *root, const char *path, size_t top, struct place *ret)
{
	_cleanup_place_ struct place p = PLACE_INIT;
	char buf[PATH_MAX];
	const char *real;
	int r;

	if (root_is_anchored(root, path)) {
		_cleanup_close_ int parent = root_open_parent(root, path, p.name);

		if (parent < 0)
			return parent;
		/* That was only a place to resolve names at; this one can be synced. */
		p.dir = openat(parent, ".", DIRECTORY);
		if (p.dir < 0)
			return -errno;
		*ret = p;
		p.dir = -1;
		return 0;
	}
	real = root_path(root, path, buf);
	if (!real)
		return -ENAMETOOLONG;
	p.named = top >= strlen(path);
	if (real != path)
		top += strlen(real) - strlen(path);
	r = p.named ? enter(AT_FDCWD, real, &p) : enter_below(real, top, &p);
	if (r < 0)
		return r;
	*ret = p;
	p.dir = -1;
	return 0;
}

int place_open(const struct place *p, int flags)
{
	int fd = openat(p->dir, p->name, flags | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Goes to where the link at the place leads. Its text and its owner are read from one descriptor. */
static int follow(struct place *p, uid_t *ret_owner)
{
	_cleanup_close_ int link = openat(p->dir, p->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct place next = { .dir = -1, .named = true };
	char target[PATH_MAX];
	struct stat st;
	ssize_t n;
	int r;

	if (link < 0 || fstat(link, &st) < 0)
		return -errno;
	n = readlinkat(link, "", target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	r = enter(p->dir, target, &next);
	if (r < 0)
		return r;
	close(p->dir);
	*p = next;
	*ret_owner = st.st_uid;
	return 0;
}

/* Whose links lead to this file of another user? */
static bool is_trusted(uid_t owner, const struct stat *target)
{
	return owner == 0 || owner == geteuid() || owner == target->st_uid;
}

static int open_found(const struct place *p, int flags, struct stat *ret)
{
	_cleanup_close_ int fd = place_open(p, flags);

	if (fd >= 0 && fstat(fd, ret) < 0)
		return -errno;
	return take_fd(&fd);
}

int place_open_target(struct place *p, int flags, struct stat *ret)
{
	uid_t owners[LINKS_MAX];
	struct stat st;
	size_t n = 0;
	int fd, r = 0;

	while ((fd = open_found(p, flags, &st)) == -ELOOP && p->named && n < LINKS_MAX && r == 0)
		r = follow(p, &owners[n++]);
	if (r < 0 || fd < 0)
		return n == 0 ? fd : r == -ENOENT || fd == -ENOENT ? -ENOLINK : r < 0 ? r : fd;
	for (size_t i = 0; i < n; i++) {
		if (!is_trusted(owners[i], &st)) {
			close(fd);
			return -EACCES;
		}
	}
	*ret = st;
	return fd;
}
