// SPDX-License-Identifier: MIT
#include "system/release.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

#define MAJOR_MAX 9999
#define MINOR_MAX 99

/* The number at *at, which moves past it; more than max counts as max. */
static int take_number(const char **at, unsigned max, unsigned *ret)
{
	const char *p = *at;
	unsigned n = 0;

	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9'; p++) {
		n = 10 * n + (unsigned)(*p - '0');
		n = n < max ? n : max;
	}
	*at = p;
	*ret = n;
	return 0;
}

int release_version(const char *release, unsigned *ret)
{
	unsigned major, minor;

	if (take_number(&release, MAJOR_MAX, &major) < 0 || *release++ != '.' ||
	    take_number(&release, MINOR_MAX, &minor) < 0)
		return -EINVAL;
	*ret = 100 * major + minor;
	return 0;
}

bool release_is_name(const char *release)
{
	size_t n = 0;

	while (release[n] > ' ' && release[n] <= '~' && release[n] != '/')
		n++;
	return n > 0 && n < RELEASE_MAX && !release[n] && release[0] != '.';
}

int release_dir(const struct kernel *kernel, const char *base, const char *release, char **ret)
{
	_cleanup_free_ char *absolute = NULL;
	struct utsname uts;
	char *dir;
	int r = base && *base ? root_abspath(base, &absolute) : 0;

	if (r == 0 && !release) {
		r = kernel_uname(kernel, &uts);
		release = uts.release;
	}
	if (r < 0)
		return r;
	if (asprintf(&dir, "%s" RELEASES_DIR "/%s", absolute ? absolute : "", release) < 0)
		return -ENOMEM;
	*ret = dir;
	return 0;
}

static bool has_indexes(const struct root *root, const char *release)
{
	_cleanup_buf_ struct buf path = BUF_INIT;

	return buf_addf(&path, RELEASES_DIR "/%s/%s", release, catalog_file_name(CATALOG_DEP)) == 0 &&
	       root_exists(root, buf_str(&path));
}

int releases_installed(const struct root *root, struct strv *ret)
{
	_cleanup_strv_ struct strv names = { 0 };
	int r = root_list(root, RELEASES_DIR, &names);

	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (has_indexes(root, names.items[i]))
			r = strv_add(ret, names.items[i]);
	return r == -ENOENT ? 0 : r;
}

int system_open_catalog(const struct sys *sys, const char *base, const char *release, struct diag *diag,
			struct catalog **ret)
{
	_cleanup_free_ char *dir = NULL;
	int r = release_dir(sys->kernel, base, release, &dir);

	return r < 0 ? r : catalog_open(&sys->root, dir, diag, ret);
}
