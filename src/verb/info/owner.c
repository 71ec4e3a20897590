// SPDX-License-Identifier: MIT
#include "verb/info/owner.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/fileio.h"
#include "base/oom.h"
#include "base/vec.h"

#define LIST_MAX (32u << 20)

/* The lists of a manager: one file for each package. */
struct manager {
	const char *dir, *list; /* the list is DIR/ENTRY, or DIR/ENTRY/LIST */
	const char *suffix;     /* of the entries that are lists */
	bool slash;             /* its paths begin with one */
};

static const struct manager managers[] = {
	{ "/var/lib/dpkg/info", "", ".list", true },
	{ "/var/lib/pacman/local", "/files", "", false },
};

static bool has_line(const struct buf *text, const char *line)
{
	size_t n = strlen(line);
	const char *at = text->p, *end = text->p + text->n;

	while (at && (at = memmem(at, (size_t)(end - at), line, n))) {
		if ((at == text->p || at[-1] == '\n') && (at + n == end || at[n] == '\n'))
			return true;
		at += n;
	}
	return false;
}

/* /lib and /usr/lib may be the same. */
static bool lists_file(const struct manager *m, const struct buf *text, const char *file)
{
	char other[PATH_MAX];
	bool below_usr = strncmp(file, "/usr/", 5) == 0;

	snprintf(other, sizeof(other), "%s%s", below_usr ? "" : "/usr", below_usr ? file + 4 : file);
	return has_line(text, m->slash ? file : file + 1) || has_line(text, m->slash ? other : other + 1);
}

static bool ends_in(const char *name, const char *suffix)
{
	size_t n = strlen(name), k = strlen(suffix);

	return n > k && strcmp(name + n - k, suffix) == 0;
}

/* 1: this list has the file. */
static int look_at_list(const struct root *root, const struct manager *m, const char *entry, const char *file)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	char path[PATH_MAX];

	if (!ends_in(entry, m->suffix) ||
	    (size_t)snprintf(path, sizeof(path), "%s/%s%s", m->dir, entry, m->list) >= sizeof(path) ||
	    file_read_regular(root, path, LIST_MAX, &text) < 0)
		return 0;
	return lists_file(m, &text, file);
}

static int look_at_manager(const struct root *root, const struct manager *m, const char *file, struct arena *strings,
			   enum owner_answer *ret, const char **ret_package)
{
	_cleanup_strv_ struct strv entries = { 0 };
	int r = only_oom(root_list(root, m->dir, &entries));

	if (r < 0 || !entries.n)
		return r;
	*ret = OWNER_NONE;
	for (size_t i = 0; i < entries.n; i++) {
		const char *entry = entries.items[i];

		if (!look_at_list(root, m, entry, file))
			continue;
		*ret = OWNER_PACKAGE;
		*ret_package = arena_strn(strings, entry, strlen(entry) - strlen(m->suffix));
		return *ret_package ? 0 : -ENOMEM;
	}
	return 0;
}

int owner_find(const struct root *root, const char *file, struct arena *strings, enum owner_answer *ret,
	       const char **ret_package)
{
	int r = 0;

	*ret = OWNER_UNKNOWN;
	*ret_package = NULL;
	for (size_t i = 0; i < ELEMENTSOF(managers) && r >= 0 && *ret != OWNER_PACKAGE; i++)
		r = look_at_manager(root, &managers[i], file, strings, ret, ret_package);
	return r;
}
