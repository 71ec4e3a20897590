// SPDX-License-Identifier: MIT
#include "act/depmod/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/control.h"
#include "base/modname.h"
#include "base/moduletree.h"
#include "base/vec.h"

/* One directory whose modules are being added to the list. */
struct scan_dir {
	struct scan *scan;
	const char *top; /* "" for the module directory, whose paths are relative; else the external directory */
};

static bool skip_entry(void *data, const char *name)
{
	struct scan_dir *d = data;

	if (!search_excludes(d->scan->search, name))
		return false;
	d->scan->hidden = true;
	return true;
}

static const char *shown_dir(const struct scan_dir *d)
{
	return *d->top ? d->top : d->scan->dir;
}

static void entry_unusable(void *data, const char *path, int error, mode_t type)
{
	struct scan_dir *d = data;

	if (error < 0)
		diag_err(d->scan->diag, "depmod.stat", "could not stat %s/%s: %s", shown_dir(d), path,
			 strerror(-error));
	else
		diag_err(d->scan->diag, "depmod.file-type", "unsupported file type %s/%s: %o", shown_dir(d), path,
			 type);
	if (modname_extension(path))
		d->scan->incomplete = true;
}

bool scan_is_shortage(int error)
{
	return error == -ENOMEM || error == -EMFILE || error == -ENFILE;
}

static void report_dir(const struct scan *s, const char *dir, const char *below, int error)
{
	diag_err(s->diag, "depmod.open-dir", "could not open directory %s%s%s: %s", dir, *below ? "/" : "", below,
		 strerror(-error));
}

static int dir_unreadable(void *data, const char *path, int error)
{
	struct scan_dir *d = data;
	struct scan *s = d->scan;

	if (s->strict || scan_is_shortage(error))
		return error; /* reported at the end of the walk */
	report_dir(s, shown_dir(d), path, error);
	s->incomplete = true;
	return 0;
}

static struct module *find_module(const struct scan *s, const char *name)
{
	uintptr_t place = (uintptr_t)map_get(&s->names, name);

	return place ? &s->modules[place - 1] : NULL;
}

static int append_module(struct scan *s, const char *path, const char *name)
{
	struct module *m;

	if (s->n == SCAN_MAX_MODULES) {
		diag_err(s->diag, "depmod.too-many", "more than %d modules below %s", SCAN_MAX_MODULES, s->dir);
		return -E2BIG;
	}
	if (vec_room(&s->modules, s->n, &s->cap) < 0)
		return -ENOMEM;
	m = &s->modules[s->n];
	*m = (struct module){ .path = path, .name = arena_str(s->arena, name), .position = SCAN_UNORDERED };
	if (!m->name || map_put(&s->names, m->name, (void *)(uintptr_t)(s->n + 1)) < 0)
		return -ENOMEM;
	s->n++;
	return 0;
}

/* Two files, one name: the better one stays, at the place in the list that the name already has. */
static void settle_duplicate(struct scan *s, struct module *old, const char *path)
{
	unsigned a = search_rank(s->search, old->path), b = search_rank(s->search, path);

	s->hidden = true;
	if (a == b)
		diag_warn(s->diag, "depmod.duplicate", "module %s found twice: using %s, ignoring %s", old->name,
			  old->path, path);
	else
		diag_info(s->diag, "depmod.superseded", "module %s: %s supersedes %s", old->name,
			  b > a ? path : old->path, b > a ? old->path : path);
	if (b > a)
		old->path = path;
}

/* The name would make lines of its own in modules.dep and others. */
static void leave_out(struct scan *s, const char *dir, const char *path)
{
	char shown[PATH_MAX];

	diag_err(s->diag, "depmod.control", "%s/%s: left out: its name has control characters", dir,
		 control_masked(path, shown, sizeof(shown)));
	s->incomplete = true;
}

/*
 * A name that begins with a dot ends before it: to kmod this is the module "". 1: so it is here, 0: left out.
 */
static int take_nameless(struct scan *s, const char *dir, const char *path, char name[static MODNAME_MAX])
{
	s->incomplete = true;
	if (s->strict) {
		diag_err(s->diag, "depmod.bad-name", "%s/%s: not a module name", dir, path);
		return 0;
	}
	diag_warn(s->diag, "depmod.bad-name", "%s/%s: not a module name; indexed without a name", dir, path);
	*name = '\0';
	return 1;
}

/* modules.dep ends a path at these, and has no way to quote them. */
static void check_path(struct scan *s, const char *path)
{
	bool colon = strchr(path, ':');

	if (!colon && !strchr(path, ' '))
		return;
	diag_warn(s->diag, "depmod.separator",
		  "%s: its path has a %s, which ends a path in modules.dep: %s cannot be loaded", path,
		  colon ? "colon" : "blank", colon ? "it" : "modules that need it");
	s->incomplete = true;
}

static int add_found(void *data, int dirfd _unused_, const char *name, const char *path)
{
	struct scan_dir *d = data;
	struct scan *s = d->scan;
	char normal[MODNAME_MAX];
	struct module *known;
	char *copy;

	if (control_in(path, strlen(path))) {
		leave_out(s, shown_dir(d), path);
		return 0;
	}
	if (modname_normalize(name, normal) < 0 && !take_nameless(s, shown_dir(d), path, normal))
		return 0;
	copy = *d->top ? arena_strf(s->arena, "%s/%s", d->top, path) : arena_str(s->arena, path);
	if (!copy)
		return -ENOMEM;
	check_path(s, copy);
	known = find_module(s, normal);
	if (!known)
		return append_module(s, copy, normal);
	settle_duplicate(s, known, copy);
	return 0;
}

