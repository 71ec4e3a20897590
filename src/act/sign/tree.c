// SPDX-License-Identifier: MIT
#include "act/sign/tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/modname.h"

static int report(const char *path, int r, struct diag *diag)
{
	diag_err(diag, "sign.unreadable", "%s: %s", path, strerror(-r));
	return r;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int kind_of(const struct root *root, const char *path, const struct dirent *entry, struct diag *diag)
{
	struct stat st;
	int r;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type;
	r = root_stat(root, path, &st);
	return r < 0 ? report(path, r, diag) : (int)IFTODT(st.st_mode);
}

/* One directory: modules go to ret, directories to below. */
static int read_directory(const struct root *root, const char *path, struct diag *diag, struct strv *below,
			  struct strv *ret)
{
	_cleanup_closedir_ DIR *dir = NULL;
	struct dirent *entry;
	int r = root_opendir(root, path, &dir);

	if (r < 0)
		return report(path, r, diag);
	while ((entry = readdir(dir))) {
		_cleanup_buf_ struct buf full = BUF_INIT;
		int kind;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		r = buf_addf(&full, "%s%s%s", path, path[strlen(path) - 1] == '/' ? "" : "/", entry->d_name);
		kind = r < 0 ? r : kind_of(root, buf_str(&full), entry, diag);
		if (kind < 0)
			return kind;
		if (kind == DT_DIR)
			r = strv_add(below, buf_str(&full));
		else if (kind == DT_REG && modname_extension(entry->d_name) > 0)
			r = strv_add(ret, buf_str(&full));
		if (r < 0)
			return r;
	}
	return 0;
}

static int walk(const struct root *root, const char *path, struct diag *diag, struct strv *ret)
{
	_cleanup_strv_ struct strv pending = { 0 };
	size_t first = ret->n;
	int r = strv_add(&pending, path);

	for (size_t i = 0; r == 0 && i < pending.n; i++)
		r = read_directory(root, pending.items[i], diag, &pending, ret);
	if (ret->n > first)
		qsort(ret->items + first, ret->n - first, sizeof(*ret->items), by_name);
	return r;
}

int tree_collect(const struct root *root, const char *path, struct diag *diag, struct strv *ret)
{
	struct stat st;
	int r = root_stat(root, path, &st);

	if (r < 0)
		return report(path, r, diag);
	return S_ISDIR(st.st_mode) ? walk(root, path, diag, ret) : strv_add(ret, path);
}
