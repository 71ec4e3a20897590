// SPDX-License-Identifier: MIT
#include "base/dropin.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/listing.h"
#include "base/oom.h"
#include "base/vec.h"

void dropin_done(struct dropin *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->items[i].path);
	free(d->items);
	*d = (struct dropin){ 0 };
}

/* Becomes the owner of path. */
static int dropin_take(struct dropin *d, char *path, bool is_regular)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	if (vec_room(&d->items, d->n, &d->cap) < 0) {
		free(path);
		return -ENOMEM;
	}
	d->items[d->n] = (struct dropin_file){ path, name, is_regular, d->n };
	d->n++;
	return 0;
}

/* What is missing is no part of the configuration, and a link that leads nowhere is none; what an error hides is. */
static int note_error(struct dropin *d, int r)
{
	if (r != -ENOENT && r != -ENOTDIR && r != -ENAMETOOLONG && r != -ELOOP)
		d->error = r;
	return 0;
}

static bool dropin_name(const char *name)
{
	size_t n = strlen(name);

	return name[0] != '.' && n >= 6 && strcmp(name + n - 5, ".conf") == 0;
}

static int add_entry(struct dropin *d, const struct root *root, struct diag *diag, const char *dir,
		     const struct dirent *entry)
{
	_cleanup_free_ char *path = NULL;
	struct stat st;
	int r;

	if (!dropin_name(entry->d_name))
		return 0;
	path = root_join(dir, entry->d_name, strlen(entry->d_name));
	if (!path)
		return -ENOMEM;
	if (entry->d_type == DT_REG)
		return dropin_take(d, take_ptr(path), true);
	r = root_stat(root, path, &st);
	if (r < 0) {
		diag_report(diag, LOG_ERR, "conf.bad-entry", path, 0, "Cannot stat directory entry: %s", path);
		return note_error(d, r);
	}
	/* A link to /dev/null masks; opening a FIFO could block forever. */
	if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode)) {
		diag_report(diag, LOG_ERR, "conf.bad-entry", path, 0,
			    S_ISDIR(st.st_mode) ? "Directories inside directories are not supported: %s" :
						  "Not a regular file: %s",
			    path);
		return 0;
	}
	return dropin_take(d, take_ptr(path), S_ISREG(st.st_mode));
}

static int add_directory(struct dropin *d, const struct root *root, struct diag *diag, const char *dir)
{
	_Alignas(struct dirent) char entries[8192];
	_cleanup_close_ int fd = root_open(root, dir, O_RDONLY | O_DIRECTORY);
	long n = 0;

	if (fd < 0)
		return note_error(d, fd);
	while ((n = listing_read(fd, entries, sizeof(entries))) > 0) {
		for (long at = 0; at < n;) {
			const struct dirent *e = (const struct dirent *)(entries + at);
			int r = add_entry(d, root, diag, dir, e);

			if (r < 0)
				return r;
			at += e->d_reclen;
		}
	}
	if (n < 0)
		d->error = -errno;
	return 0;
}

/* Directories read so far. With a merged /usr, /lib/x.d is /usr/lib/x.d: it would mask every file of itself. */
struct seen {
	struct {
		dev_t dev;
		ino_t ino;
	} items[8];
	size_t n;
};

static bool is_seen(struct seen *s, const struct stat *st)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->items[i].dev == st->st_dev && s->items[i].ino == st->st_ino)
			return true;
	if (s->n < ELEMENTSOF(s->items)) {
		s->items[s->n].dev = st->st_dev;
		s->items[s->n++].ino = st->st_ino;
	}
	return false;
}

static int add_path(struct dropin *d, const struct root *root, struct diag *diag, const char *path, struct seen *seen)
{
	struct stat st;
	char *copy;
	int r = root_stat(root, path, &st);

	if (r < 0)
		return note_error(d, r);
	if (S_ISDIR(st.st_mode))
		return is_seen(seen, &st) ? 0 : add_directory(d, root, diag, path);
	copy = strdup(path);
	return copy ? dropin_take(d, copy, S_ISREG(st.st_mode)) : -ENOMEM;
}

static int by_name(const void *a, const void *b)
{
	const struct dropin_file *f = a, *g = b;
	int r = strcmp(f->name, g->name);

	return r ? r : (f->found > g->found) - (f->found < g->found);
}

/* Of the files of one name, the first that was found masks the others. */
static void sort_and_mask(struct dropin *d)
{
	size_t n = 0;

	if (d->n)
		qsort(d->items, d->n, sizeof(*d->items), by_name);
	for (size_t i = 0; i < d->n; i++) {
		if (n && strcmp(d->items[n - 1].name, d->items[i].name) == 0)
			free(d->items[i].path);
		else
			d->items[n++] = d->items[i];
	}
	d->n = n;
}

int dropin_collect(const struct root *root, const char *const *paths, struct diag *diag, struct dropin *ret)
{
	_cleanup_dropin_ struct dropin d = { 0 };
	struct seen seen = { 0 };

	for (; *paths; paths++) {
		int r = add_path(&d, root, diag, *paths, &seen);

		if (r < 0)
			return r;
	}
	sort_and_mask(&d);
	*ret = d;
	d = (struct dropin){ 0 };
	return 0;
}

static bool is_unread(const char *name)
{
	size_t n = strlen(name);
	bool has_suffix = n >= 5 && strcmp(name + n - 5, ".conf") == 0;

	return !dropin_name(name) && (name[0] != '.' || has_suffix) && strcmp(name, "README") != 0;
}

static int add_unread(const struct root *root, const char *dir, const char *name, struct strv *ret)
{
	char *path = root_join(dir, name, strlen(name));
	struct stat st;

	if (!path)
		return -ENOMEM;
	if (root_stat(root, path, &st) < 0 || !S_ISREG(st.st_mode)) {
		free(path);
		return 0;
	}
	return strv_take(ret, path);
}

static int add_unread_of(const struct root *root, const char *dir, struct strv *ret)
{
	const struct dirent *e;
	DIR *d = NULL;
	int r = root_opendir(root, dir, &d);

	if (r < 0)
		return only_oom(r);
	while (r >= 0 && (e = readdir(d)))
		if (is_unread(e->d_name))
			r = add_unread(root, dir, e->d_name, ret);
	closedir(d);
	return r;
}

int dropin_unread(const struct root *root, const char *const *paths, struct strv *ret)
{
	struct seen seen = { 0 };
	struct stat st;
	int r = 0;

	for (; *paths && r == 0; paths++)
		if (root_stat(root, *paths, &st) == 0 && S_ISDIR(st.st_mode) && !is_seen(&seen, &st))
			r = add_unread_of(root, *paths, ret);
	strv_sort(ret, 0);
	return r;
}
