// SPDX-License-Identifier: MIT
#include "base/root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *root_path(const struct root *root, const char *path, char *buf)
{
	int n;

	if (!root->prefix[0] || path[0] != '/')
		return path;
	n = snprintf(buf, PATH_MAX, "%s%s", root->prefix, path);
	if (n < 0 || n >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return buf;
}

char *root_join(const char *dir, const char *name, size_t len)
{
	size_t n = strlen(dir);
	char *path = malloc(n + len + 2);

	if (!path)
		return NULL;
	memcpy(path, dir, n);
	path[n] = '/';
	memcpy(path + n + 1, name, len);
	path[n + 1 + len] = '\0';
	return path;
}

int root_abspath(const char *path, char **ret)
{
	_cleanup_free_ char *cwd = NULL;
	char *full;

	if (path[0] == '/') {
		full = strdup(path);
	} else {
		cwd = get_current_dir_name();
		if (!cwd)
			return -errno;
		full = root_join(cwd, path, strlen(path));
	}
	if (!full)
		return -ENOMEM;
	*ret = full;
	return 0;
}

/* ---- anchors ---- */

/* Past slashes and names "." */
static const char *skip_nothing(const char *p)
{
	while (*p == '/' || (*p == '.' && (p[1] == '/' || !p[1])))
		p++;
	return p;
}

/* What follows the directory in the path. NULL: it does not lie below. */
static const char *path_below(const char *dir, const char *path)
{
	for (;;) {
		size_t n;

		dir = skip_nothing(dir);
		path = skip_nothing(path);
		n = strcspn(dir, "/");
		if (!n)
			return path;
		if (strcspn(path, "/") != n || memcmp(dir, path, n) != 0)
			return NULL;
		dir += n;
		path += n;
	}
}

static bool leads_out(const char *rest)
{
	return rest[0] == '.' && rest[1] == '.' && (rest[2] == '/' || !rest[2]);
}

/* A place below an anchor. */
struct place {
	struct root_anchor *anchor;
	char *full; /* the path made absolute, if it was not */
	const char *rest;
};

static void place_done(struct place *p)
{
	free(p->full);
}

/* The anchor that is nearest. 1: there is one, 0: none, -errno. */
static int find_place(const struct root *root, const char *path, struct place *ret)
{
	int r;

	if (!root->anchors)
		return 0;
	if (path[0] != '/') {
		r = root_abspath(path, &ret->full);
		if (r < 0)
			return r;
		path = ret->full;
	}
	for (struct root_anchor *a = root->anchors; a; a = a->next) {
		const char *rest = path_below(a->path, path);

		if (!rest || leads_out(rest) || (ret->anchor && rest <= ret->rest))
			continue;
		ret->anchor = a;
		ret->rest = rest;
	}
	return ret->anchor != NULL;
}

#define _cleanup_place_ _cleanup_(place_done)

bool root_is_anchored(const struct root *root, const char *path)
{
	_cleanup_place_ struct place p = { 0 };

	return find_place(root, path, &p) != 0;
}

const char *root_anchor_of(const struct root *root, const char *path)
{
	_cleanup_place_ struct place p = { 0 };

	return find_place(root, path, &p) > 0 ? p.anchor->path : NULL;
}

/* path: of the anchor; dir: the directory that is opened for it. */
static int add_anchor(struct root *root, const char *path, const char *dir)
{
	struct root_anchor *a = malloc(sizeof(*a) + strlen(path) + 1);

	if (!a)
		return -ENOMEM;
	strcpy(a->path, path);
	a->in = (struct inroot){ .fd = root_open(root, dir, O_PATH | O_DIRECTORY) };
	a->next = root->anchors;
	root->anchors = a;
	return 0;
}

int root_anchor_add(struct root *root, const char *path)
{
	_cleanup_free_ char *full = NULL;
	int r = *path ? root_abspath(path, &full) : 0;

	if (r < 0 || !full || !*skip_nothing(full))
		return r;
	for (struct root_anchor *a = root->anchors; a; a = a->next)
		if (strcmp(a->path, full) == 0)
			return 0;
	return add_anchor(root, full, full);
}

int root_enter(struct root *root, const char *dir)
{
	int r = add_anchor(root, "/", dir);
	struct root_anchor *a = root->anchors;

	if (r < 0 || a->in.fd >= 0)
		return r;
	r = a->in.fd;
	root->anchors = a->next;
	free(a);
	return r;
}

void root_anchors_close(struct root *root)
{
	struct root_anchor *a;

	while ((a = root->anchors)) {
		root->anchors = a->next;
		close_fd_p(&a->in.fd);
		free(a);
	}
}

/* ---- calls ---- */

/* mode: with O_CREAT */
static int open_file(const struct root *root, const char *path, int flags, mode_t mode)
{
	_cleanup_place_ struct place p = { 0 };
	char buf[PATH_MAX];
	const char *real;
	int fd = find_place(root, path, &p);

	if (fd < 0)
		return fd;
	if (fd > 0)
		return p.anchor->in.fd < 0 ? p.anchor->in.fd : inroot_open(&p.anchor->in, p.rest, flags, mode);
	real = root_path(root, path, buf);
	fd = real ? open(real, flags | O_CLOEXEC, mode) : -1;
	return fd < 0 ? -errno : fd;
}

int root_create(const struct root *root, const char *path, int flags, mode_t mode)
{
	return open_file(root, path, flags | O_CREAT, mode);
}

int root_open(const struct root *root, const char *path, int flags)
{
	return open_file(root, path, flags, 0);
}

int root_stat(const struct root *root, const char *path, struct stat *ret)
{
	_cleanup_close_ int fd = -1;
	char buf[PATH_MAX];
	const char *real;
	struct stat st;

	if (root_is_anchored(root, path)) {
		fd = root_open(root, path, O_PATH);
		if (fd < 0 || fstat(fd, &st) < 0)
			return fd < 0 ? fd : -errno;
	} else {
		real = root_path(root, path, buf);
		if (!real || stat(real, &st) < 0)
			return -errno;
	}
	*ret = st;
	return 0;
}

int root_open_parent(const struct root *root, const char *path, char ret_name[static NAME_MAX + 1])
{
	_cleanup_place_ struct place p = { 0 };
	int r = find_place(root, path, &p);

	if (r <= 0)
		return r < 0 ? r : -EXDEV;
	return p.anchor->in.fd < 0 ? p.anchor->in.fd : inroot_open_parent(&p.anchor->in, p.rest, ret_name);
}

bool root_exists(const struct root *root, const char *path)
{
	struct stat st;

	return root_stat(root, path, &st) == 0;
}

bool root_is_regular(const struct root *root, const char *path)
{
	struct stat st;

	return root_stat(root, path, &st) == 0 && S_ISREG(st.st_mode);
}

int root_opendir(const struct root *root, const char *path, DIR **ret)
{
	_cleanup_close_ int fd = -1;
	char buf[PATH_MAX];
	const char *real;
	DIR *d;

	if (root_is_anchored(root, path)) {
		fd = root_open(root, path, O_RDONLY | O_DIRECTORY);
		if (fd < 0)
			return fd;
		d = fdopendir(fd);
	} else {
		real = root_path(root, path, buf);
		d = real ? opendir(real) : NULL;
	}
	if (!d)
		return -errno;
	take_fd(&fd);
	*ret = d;
	return 0;
}

int root_list(const struct root *root, const char *path, struct strv *ret)
{
	_cleanup_closedir_ DIR *dir = NULL;
	size_t first = ret->n;
	struct dirent *e;
	int r = root_opendir(root, path, &dir);

	if (r < 0)
		return r;
	while ((e = readdir(dir)))
		if (*e->d_name != '.' && strv_add(ret, e->d_name) < 0)
			return -ENOMEM;
	strv_sort(ret, first);
	return 0;
}

int root_unlink(const struct root *root, const char *path)
{
	_cleanup_close_ int dir = -1;
	char buf[PATH_MAX];
	const char *real;

	if (root_is_anchored(root, path)) {
		dir = root_open_parent(root, path, buf);
		if (dir < 0)
			return dir;
		return unlinkat(dir, buf, 0) < 0 ? -errno : 0;
	}
	real = root_path(root, path, buf);
	return real && unlink(real) == 0 ? 0 : -errno;
}

static int make_dir(const struct inroot *in _unused_, const char *path)
{
	struct stat st;

	if (mkdir(path, 0755) == 0)
		return 0;
	if (errno == EEXIST && stat(path, &st) == 0)
		return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
	return -errno;
}

static int make_dir_below(const struct inroot *in, const char *path)
{
	char name[NAME_MAX + 1];
	_cleanup_close_ int dir = inroot_open_parent(in, path, name), there = -1;

	if (dir >= 0 && mkdirat(dir, name, 0755) == 0)
		return 0;
	if (dir >= 0 && errno != EEXIST)
		return -errno;
	/* -EINVAL: the name is "." or ".." */
	if (dir < 0 && dir != -EINVAL)
		return dir;
	there = inroot_open(in, path, O_PATH | O_DIRECTORY, 0);
	return there < 0 ? there : 0;
}

static int make_dirs(char *path, int make(const struct inroot *in, const char *path), const struct inroot *in)
{
	int r = 0;

	for (char *p = path + 1; *path && *p && r == 0; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		r = make(in, path);
		*p = '/';
	}
	return r == 0 && *path ? make(in, path) : r;
}

/* It is reached through the same anchors as when it was looked for: those that were there before it. */
static int make_anchor(const struct root *root, struct root_anchor *a)
{
	const struct root before = { root->prefix, a->next };
	int r = root_mkdirs(&before, a->path);

	if (r == 0)
		a->in.fd = root_open(&before, a->path, O_PATH | O_DIRECTORY);
	return r < 0 ? r : a->in.fd;
}

int root_mkdirs(const struct root *root, const char *path)
{
	_cleanup_place_ struct place p = { 0 };
	char buf[PATH_MAX], copy[PATH_MAX];
	int r = find_place(root, path, &p);
	const char *real = r > 0 ? p.rest : root_path(root, path, buf);

	if (r < 0)
		return r;
	if (!real || strlen(real) >= sizeof(copy))
		return -ENAMETOOLONG;
	strcpy(copy, real);
	if (!p.anchor)
		return make_dirs(copy, make_dir, NULL);
	r = p.anchor->in.fd == -ENOENT ? make_anchor(root, p.anchor) : p.anchor->in.fd;
	return r < 0 ? r : make_dirs(copy, make_dir_below, &p.anchor->in);
}
