// SPDX-License-Identifier: MIT
#include "base/moduletree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/listing.h"
#include "base/modname.h"

/* Size of one getdents64(2): it holds the entries of most directories. */
#define LISTING_SIZE 32768

struct tree {
	const struct moduletree_visitor *visitor;
	/* Below an anchor: a link is followed by its whole path. NULL: by the kernel, from the link's directory. */
	const struct root *root;
	const char *dir; /* the top's logical path */
	unsigned n_dirs;
	char path[PATH_MAX]; /* of the current entry */
	size_t len;
	_Alignas(struct dirent) char listing[LISTING_SIZE]; /* of the directory that is being read */
};

/* The directories from the top down to this one. */
struct tree_dir {
	const struct tree_dir *above;
	int fd;
	dev_t dev;
	ino_t ino;
};

struct tree_entry {
	unsigned char type; /* d_type */
	char name[];
};

struct tree_entries {
	struct tree_entry **items;
	size_t n, cap;
};

static int walk_dir(struct tree *t, const struct tree_dir *above, int fd);

static void entries_done(struct tree_entries *e)
{
	for (size_t i = 0; i < e->n; i++)
		free(e->items[i]);
	free(e->items);
}

static int entries_add(struct tree_entries *e, const struct dirent *d)
{
	size_t n = strlen(d->d_name) + 1;
	struct tree_entry *entry;

	if (vec_room(&e->items, e->n, &e->cap) < 0)
		return -ENOMEM;
	entry = malloc(sizeof(*entry) + n);
	if (!entry)
		return -ENOMEM;
	entry->type = d->d_type;
	memcpy(entry->name, d->d_name, n);
	e->items[e->n++] = entry;
	return 0;
}

static int compare_entries(const void *a, const void *b)
{
	return strcmp((*(struct tree_entry *const *)a)->name, (*(struct tree_entry *const *)b)->name);
}