static int scan_dir(struct scan *s, const char *dir)
{
	struct scan_dir d = { .scan = s, .top = dir == s->dir ? "" : dir };
	const struct moduletree_visitor v = {
		.flags = MODULETREE_RELEASE,
		.skip = skip_entry,
		.module = add_found,
		.unusable = entry_unusable,
		.unreadable = dir_unreadable,
		.data = &d,
	};
	char failed[PATH_MAX] = "";
	int r = moduletree_walk(&s->root, dir, &v, failed);

	if (r < 0 && r != -E2BIG && r != -ENOMEM)
		report_dir(s, dir, failed, r);
	return r;
}

/* One that cannot be read was reported, and the others count. It is usual that one does not exist yet. */
static int scan_external(struct scan *s, const char *dir)
{
	int r = scan_dir(s, dir);

	if (r == -ENOENT)
		return 0;
	if (r >= 0 || s->strict || r == -E2BIG || r == -ELOOP || scan_is_shortage(r))
		return r;
	s->incomplete = true;
	return 0;
}

int scan_tree(struct scan *s)
{
	int r = scan_dir(s, s->dir);

	for (size_t i = search_n_external(s->search); i > 0 && r == 0; i--)
		r = scan_external(s, search_external(s->search, i - 1));
	return r;
}

/* Below the module directory a path is relative to it. */
static const char *relative_path(const struct scan *s, const char *path)
{
	size_t n = strlen(s->dir);

	return strncmp(path, s->dir, n) == 0 && path[n] == '/' ? path + n + 1 : path;
}

static int check_file(const struct scan *s, const char *path, char name[static MODNAME_MAX])
{
	struct stat st;
	int r = root_stat(&s->root, path, &st);

	if (r == 0 && S_ISDIR(st.st_mode) && s->strict)
		r = -EISDIR;
	if (r == 0 && control_in(path, strlen(path)))
		r = -EINVAL;
	return r < 0 ? r : modname_from_path(path, name);
}

int scan_file(struct scan *s, const char *path)
{
	char name[MODNAME_MAX];
	const char *copy;
	int r = check_file(s, path, name);

	if (r < 0) {
		diag_report(s->diag, LOG_CRIT, "depmod.named-file", path, 0, "could not create module %s: %s", path,
			    strerror(-r));
		return r;
	}
	if (find_module(s, name)) {
		diag_err(s->diag, "depmod.named-twice", "hash_add_unique %s: %s", name, strerror(EEXIST));
		diag_report(s->diag, LOG_CRIT, "depmod.named-file", path, 0, "could not add module %s: %s", path,
			    strerror(EEXIST));
		return -EEXIST;
	}
	copy = arena_str(s->arena, relative_path(s, path));
	if (!copy)
		return -ENOMEM;
	check_path(s, copy);
	return append_module(s, copy, name);
}

void scan_drop_lost(struct scan *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (!s->modules[i].lost)
			s->modules[n++] = s->modules[i];
	s->n = n;
}

void scan_done(struct scan *s)
{
	map_done(&s->names);
	free(s->modules);
	s->modules = NULL;
	s->n = s->cap = 0;
}

const char *scan_module_file(const char *dir, const struct module *m, char *buf)
{
	size_t d = strlen(dir), n = strlen(m->path);

	if (m->path[0] == '/')
		return m->path;
	if (d >= PATH_MAX || n >= PATH_MAX - d - 1)
		return NULL;
	memcpy(buf, dir, d);
	buf[d] = '/';
	memcpy(buf + d + 1, m->path, n + 1);
	return buf;
}

struct newer {
	const struct root *root;
	const char *dir;
	struct timespec limit;
};

/* A link is followed from the root: below an anchor it must not lead out of the tree. */
static int stat_found(const struct newer *n, int dirfd, const char *name, const char *path, struct stat *ret)
{
	const struct module m = { .path = path };
	char buf[PATH_MAX];
	const char *full;

	if (fstatat(dirfd, name, ret, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISLNK(ret->st_mode))
		return 0;
	full = scan_module_file(n->dir, &m, buf);
	return full ? root_stat(n->root, full, ret) : -ENAMETOOLONG;
}

static int is_newer(void *data, int dirfd, const char *name, const char *path)
{
	const struct newer *n = data;
	struct stat st;

	return stat_found(n, dirfd, name, path, &st) == 0 && timespec_after(st.st_mtim, n->limit);
}

static int nothing_newer(void *data _unused_, const char *path _unused_, int error)
{
	return scan_is_shortage(error) ? error : 0;
}

int scan_is_newer(const struct root *root, const char *dir, struct timespec limit)
{
	struct newer n = { root, dir, limit };
	const struct moduletree_visitor v = {
		.flags = MODULETREE_RELEASE,
		.module = is_newer,
		.unreadable = nothing_newer,
		.data = &n,
	};

	return moduletree_walk(root, dir, &v, NULL);
}
