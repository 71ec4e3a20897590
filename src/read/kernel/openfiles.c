// SPDX-License-Identifier: MIT
#include "read/kernel/openfiles.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/vec.h"
#include "read/kernel/processes.h"

static int real_device(const struct root *root, const char *path, bool *ret_block, dev_t *ret)
{
	struct stat st;
	int r = root_stat(root, path, &st);

	if (r < 0)
		return r;
	if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
		return 0;
	*ret_block = S_ISBLK(st.st_mode);
	*ret = st.st_rdev;
	return 1;
}

static int real_protocol(const struct root *root, const char *path, char ret[static OPEN_NAME_MAX])
{
	char full[PATH_MAX];
	const char *p = root_path(root, path, full);
	ssize_t n = p ? getxattr(p, "system.sockprotoname", ret, OPEN_NAME_MAX - 1) : -1;

	if (n < 0)
		return -errno;
	ret[n] = '\0';
	return 0;
}

const struct open_probe open_probe_real = { .device = real_device, .protocol = real_protocol };

struct walk {
	const struct root *root;
	const struct open_probe *probe;
	struct open_files *files;
	pid_t pid;
	size_t first; /* of this process */
};

static bool is_same(const struct open_file *a, const struct open_file *b)
{
	return a->kind == b->kind && a->device == b->device && (a->device || strcmp(a->name, b->name) == 0);
}

static int add(struct walk *w, const struct open_file *x)
{
	struct open_files *f = w->files;
	struct open_file copy = *x;
	char name[PROCESS_NAME_MAX];

	for (size_t i = w->first; i < f->n; i++)
		if (is_same(&f->items[i], x)) {
			f->items[i].count++;
			return 0;
		}
	process_name(w->root, w->pid, name);
	copy.pid = w->pid;
	copy.count = 1;
	copy.process = w->first < f->n ? f->items[w->first].process : arena_str(&f->strings, name);
	copy.name = arena_str(&f->strings, x->name);
	if (!copy.process || !copy.name || vec_room(&f->items, f->n, &f->cap) < 0)
		return -ENOMEM;
	f->items[f->n++] = copy;
	return 0;
}

static int look_at(struct walk *w, const char *path)
{
	char full[PATH_MAX], target[PATH_MAX], protocol[OPEN_NAME_MAX];
	ssize_t n = readlink(root_path(w->root, path, full), target, sizeof(target) - 1);
	struct open_file x = { .kind = OPEN_SOCKET, .name = protocol };
	bool block;

	if (n <= 0)
		return 0;
	target[n] = '\0';
	if (strncmp(target, "socket:[", strlen("socket:[")) == 0)
		return w->probe->protocol(w->root, path, protocol) < 0 ? 0 : add(w, &x);
	if (*target != '/' || w->probe->device(w->root, path, &block, &x.device) <= 0)
		return 0;
	x.kind = block ? OPEN_BLOCK : OPEN_CHAR;
	x.name = target;
	return add(w, &x);
}

static int look_at_process(struct walk *w)
{
	_cleanup_closedir_ DIR *dir = NULL;
	char path[PROCESS_PATH_MAX + NAME_MAX];
	struct dirent *d;
	int r;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)w->pid);
	r = root_opendir(w->root, path, &dir);
	if (r == -EACCES || r == -EPERM)
		w->files->complete = false;
	if (r < 0)
		return 0;
	w->first = w->files->n;
	while ((d = readdir(dir))) {
		if (*d->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/fd/%s", (int)w->pid, d->d_name);
		if (look_at(w, path) < 0)
			return -ENOMEM;
	}
	return 0;
}

int open_files_read(const struct root *root, const struct open_probe *probe, struct open_files *ret)
{
	_cleanup_open_files_ struct open_files f = { .complete = true };
	_cleanup_processes_ struct processes all = { 0 };
	struct walk w = { .root = root, .probe = probe, .files = &f };
	int r = processes_open(root, &all);

	if (r < 0)
		return r;
	while (processes_next(&all, &w.pid) > 0)
		if (look_at_process(&w) < 0)
			return -ENOMEM;
	*ret = f;
	f = (struct open_files){ 0 };
	return 0;
}

void open_files_done(struct open_files *f)
{
	free(f->items);
	arena_done(&f->strings);
	*f = (struct open_files){ 0 };
}
