// SPDX-License-Identifier: MIT
#include "base/inroot.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"

#if __has_include(<linux/openat2.h>)
#include <linux/openat2.h>
#else
/* openat2(2) */
struct open_how {
	uint64_t flags, mode, resolve;
};
#define RESOLVE_NO_MAGICLINKS 0x02
#define RESOLVE_IN_ROOT 0x10
#endif

/* The same number on every architecture of Linux but alpha, whose headers have it. */
#ifndef SYS_openat2
#define SYS_openat2 437
#endif

/* As in the kernel (path_resolution(7)). */
#define LINKS_MAX 40
/* The kernel gives up when something is renamed just as it resolves ".."; this often it is asked again. */
#define TRIES 8

/* ---- openat2(2) ---- */

static int open_by_kernel(int dir, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)flags,
		.mode = flags & O_CREAT ? mode : 0,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	for (int i = 0; i < TRIES; i++) {
		fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd < 0 ? -errno : (int)fd;
}

#ifdef INROOT_KERNEL_ONLY

/* The static binary of an initramfs, which must be small: its kernel is the one that it was made for. */
static int open_without_kernel(const struct inroot *in _unused_, const char *path _unused_, int flags _unused_,
			       mode_t mode _unused_, int r)
{
	return r;
}

#else

/* Not allowed, or renames got in its way. */
static bool is_for_walk(int r)
{
	return r == -ENOSYS || r == -EPERM || r == -EAGAIN;
}

/* ---- name by name ---- */

struct walk {
	int root;
	int fd;              /* the directory that was reached */
	char done[PATH_MAX]; /* its path, which has no links: ".." must not lead to where it was moved to */
	char left[PATH_MAX]; /* what is left of the path, links replaced by what they say */
	unsigned links;
};

