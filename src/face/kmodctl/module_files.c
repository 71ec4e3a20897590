// SPDX-License-Identifier: MIT
#include "face/kmodctl/module_files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/map.h"
#include "base/moduletree.h"
#include "base/num.h"
#include "base/place.h"
#include "base/pool.h"
#include "face/common/report.h"
#include "system/release.h"

#define JOBS_MAX 1024

static int report_unreadable(struct env *env, const char *path, const char *below, int r)
{
	report_error(env, "sign.unreadable", "%s%s%s: %s", path, *below ? "/" : "", below, strerror(-r));
	return r;
}

void module_list_done(struct module_list *l)
{
	strv_done(&l->paths);
	free(l->tops.items);
	*l = (struct module_list){ 0 };
}

/* For the paths that have none yet. */
static int add_tops(struct module_list *l, size_t top)
{
	while (l->tops.n < l->paths.n) {
		if (vec_room(&l->tops.items, l->tops.n, &l->tops.cap) < 0)
			return -ENOMEM;
		l->tops.items[l->tops.n++] = top;
	}
	return 0;
}

/* A directory that holds nothing to work on is a mistake, and "all of it is fine" the wrong answer. */
static int collect_directory(struct env *env, const char *path, unsigned flags, struct module_list *ret)
{
	char failed[PATH_MAX] = "";
	size_t had = ret->paths.n;
	int r = moduletree_list(&env->sys.root, path, flags, &ret->paths, failed);

	if (r < 0)
		return report_unreadable(env, path, failed, r);
	if (ret->paths.n > had)
		return add_tops(ret, flags & MODULETREE_RELEASE ? PLACE_NAMED : strlen(path));
	report_error(env, "sign.no-modules", "%s: contains no modules", path);
	return -ENOENT;
}

/* A file stands for itself, whatever its name. */
static int collect_operand(struct env *env, const char *path, struct module_list *ret)
{
	struct stat st;
	int r = root_stat(&env->sys.root, path, &st);

	if (r < 0)
		return report_unreadable(env, path, "", r);
	if (S_ISDIR(st.st_mode))
		return collect_directory(env, path, 0, ret);
	r = strv_add(&ret->paths, path);
	return r < 0 ? r : add_tops(ret, PLACE_NAMED);
}

static int collect_all(struct env *env, const struct module_files *m, struct module_list *ret)
{
	_cleanup_free_ char *dir = NULL;
	int r = release_dir(env->sys.kernel, NULL, m->version, &dir);

	if (r < 0 && r != -ENOMEM)
		report_error(env, "sign.no-release", "cannot determine the running kernel's version; use -k VERSION");
	return r < 0 ? r : collect_directory(env, dir, MODULETREE_RELEASE, ret);
}

/* The file behind links and "..", or the path given when there is no such file. */
static char *real_path(struct env *env, const char *path)
{
	char buf[PATH_MAX];
	const char *p = root_path(&env->sys.root, path, buf);
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
static int drop_repeated(struct env *env, struct module_list *list)
{
	struct strv *files = &list->paths;
	struct seen seen = { 0 };
	size_t kept = 0;
	int r = 0;

	for (size_t i = 0; i < files->n; i++) {
		int fresh = r < 0 ? 1 : see(&seen, real_path(env, files->items[i]));

		if (fresh < 0)
			r = fresh;
		if (fresh == 0) {
			free(files->items[i]);
			continue;
		}
		files->items[kept] = files->items[i];
		list->tops.items[kept++] = list->tops.items[i];
	}
	files->n = list->tops.n = kept;
	map_done(&seen.known);
	strv_done(&seen.paths);
	return r;
}

int module_files_collect(struct env *env, const struct module_files *m, int n, char **operands, struct module_list *ret)
{
	int r = 0;

	if (n == 0 && !m->all) {
		report_error(env, "sign.no-files", "no module given; name files or directories, or use --all");
		return -EINVAL;
	}
	if (m->all)
		r = collect_all(env, m, ret);
	for (int i = 0; r == 0 && i < n; i++)
		r = collect_operand(env, operands[i], ret);
	return r == 0 && (m->all || n > 1) ? drop_repeated(env, ret) : r;
}

int module_files_kernel(struct env *env, const struct module_files *m, unsigned *ret)
{
	struct utsname running;

	if (m->version && release_version(m->version, ret) < 0) {
		report_error(env, "sign.kernel-version", "'%s' is not a kernel version", m->version);
		return -EINVAL;
	}
	if (!m->version && (kernel_uname(env->sys.kernel, &running) < 0 || release_version(running.release, ret) < 0))
		*ret = RELEASE_VERSION_ASSUMED;
	return 0;
}

int module_files_jobs(struct env *env, const char *arg, unsigned *ret)
{
	uint32_t n;

	if (parse_u32(arg, 10, &n) < 0 || n == 0 || n > JOBS_MAX) {
		report_error(env, "sign.jobs", "'%s' is not a number of jobs", arg);
		return -EINVAL;
	}
	*ret = n;
	return 0;
}

void file_progress_init(struct file_progress *p, struct env *env, size_t total)
{
	*p = (struct file_progress){ .total = total };
	pthread_mutex_init(&p->lock, NULL);
	progress_init(&p->shown, env->err, env->tool, "modules");
}

void file_progress_step(struct file_progress *p)
{
	pthread_mutex_lock(&p->lock);
	progress_show(&p->shown, ++p->done, p->total);
	pthread_mutex_unlock(&p->lock);
}

void file_progress_done(struct file_progress *p)
{
	progress_done(&p->shown);
	pthread_mutex_destroy(&p->lock);
}
