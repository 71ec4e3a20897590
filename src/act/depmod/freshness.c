// SPDX-License-Identifier: MIT
#include "act/depmod/freshness.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "act/depmod/outputs.h"
#include "act/depmod/scan.h"

static int renew_time(const struct root *root, const char *dir, const struct freshness *f)
{
	struct timespec now;
	struct stat st;
	int newer;

	if (fstatat(f->dir_fd, output_name(OUTPUT_DEP), &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    clock_gettime(CLOCK_REALTIME, &now) < 0)
		return -errno;
	newer = timespec_after(f->newest, st.st_mtim);
	if (!newer && f->hidden)
		newer = scan_is_newer(root, dir, st.st_mtim);
	if (newer <= 0 || timespec_after(f->newest, now))
		return newer < 0 ? newer : 0;
	return utimensat(f->dir_fd, output_name(OUTPUT_DEP), NULL, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

void freshness_renew(const struct root *root, const char *dir, const struct freshness *f, struct diag *diag)
{
	int r = renew_time(root, dir, f);

	if (r < 0)
		diag_warn(diag, "depmod.time", "could not set the time of %s/%s: %s; ignored", dir,
			  output_name(OUTPUT_DEP), strerror(-r));
}

bool freshness_is_up_to_date(const struct root *root, const char *in_dir, struct diag *diag)
{
	char path[PATH_MAX];
	struct stat st;
	int n = snprintf(path, sizeof(path), "%s/%s", in_dir, output_name(OUTPUT_DEP));
	int r = n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : root_stat(root, path, &st);

	if (r < 0) {
		diag_err(diag, "depmod.quick", "could not fstatat(%s, %s): %s", in_dir, output_name(OUTPUT_DEP),
			 strerror(-r));
		return false;
	}
	return scan_is_newer(root, in_dir, st.st_mtim) == 0;
}
