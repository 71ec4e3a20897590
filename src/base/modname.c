// SPDX-License-Identifier: MIT
#include "base/modname.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

static char folded(char c)
{
	return c == '-' ? '_' : c;
}

int modname_normalize(const char *name, char ret[static MODNAME_MAX])
{
	size_t n = strcspn(name, ".");

	if (n == 0)
		return -EINVAL;
	if (n >= MODNAME_MAX)
		return -ENAMETOOLONG;
	for (size_t i = 0; i < n; i++)
		ret[i] = folded(name[i]);
	ret[n] = '\0';
	return 0;
}

int modname_from_path(const char *path, char ret[static MODNAME_MAX])
{
	const char *slash = strrchr(path, '/');

	return modname_normalize(slash ? slash + 1 : path, ret);
}

int alias_normalize(const char *alias, char *ret, size_t cap)
{
	size_t n = strlen(alias);

	if (n >= cap)
		return -ENAMETOOLONG;
	for (size_t i = 0; i < n; i++) {
		const char *close;

		if (alias[i] == ']')
			return -EINVAL;
		if (alias[i] != '[') {
			ret[i] = folded(alias[i]);
			continue;
		}
		close = strchr(alias + i, ']');
		if (!close)
			return -EINVAL;
		memmove(ret + i, alias + i, (size_t)(close - alias) - i + 1);
		i = (size_t)(close - alias);
	}
	ret[n] = '\0';
	return 0;
}

size_t modname_extension(const char *name)
{
	static const char *const extensions[] = { ".ko", ".ko.gz", ".ko.xz", ".ko.zst" };
	size_t n = strlen(name);

	for (size_t i = 0; i < ELEMENTSOF(extensions); i++) {
		size_t e = strlen(extensions[i]);

		if (n > e && strcmp(name + n - e, extensions[i]) == 0)
			return e;
	}
	return 0;
}

bool modname_equal(const char *a, const char *b)
{
	while (*a && folded(*a) == folded(*b)) {
		a++;
		b++;
	}
	return folded(*a) == folded(*b);
}
