// SPDX-License-Identifier: MIT
#include "read/kernel/processes.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/fileio.h"
#include "base/num.h"
#include "base/vec.h"

int processes_open(const struct root *root, struct processes *ret)
{
	return root_opendir(root, "/proc", &ret->dir);
}

void processes_close(struct processes *p)
{
	if (p->dir)
		closedir(p->dir);
	p->dir = NULL;
}

int processes_next(struct processes *p, pid_t *ret)
{
	struct dirent *d;
	uint32_t pid;

	while ((d = readdir(p->dir)))
		if (parse_u32(d->d_name, 10, &pid) == 0 && pid <= INT_MAX) {
			*ret = (pid_t)pid;
			return 1;
		}
	return 0;
}

void process_name(const struct root *root, pid_t pid, char ret[static PROCESS_NAME_MAX])
{
	char path[PROCESS_PATH_MAX];

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	if (file_read_line(root, path, ret, PROCESS_NAME_MAX) < 0 || !*ret)
		strcpy(ret, "?");
}

/* The text of /proc/WHO/ns/KIND, "" when it cannot be read. */
static void namespace_of(const struct root *root, const char *who, const char *kind, char *ret, size_t cap)
{
	char path[PROCESS_PATH_MAX], full[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%s/ns/%s", who, kind);
	n = readlink(root_path(root, path, full), ret, cap - 1);
	ret[n > 0 ? n : 0] = '\0';
}

/* 1: this namespace had not been seen. */
static int note_namespace(struct strv *seen, const char *name)
{
	if (strv_has(seen, name))
		return 0;
	return strv_add(seen, name) < 0 ? -ENOMEM : 1;
}

int processes_of_namespaces(const struct root *root, const char *kind, struct pids *ret)
{
	_cleanup_processes_ struct processes all = { 0 };
	_cleanup_strv_ struct strv seen = { 0 };
	char name[PROCESS_PATH_MAX];
	pid_t pid;
	int r;

	namespace_of(root, "self", kind, name, sizeof(name));
	if (note_namespace(&seen, name) < 0)
		return -ENOMEM;
	if (processes_open(root, &all) < 0)
		return 0;
	while (processes_next(&all, &pid) > 0) {
		char who[16];

		snprintf(who, sizeof(who), "%d", (int)pid);
		namespace_of(root, who, kind, name, sizeof(name));
		r = *name ? note_namespace(&seen, name) : 0;
		if (r < 0 || (r > 0 && vec_room(&ret->items, ret->n, &ret->cap) < 0))
			return -ENOMEM;
		if (r > 0)
			ret->items[ret->n++] = pid;
	}
	return 0;
}

void pids_done(struct pids *p)
{
	free(p->items);
	*p = (struct pids){ 0 };
}
