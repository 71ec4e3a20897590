// SPDX-License-Identifier: MIT
#include "system/module_files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/map.h"
#include "base/moduletree.h"
#include "base/place.h"
#include "system/release.h"

static int report_unreadable(struct sys *sys, const char *path, const char *below, int r)
{
	sys_error(sys, "sign.unreadable", "%s%s%s: %s", path, *below ? "/" : "", below, strerror(-r));
	return r;
}

void module_list_done(struct module_list *l)
{
	strv_done(&l->paths);
	free(l->tops.items);
	free(l->errors.items);
	*l = (struct module_list){ 0 };
}

/* For the paths that have none yet. */
static int add_tops(struct module_list *l, size_t top, int error)
{
	while (l->tops.n < l->paths.n) {
		if (vec_room(&l->tops.items, l->tops.n, &l->tops.cap) < 0 ||
		    vec_room(&l->errors.items, l->errors.n, &l->errors.cap) < 0)
			return -ENOMEM;
		l->tops.items[l->tops.n++] = top;
		l->errors.items[l->errors.n++] = error;
	}
	return 0;
}

static int add_path(struct module_list *l, const char *path, int error)
{
	int r = strv_add(&l->paths, path);

	return r < 0 ? r : add_tops(l, PLACE_NAMED, error);
}

/* What was listed of a directory before the error is not worked on either. */
static int add_failed(struct module_list *l, const char *path, size_t had, int error)
{
	while (l->paths.n > had)
		free(l->paths.items[--l->paths.n]);
	return error == -ENOMEM ? error : add_path(l, path, error);
}

/* A directory that holds nothing to work on is a mistake, and "all of it is fine" the wrong answer. */
static int collect_directory(struct sys *sys, const char *path, unsigned flags, struct module_list *ret)
{
	char failed[PATH_MAX] = "";
	size_t had = ret->paths.n;
	int r = moduletree_list(&sys->root, path, flags, &ret->paths, failed);

	if (r < 0)
		return add_failed(ret, path, had, report_unreadable(sys, path, failed, r));
	if (ret->paths.n > had)
		return add_tops(ret, flags & MODULETREE_RELEASE ? PLACE_NAMED : strlen(path), 0);
	sys_error(sys, "sign.no-modules", "%s: contains no modules", path);
	return add_failed(ret, path, had, -ENOENT);
}

/* A file stands for itself, whatever its name. */
static int collect_operand(struct sys *sys, const char *path, struct module_list *ret)
{
	struct stat st;
	int r = root_stat(&sys->root, path, &st);

	if (r < 0)
		return add_path(ret, path, report_unreadable(sys, path, "", r));
	return S_ISDIR(st.st_mode) ? collect_directory(sys, path, 0, ret) : add_path(ret, path, 0);
}

static int collect_all(struct sys *sys, const struct module_files *m, struct module_list *ret)
{
	_cleanup_free_ char *dir = NULL;
	int r = release_dir(sys->kernel, NULL, m->version, &dir);

	if (r < 0 && r != -ENOMEM)
		sys_error(sys, "sign.no-release", "cannot determine the running kernel's version; use -k VERSION");
	return r < 0 ? r : collect_directory(sys, dir, MODULETREE_RELEASE, ret);
}

/* The file behind links and "..", or the path given when there is no such file. */
static char *real_path(struct sys *sys, const char *path)
{
	char buf[PATH_MAX];
	const char *p = root_path(&sys->root, path, buf);
	char *real = p ? realpath(p, NULL) : NULL;

	return real ? real : strdup(path);
}

struct seen {
	struct strv paths; /* owns the keys */
	struct map known;
};

/* 1: for the first time, 0: again. */
static int see(struct seen *s, char *path)
{
	int r = strv_take(&s->paths, path);

	return r < 0 ? r : map_put(&s->known, s->paths.items[s->paths.n - 1], s);
}

/*
 * A file that is named twice, or also through a link, must not be processed by two threads at once. The first name
 * stays.
 */
static int drop_repeated(struct sys *sys, struct module_list *list)
{
	struct strv *files = &list->paths;
	struct seen seen = { 0 };
	size_t kept = 0;
	int r = 0;

	for (size_t i = 0; i < files->n; i++) {
		int fresh = r < 0 ? 1 : see(&seen, real_path(sys, files->items[i]));

		if (fresh < 0)
			r = fresh;
		if (fresh == 0) {
			free(files->items[i]);
			continue;
		}
		files->items[kept] = files->items[i];
		list->errors.items[kept] = list->errors.items[i];
		list->tops.items[kept++] = list->tops.items[i];
	}
	files->n = list->tops.n = list->errors.n = kept;
	map_done(&seen.known);
	strv_done(&seen.paths);
	return r;
}

int module_files_collect(struct sys *sys, const struct module_files *m, int n, char **operands, struct module_list *ret)
{
	int r = 0;

	if (m->all)
		r = collect_all(sys, m, ret);
	for (int i = 0; r == 0 && i < n; i++)
		r = collect_operand(sys, operands[i], ret);
	return r == 0 && (m->all || n > 1) ? drop_repeated(sys, ret) : r;
}

/* ---- names ---- */

void module_report_name(struct sys *sys, const char *code, const char *written)
{
	const char *equals = strchr(written, '=');
	char name[MODNAME_MAX];

	/* Of any other path it is not known that it leads to a module. */
	if (modname_of_sysfs(written, name) || (modname_extension(written) && modname_of_file(written, name)))
		sys_error(sys, code, "'%s' is the name of a file: the module is called %s", written, name);
	else if (strchr(written, '/'))
		sys_error(sys, code, "'%s' is a path, not the name of a module", written);
	else if (equals && equals != written)
		sys_error(sys, code, "'%s' is a parameter, not a module: kmodctl params sets it", written);
	else
		sys_error(sys, code, "'%s' cannot be the name of a module", written);
}

int module_name_of_operand(struct sys *sys, const char *code, const char *written, char ret[static MODNAME_MAX])
{
	int r = strpbrk(written, "/=") ? -EINVAL : modname_normalize(written, ret);

	if (r < 0)
		module_report_name(sys, code, written);
	return r;
}
