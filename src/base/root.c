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

int root_create(const struct root *root, const char *path, int flags, mode_t mode)
{
	char buf[PATH_MAX];
	const char *real = root_path(root, path, buf);
	int fd = real ? open(real, flags | O_CREAT | O_CLOEXEC, mode) : -1;

	return fd < 0 ? -errno : fd;
}

int root_open(const struct root *root, const char *path, int flags)
{
	char buf[PATH_MAX];
	const char *real = root_path(root, path, buf);
	int fd = real ? open(real, flags | O_CLOEXEC) : -1;

	return fd < 0 ? -errno : fd;
}

int root_stat(const struct root *root, const char *path, struct stat *ret)
{
	char buf[PATH_MAX];
	const char *real = root_path(root, path, buf);
	struct stat st;

	if (!real || stat(real, &st) < 0)
		return -errno;
	*ret = st;
	return 0;
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
	char buf[PATH_MAX];
	const char *real = root_path(root, path, buf);
	DIR *d = real ? opendir(real) : NULL;

	if (!d)
		return -errno;
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
	char buf[PATH_MAX];
	const char *real = root_path(root, path, buf);

	return real && unlink(real) == 0 ? 0 : -errno;
}

static int make_dir(char *path)
{
	struct stat st;

	if (mkdir(path, 0755) == 0)
		return 0;
	if (errno == EEXIST && stat(path, &st) == 0)
		return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
	return -errno;
}

int root_mkdirs(const struct root *root, const char *path)
{
	char buf[PATH_MAX], copy[PATH_MAX];
	const char *real = root_path(root, path, buf);

	if (!real || strlen(real) >= sizeof(copy))
		return -ENAMETOOLONG;
	strcpy(copy, real);
	for (char *p = copy + 1; *p; p++) {
		int r;

		if (*p != '/')
			continue;
		*p = '\0';
		r = make_dir(copy);
		*p = '/';
		if (r < 0)
			return r;
	}
	return make_dir(copy);
}
