// SPDX-License-Identifier: MIT
/* Do the indexes of the running kernel fit its module files? */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/modname.h"
#include "base/moduletree.h"
#include "base/oom.h"
#include "verb/status/status.h"
#include "verb/why/why.h"

#define NAMED_MAX 100 /* files of either kind that are named */

struct comparison {
	const struct catalog *catalog;
	const struct root *root;
	struct status_index *to;
};

static int add_name(struct strv *to, size_t *n, const char *name)
{
	++*n;
	return to->n < NAMED_MAX ? strv_add(to, name) : 0;
}

/* Of two files of one name, depmod takes one: that the name is there is enough. */
static int look_up(void *data, int dirfd _unused_, const char *name, const char *path)
{
	struct comparison *x = data;
	char module[MODNAME_MAX];

	if (modname_from_path(name, module) < 0 || catalog_dep_line(x->catalog, module))
		return 0;
	return add_name(&x->to->unlisted, &x->to->n_unlisted, path);
}

/* "kernel/fs/ext4/ext4.ko: kernel/lib/crc16.ko" */
static int look_for_file(void *data, const char *key _unused_, const char *value, uint32_t priority _unused_)
{
	struct comparison *x = data;
	_cleanup_free_ char *path = NULL;
	int r = catalog_join(x->catalog, value, strcspn(value, ":"), &path);
	struct stat st;

	if (r < 0)
		return only_oom(r);
	r = root_stat(x->root, path, &st);
	return r == -ENOENT ? add_name(&x->to->gone, &x->to->n_gone, path) : 0;
}

static int compare(struct comparison *x)
{
	const struct moduletree_visitor visitor = { .flags = MODULETREE_RELEASE, .module = look_up, .data = x };
	struct status_index *to = x->to;
	int r = moduletree_walk(x->root, catalog_dir(x->catalog), &visitor, NULL);

	if (r == 0)
		r = index_reader_walk(catalog_reader(x->catalog, CATALOG_DEP), look_for_file, x);
	if (r < 0) {
		to->state = r == -EINVAL ? INDEX_ABSENT : INDEX_UNKNOWN;
		to->error = r;
	} else {
		to->state = to->unlisted.n || to->gone.n ? INDEX_STALE : INDEX_CURRENT;
	}
	return only_oom(r);
}

int status_read_index(const struct why_query *q, struct status_index *ret)
{
	const struct catalog *catalog = q->world->catalog;
	struct comparison x = { catalog, &q->sys->root, ret };
	struct stat st;
	int r = root_stat(x.root, catalog_dir(catalog), &st);

	if (r == -ENOENT) {
		ret->state = INDEX_NO_MODULES;
		return why_no_release(q, &ret->absence);
	}
	if (r < 0) {
		ret->state = INDEX_UNKNOWN;
		ret->error = r;
		return 0;
	}
	if (catalog_reader(catalog, CATALOG_DEP))
		return compare(&x);
	ret->state = INDEX_ABSENT;
	return 0;
}
