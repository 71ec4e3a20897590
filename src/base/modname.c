// SPDX-License-Identifier: MIT
#include "base/modname.h"

#include <errno.h>
#include <stdint.h>
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

/* The last component of so many bytes. */
static bool take_component(const char *path, size_t n, char ret[static MODNAME_MAX])
{
	char name[MODNAME_MAX];
	size_t before;

	while (n && path[n - 1] == '/')
		n--;
	before = n;
	while (before && path[before - 1] != '/')
		before--;
	if (n - before >= sizeof(name))
		return false;
	memcpy(name, path + before, n - before);
	name[n - before] = '\0';
	return modname_normalize(name, ret) == 0;
}

bool modname_of_sysfs(const char *written, char ret[static MODNAME_MAX])
{
	static const char sysfs[] = "/sys/module/";
	size_t before = sizeof(sysfs) - 1, n;

	if (strncmp(written, sysfs, before) != 0)
		return false;
	n = strcspn(written + before, "/");
	return n > 0 && take_component(written, before + n, ret);
}

bool modname_of_file(const char *written, char ret[static MODNAME_MAX])
{
	if (!strchr(written, '/') && !modname_extension(written))
		return false;
	return modname_of_sysfs(written, ret) || take_component(written, strlen(written), ret);
}

/* The same byte eight times. */
#define EIGHT(c) (UINT64_C(0x0101010101010101) * (unsigned char)(c))

/* The highest bit of each byte that is c. */
static uint64_t bytes_equal(uint64_t word, char c)
{
	uint64_t x = word ^ EIGHT(c);

	return ~(((x & EIGHT(0x7f)) + EIGHT(0x7f)) | x | EIGHT(0x7f));
}

/* Normalizes words of eight bytes up to the first one with a bracket. Returns how many bytes that were. */
static size_t fold_words(const char *alias, size_t n, char *ret)
{
	size_t i;

	for (i = 0; i + 8 <= n; i += 8) {
		uint64_t word;

		memcpy(&word, alias + i, 8);
		if (bytes_equal(word, '[') | bytes_equal(word, ']'))
			break;
		word ^= (bytes_equal(word, '-') >> 7) * ('-' ^ '_');
		memcpy(ret + i, &word, 8);
	}
	return i;
}

int alias_normalize(const char *alias, char *ret, size_t cap)
{
	size_t n = strlen(alias);

	if (n >= cap)
		return -ENAMETOOLONG;
	for (size_t i = fold_words(alias, n, ret); i < n; i++) {
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

int modname_compare_n(const char *a, size_t a_len, const char *b, size_t b_len)
{
	if (a_len != b_len)
		return a_len < b_len ? -1 : 1;
	for (size_t i = 0; i < a_len; i++)
		if (folded(a[i]) != folded(b[i]))
			return folded(a[i]) - folded(b[i]);
	return 0;
}

bool modname_equal_n(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return modname_compare_n(a, a_len, b, b_len) == 0;
}

bool modname_equal(const char *a, const char *b)
{
	return modname_equal_n(a, strlen(a), b, strlen(b));
}
