// SPDX-License-Identifier: MIT
/* A name that leads nowhere: which of the usual reasons it is. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/modname.h"
#include "explain/why.h"
#include "kernel/live.h"

#define TOPIC "not-found"
#define MODULES "/lib/modules"
#define DEPTH_MAX 16

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Other releases below /lib/modules, sorted. */
static int other_releases(const struct why_query *q, struct strv *ret)
{
	_cleanup_closedir_ DIR *dir = NULL;
	struct dirent *d;
	int r = root_opendir(q->root, MODULES, &dir);

	if (r < 0)
		return r;
	while ((d = readdir(dir)))
		if (*d->d_name != '.' && strcmp(d->d_name, q->release) != 0 && strv_add(ret, d->d_name) < 0)
			return -ENOMEM;
	if (ret->n)
		qsort(ret->items, ret->n, sizeof(*ret->items), by_text);
	return 0;
}

static void join(const struct strv *words, struct buf *into)
{
	for (size_t i = 0; i < words->n; i++)
		buf_addf(into, "%s%s", i ? ", " : "", words->items[i]);
}

/* The path of a file of that module name below dir; 1: found. */
static int find_file(const struct root *root, const char *dir, const char *name, int depth, struct buf *ret)
{
	_cleanup_closedir_ DIR *d = NULL;
	struct dirent *e;
	int r = 0;

	if (depth > DEPTH_MAX || root_opendir(root, dir, &d) < 0)
		return 0;
	while (r == 0 && (e = readdir(d))) {
		_cleanup_buf_ struct buf path = BUF_INIT;
		char found[MODNAME_MAX];

		if (*e->d_name == '.')
			continue;
		buf_addf(&path, "%s/%s", dir, e->d_name);
		if (buf_error(&path))
			return buf_error(&path);
		if (modname_extension(e->d_name) && modname_normalize(e->d_name, found) == 0 && strcmp(found, name) == 0)
			r = buf_adds(ret, buf_str(&path)) < 0 ? -ENOMEM : 1;
		else if (e->d_type == DT_DIR || e->d_type == DT_UNKNOWN)
			r = find_file(root, buf_str(&path), name, depth + 1, ret);
	}
	return r;
}

/* 1: this other release has it. */
static int release_has(const struct why_query *q, const char *release, const char *asked)
{
	_cleanup_(catalog_close_p) struct catalog *catalog = NULL;
	_cleanup_candidates_ struct candidates found = { 0 };
	_cleanup_buf_ struct buf dir = BUF_INIT;
	int r;

	buf_addf(&dir, MODULES "/%s", release);
	r = buf_error(&dir) ? buf_error(&dir) : catalog_open(q->root, buf_str(&dir), NULL, &catalog);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	const struct plan_world world = { .catalog = catalog };

	r = resolve(&world, asked, &found);
	return r == -ENOMEM ? r : found.n > 0;
}

static int releases_that_have(const struct why_query *q, const struct strv *others, const char *asked, struct strv *ret)
{
	for (size_t i = 0; i < others->n; i++) {
		int r = release_has(q, others->items[i], asked);

		if (r > 0)
			r = strv_add(ret, others->items[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int no_directory(const struct why_query *q, const struct strv *others, struct why *found)
{
	_cleanup_buf_ struct buf list = BUF_INIT;

	if (!root_exists(q->root, MODULES))
		return why_add(found, WHY_OBSTACLE, TOPIC, "no-modules", NULL,
			       MODULES " does not exist: in a container, load the module on the host");
	join(others, &list);
	if (!others->n)
		return why_add(found, WHY_OBSTACLE, TOPIC, "no-release", NULL,
			       "no modules of the running kernel %s are installed, nor of any other: install its package", q->release);
	return why_add(found, WHY_OBSTACLE, TOPIC, "no-release", NULL,
		       "the modules of the running kernel %s are gone; installed are %s: reboot into one of these", q->release,
		       buf_str(&list));
}

static int not_in_indexes(const struct why_query *q, const struct strv *others, const char *asked, struct why *found)
{
	_cleanup_strv_ struct strv having = { 0 };
	_cleanup_buf_ struct buf path = BUF_INIT, list = BUF_INIT;
	char name[MODNAME_MAX];
	int r = modname_normalize(asked, name);

	if (r >= 0)
		r = find_file(q->root, catalog_dir(q->world->catalog), name, 0, &path);
	if (r > 0)
		return why_add(found, WHY_OBSTACLE, TOPIC, "stale-index", NULL,
			       "%s exists, but the indexes do not know it: run depmod", buf_str(&path));
	r = releases_that_have(q, others, asked, &having);
	if (r < 0)
		return r;
	join(&having, &list);
	if (having.n)
		return why_add(found, WHY_OBSTACLE, TOPIC, "other-release", NULL,
			       "not installed for the running kernel %s, but for %s: reboot into that, or install the package with more modules",
			       q->release, buf_str(&list));
	return why_add(found, WHY_OBSTACLE, TOPIC, "not-installed", NULL,
		       "no module of this name or alias is installed for kernel %s: it may be in a package with more modules, or was not built",
		       q->release);
}

/* Built in without a line in modules.builtin: its parameters give it away. */
static bool is_in_kernel(const struct why_query *q, const char *asked)
{
	char name[MODNAME_MAX], path[MODNAME_MAX + 32];

	if (modname_normalize(asked, name) < 0 || strchr(name, '/'))
		return false;
	snprintf(path, sizeof(path), "/sys/module/%s", name);
	return root_exists(q->root, path);
}

static int find_reason(const struct why_query *q, const char *asked, struct why *found)
{
	const struct catalog *catalog = q->world->catalog;
	_cleanup_strv_ struct strv others = { 0 };

	if (other_releases(q, &others) == -ENOMEM)
		return -ENOMEM;
	if (is_in_kernel(q, asked))
		return why_add(found, WHY_OBSTACLE, TOPIC, "in-kernel", NULL,
			       "%s is in the running kernel, but no index knows it: built in, or loaded from a file of its own", asked);
	if (!root_exists(q->root, catalog_dir(catalog)))
		return no_directory(q, &others, found);
	if (!catalog_reader(catalog, CATALOG_DEP))
		return why_add(found, WHY_OBSTACLE, TOPIC, "no-index", NULL,
			       "%s/%s is missing or damaged: run depmod", catalog_dir(catalog), catalog_file_name(CATALOG_DEP));
	return not_in_indexes(q, &others, asked, found);
}

int why_not_found(const struct why_query *q, const char *asked, struct why *ret)
{
	_cleanup_why_ struct why found = { 0 };
	int r = find_reason(q, asked, &found);

	if (r < 0)
		return r;
	*ret = found;
	found = (struct why){ 0 };
	return 0;
}