static int open_dir(int dir, const char *name)
{
	int fd = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Takes fd, or an error instead of it. */
static int move_to(struct walk *w, int fd)
{
	if (fd < 0)
		return fd;
	close_fd_p(&w->fd);
	w->fd = fd;
	return 0;
}

static int go_to_root(struct walk *w)
{
	w->done[0] = '\0';
	return move_to(w, open_dir(w->root, "."));
}

/* The path goes on with these two, one after the other. Either may be a part of what was left. */
static int go_on_with(struct walk *w, const char *first, const char *rest)
{
	char left[PATH_MAX];

	if (snprintf(left, sizeof(left), "%s%s", first, rest) >= (int)sizeof(left))
		return -ENAMETOOLONG;
	strcpy(w->left, left);
	return *first == '/' ? go_to_root(w) : 0;
}

static int go_down(struct walk *w, const char *name, const char *rest)
{
	size_t n = strlen(w->done);
	int r = move_to(w, open_dir(w->fd, name));

	if (r < 0)
		return r;
	if (snprintf(w->done + n, sizeof(w->done) - n, "/%s", name) >= (int)(sizeof(w->done) - n))
		return -ENAMETOOLONG;
	return go_on_with(w, "", rest);
}

/* From the top again, by the names that led here: the directory may have been moved out of the tree meanwhile. */
static int go_up(struct walk *w, const char *rest)
{
	char *last = strrchr(w->done, '/');
	int r;

	if (last)
		*last = '\0';
	if (*w->done)
		return go_on_with(w, w->done, rest);
	r = go_to_root(w);
	return r < 0 ? r : go_on_with(w, "", rest);
}

/* What is said by a link of /proc that does not lead where it says, but to a file that a process has. */
static bool is_magic(int dir, const char *target)
{
	struct statfs fs;

	if (*target != '/' && *target != '(' && !strchr(target, ':'))
		return false;
	return fstatfs(dir, &fs) < 0 || fs.f_type == PROC_SUPER_MAGIC;
}

static int follow(struct walk *w, const char *target, const char *rest)
{
	if (++w->links > LINKS_MAX || is_magic(w->fd, target))
		return -ELOOP;
	return go_on_with(w, target, rest);
}

/* Cuts the next name off w->left. "": there is none. rest: what follows it. */
static int take_name(const struct walk *w, char name[static NAME_MAX + 1], const char **rest)
{
	const char *p = w->left + strspn(w->left, "/");
	size_t n = strcspn(p, "/");

	if (n > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, p, n);
	name[n] = '\0';
	*rest = p + n;
	return 0;
}

static int open_last(const struct walk *w, const char *name, bool as_directory, int flags, mode_t mode)
{
	int fd;

	if (as_directory && flags & O_CREAT)
		return -EISDIR;
	/* A link has been followed already: what is one now was put there in between. */
	fd = openat(w->fd, name, flags | O_NOFOLLOW | (as_directory ? O_DIRECTORY : 0), mode);
	return fd < 0 ? -errno : fd;
}

/* One name that is neither "." nor "..". 0, or -errno, or the descriptor in *ret. */
static int walk_name(struct walk *w, const char *name, const char *rest, int flags, mode_t mode, int *ret)
{
	bool is_last = !rest[strspn(rest, "/")];
	bool keeps_link = !*rest && (flags & O_NOFOLLOW || (flags & O_CREAT && flags & O_EXCL));
	char target[PATH_MAX];
	ssize_t n = keeps_link ? 0 : readlinkat(w->fd, name, target, sizeof(target));

	if (n == (ssize_t)sizeof(target))
		return -ENAMETOOLONG;
	if (n > 0) {
		target[n] = '\0';
		return follow(w, target, rest);
	}
	if (is_last) {
		*ret = open_last(w, name, *rest, flags, mode);
		return *ret < 0 ? *ret : 0;
	}
	return go_down(w, name, rest);
}

static int walk_step(struct walk *w, int flags, mode_t mode, int *ret)
{
	char name[NAME_MAX + 1];
	const char *rest;
	int r = take_name(w, name, &rest);

	if (r < 0)
		return r;
	if (*name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
		return walk_name(w, name, rest, flags, mode, ret);
	if (!*name) {
		*ret = open_last(w, ".", false, flags, mode);
		return *ret < 0 ? *ret : 0;
	}
	return name[1] ? go_up(w, rest) : go_on_with(w, "", rest);
}

/* r: what the kernel said */
static int open_without_kernel(const struct inroot *in, const char *path, int flags, mode_t mode, int r)
{
	struct walk w = { .root = in->fd, .fd = -1 };
	int fd = -1;

	if (!is_for_walk(r))
		return r;
	if (snprintf(w.left, sizeof(w.left), "%s", path) >= (int)sizeof(w.left))
		return -ENAMETOOLONG;
	r = go_to_root(&w);
	while (r == 0 && fd < 0)
		r = walk_step(&w, flags, mode, &fd);
	close_fd_p(&w.fd);
	return r < 0 ? r : fd;
}

#endif

/* ---- */

int inroot_open(const struct inroot *in, const char *path, int flags, mode_t mode)
{
	int r = -ENOSYS;

	if (!*path)
		path = ".";
	flags |= O_CLOEXEC;
	if (!in->walks)
		r = open_by_kernel(in->fd, path, flags, mode);
	return r < 0 ? open_without_kernel(in, path, flags, mode, r) : r;
}

int inroot_open_parent(const struct inroot *in, const char *path, char ret_name[static NAME_MAX + 1])
{
	size_t n = strlen(path), start;
	char dir[PATH_MAX];

	while (n > 0 && path[n - 1] == '/')
		n--;
	for (start = n; start > 0 && path[start - 1] != '/';)
		start--;
	if (n - start > NAME_MAX || start >= sizeof(dir))
		return -ENAMETOOLONG;
	memcpy(ret_name, path + start, n - start);
	ret_name[n - start] = '\0';
	if (!*ret_name || strcmp(ret_name, ".") == 0 || strcmp(ret_name, "..") == 0)
		return -EINVAL;
	memcpy(dir, path, start);
	dir[start] = '\0';
	return inroot_open(in, dir, O_PATH | O_DIRECTORY, 0);
}