static bool is_dots(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

static bool is_skipped(const struct tree *t, const char *name)
{
	const struct moduletree_visitor *v = t->visitor;

	if (v->flags & MODULETREE_RELEASE && (strcmp(name, "build") == 0 || strcmp(name, "source") == 0))
		return true;
	return v->skip && v->skip(v->data, name);
}

/* The entries that one listing holds. */
static int take_listing(struct tree *t, size_t size, struct tree_entries *e)
{
	int r = 0;

	for (size_t at = 0; at < size && r == 0;) {
		const struct dirent *item = (const void *)(t->listing + at);

		at += item->d_reclen;
		if (!is_dots(item->d_name) && !is_skipped(t, item->d_name))
			r = entries_add(e, item);
	}
	return r;
}

static int read_entries(struct tree *t, int fd, struct tree_entries *e)
{
	long n;
	int r;

	while ((n = listing_read(fd, t->listing, sizeof(t->listing))) > 0) {
		r = take_listing(t, (size_t)n, e);
		if (r < 0)
			return r;
	}
	r = n < 0 ? -errno : 0;
	if (e->n)
		qsort(e->items, e->n, sizeof(*e->items), compare_entries);
	return r;
}

/* Appends to the path. On -ENAMETOOLONG it is unchanged. */
static int path_push(struct tree *t, const char *name)
{
	size_t n = strlen(name), slash = t->len ? 1 : 0;

	if (n + slash >= sizeof(t->path) - t->len)
		return -ENAMETOOLONG;
	if (slash)
		t->path[t->len] = '/';
	memcpy(t->path + t->len + slash, name, n + 1);
	t->len += slash + n;
	return 0;
}

static void path_cut(struct tree *t, size_t len)
{
	t->path[len] = '\0';
	t->len = len;
}

static void unusable(struct tree *t, int error, mode_t type)
{
	if (t->visitor->unusable)
		t->visitor->unusable(t->visitor->data, t->path, error, type);
}

/* The directory that t->path names. */
static int unreadable(struct tree *t, int error)
{
	return t->visitor->unreadable ? t->visitor->unreadable(t->visitor->data, t->path, error) : error;
}

static bool follows_links(const struct tree *t)
{
	return t->visitor->flags & MODULETREE_RELEASE;
}

/* The logical path of the current entry. */
static const char *logical_path(const struct tree *t, char buf[static PATH_MAX])
{
	int n = snprintf(buf, PATH_MAX, "%s/%s", t->dir, t->path);

	return n < 0 || n >= PATH_MAX ? NULL : buf;
}

static int stat_entry(const struct tree *t, const struct tree_dir *dir, const char *name, struct stat *ret)
{
	char buf[PATH_MAX];
	const char *path;

	if (t->root && follows_links(t)) {
		path = logical_path(t, buf);
		return path ? root_stat(t->root, path, ret) : -ENAMETOOLONG;
	}
	return fstatat(dir->fd, name, ret, follows_links(t) ? 0 : AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

static int open_entry(const struct tree *t, const struct tree_dir *dir, const struct tree_entry *e)
{
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC, fd;
	char buf[PATH_MAX];
	const char *path;

	if (t->root && follows_links(t) && e->type != DT_DIR) {
		path = logical_path(t, buf);
		return path ? root_open(t->root, path, flags) : -ENAMETOOLONG;
	}
	fd = openat(dir->fd, e->name, flags | (follows_links(t) && !t->root ? 0 : O_NOFOLLOW));
	return fd < 0 ? -errno : fd;
}

/* The type of an entry, which the file system may not have reported. */
static int type_of(const struct tree *t, const struct tree_dir *dir, const struct tree_entry *e, mode_t *ret)
{
	struct stat st;
	int r;

	*ret = DTTOIF(e->type);
	if (e->type != DT_UNKNOWN && (e->type != DT_LNK || !follows_links(t)))
		return 0;
	r = stat_entry(t, dir, e->name, &st);
	if (r == 0)
		*ret = st.st_mode & S_IFMT;
	return r;
}

static int visit(struct tree *t, const struct tree_dir *dir, const struct tree_entry *e)
{
	mode_t type;
	int fd, r = type_of(t, dir, e, &type);

	if (r < 0) {
		unusable(t, r, 0);
		return 0;
	}
	if (S_ISREG(type))
		return modname_extension(e->name) ? t->visitor->module(t->visitor->data, dir->fd, e->name, t->path) : 0;
	if (S_ISLNK(type))
		return 0;
	if (!S_ISDIR(type)) {
		unusable(t, 0, type);
		return 0;
	}
	fd = open_entry(t, dir, e);
	return fd < 0 ? unreadable(t, fd) : walk_dir(t, dir, fd);
}

static bool is_above(const struct tree_dir *above, const struct stat *st)
{
	for (; above; above = above->above)
		if (above->ino == st->st_ino && above->dev == st->st_dev)
			return true;
	return false;
}

static int walk_entries(struct tree *t, const struct tree_dir *dir)
{
	_cleanup_(entries_done) struct tree_entries e = { 0 };
	size_t len = t->len;
	int r = read_entries(t, dir->fd, &e);

	if (r < 0 && r != -ENOMEM && dir->above)
		r = unreadable(t, r);
	for (size_t i = 0; i < e.n && r == 0; i++) {
		r = path_push(t, e.items[i]->name);
		r = r == 0 ? visit(t, dir, e.items[i]) : unreadable(t, r);
		if (r == 0)
			path_cut(t, len);
	}
	return r;
}

/* Takes fd. On failure t->path still names the place where it happened. */
static int walk_dir(struct tree *t, const struct tree_dir *above, int fd)
{
	_cleanup_close_ _unused_ int own = fd;
	struct tree_dir dir = { .above = above, .fd = fd };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (is_above(above, &st))
		return 0;
	if (++t->n_dirs > MODULETREE_MAX_DIRS)
		return -ELOOP;
	dir.dev = st.st_dev;
	dir.ino = st.st_ino;
	return walk_entries(t, &dir);
}

/* Takes fd, or an error instead of it. */
static int walk_top(struct tree *t, int fd, char *ret_failed)
{
	int r = fd < 0 ? fd : walk_dir(t, NULL, fd);

	if (r < 0 && ret_failed)
		memcpy(ret_failed, t->path, t->len + 1);
	return r;
}

int moduletree_walk(const struct root *root, const char *dir, const struct moduletree_visitor *visitor,
		    char *ret_failed)
{
	struct tree t = { .visitor = visitor, .dir = dir };

	if (root_is_anchored(root, dir))
		t.root = root;
	return walk_top(&t, root_open(root, dir, O_RDONLY | O_DIRECTORY), ret_failed);
}

int moduletree_walk_at(int dirfd, const struct moduletree_visitor *visitor, char *ret_failed)
{
	struct tree t = { .visitor = visitor };
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return walk_top(&t, fd < 0 ? -errno : fd, ret_failed);
}

/* ---- lists ---- */

struct listing {
	const char *dir;
	size_t dir_len;   /* without slashes at its end */
	const char *name; /* NULL: any */
	struct strv *list;
};

static int add_module(void *data, int dirfd _unused_, const char *file, const char *path)
{
	struct listing *l = data;
	char name[MODNAME_MAX];
	_cleanup_free_ char *full = NULL;

	if (l->name && (modname_normalize(file, name) < 0 || strcmp(name, l->name) != 0))
		return 0;
	if (asprintf(&full, "%.*s/%s", (int)l->dir_len, l->dir, path) < 0) {
		full = NULL;
		return -ENOMEM;
	}
	return strv_take(l->list, take_ptr(full));
}

static int make_list(const struct root *root, struct listing *l, unsigned flags, char *ret_failed)
{
	const struct moduletree_visitor v = { .flags = flags, .module = add_module, .data = l };
	size_t first = l->list->n;
	int r;

	l->dir_len = strlen(l->dir);
	while (l->dir_len > 0 && l->dir[l->dir_len - 1] == '/')
		l->dir_len--;
	r = moduletree_walk(root, l->dir, &v, ret_failed);
	strv_sort(l->list, first);
	return r;
}

int moduletree_list(const struct root *root, const char *dir, unsigned flags, struct strv *ret, char *ret_failed)
{
	struct listing l = { .dir = dir, .list = ret };

	return make_list(root, &l, flags, ret_failed);
}

int moduletree_find(const struct root *root, const char *dir, unsigned flags, const char *name, struct strv *ret)
{
	struct listing l = { .dir = dir, .name = name, .list = ret };

	return make_list(root, &l, flags, NULL);
}
