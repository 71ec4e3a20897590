// SPDX-License-Identifier: MIT
#include "verb/info/owner.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/oom.h"
#include "base/vec.h"
#include "verb/why/distro.h"

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

static bool ends_in(const char *name, const char *suffix)
{
	size_t n = strlen(name), k = strlen(suffix);

	return n > k && strcmp(name + n - k, suffix) == 0;
}

static bool look_at_list(const struct root *root, const struct manager *m, const char *entry, const char *file)
{
	char path[PATH_MAX];

	return ends_in(entry, m->suffix) &&
	       (size_t)snprintf(path, sizeof(path), "%s/%s%s", m->dir, entry, m->list) < sizeof(path) &&
	       distro_list_has(root, path, file, m->slash);
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
