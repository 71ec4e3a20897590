/* SPDX-License-Identifier: MIT */
#pragma once

/* Kernel releases ("6.12.1-arch1"): their versions, their directories, and which are installed. */

#include <stdbool.h>

#include "base/paths.h"
#include "base/root.h"
#include "read/index/catalog.h"
#include "read/kernel/calls.h"
#include "system/sys.h"

/* The version whose rules apply when the kernel's version is unknown. */
#define RELEASE_VERSION_ASSUMED 612

/*
 * 100 * major + minor of a release or version, 612 for 6.12.1; a minor above 99 counts as 99, so that versions stay in
 * order. -EINVAL: it does not begin with two numbers and a dot between them.
 */
int release_version(const char *release, unsigned *ret);

/* With its NUL: the limit of uname(2). */
#define RELEASE_MAX 65
/*
 * Can it be part of a path? For those that a file or somebody else names: graphic characters of ASCII without '/', and
 * fewer than RELEASE_MAX.
 */
bool release_is_name(const char *release);

/*
 * BASE/lib/modules/RELEASE. base "" or NULL: none; a relative one is made absolute. release NULL: the running one. 0
 * or -errno.
 */
int release_dir(const struct kernel *kernel, const char *base, const char *release, char **ret);

/* Appends the releases with indexes, sorted. Removed kernels leave directories without indexes behind. 0 or -errno. */
int releases_installed(const struct root *root, struct strv *ret);

/*
 * The catalog of release_dir(). The directory need not exist. Damaged files are reported to diag when a query opens
 * them; with diag NULL they are not reported.
 */
int system_open_catalog(const struct sys *sys, const char *base, const char *release, struct diag *diag,
			struct catalog **ret);
