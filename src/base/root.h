/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A directory that stands for "/". All rooms name files by their logical path; the prefix is added only at
 * the system call, so messages and output never show it. A relative path is taken as it is, against the
 * working directory. Symbolic links are followed by the kernel and may lead out of the root: this is for
 * tests and for working on images by a trusted administrator, not a sandbox.
 */

#include <dirent.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/vec.h"

struct root {
	const char *prefix; /* "" for the real one; borrowed, without trailing slash */
};

#define ROOT_REAL ((struct root){ "" })

/* The path to hand to the kernel, in buf of PATH_MAX bytes or path itself. NULL and errno ENAMETOOLONG. */
const char *root_path(const struct root *root, const char *path, char *buf);

/*
 * The logical path DIR/NAME, with so many bytes of the name. NULL: no memory. It does without printf(3), whose first
 * call costs several pages.
 */
char *root_join(const char *dir, const char *name, size_t len);

/*
 * The path made absolute: the working directory as the shell shows it (get_current_dir_name(3)), a slash and the
 * path. As with kmod, it is not cleaned up in any way. The caller owns it. 0 or -errno.
 */
int root_abspath(const char *path, char **ret);

int root_open(const struct root *root, const char *path, int flags); /* fd or -errno; O_CLOEXEC is added */
int root_create(const struct root *root, const char *path, int flags, mode_t mode); /* same, O_CREAT is added */
int root_stat(const struct root *root, const char *path, struct stat *ret);         /* follows links; 0 or -errno */
bool root_exists(const struct root *root, const char *path);
bool root_is_regular(const struct root *root, const char *path);
int root_opendir(const struct root *root, const char *path, DIR **ret); /* 0 or -errno */
/* Names of the entries of a directory without those that begin with a dot, sorted. Appends. 0 or -errno. */
int root_list(const struct root *root, const char *path, struct strv *ret);
int root_unlink(const struct root *root, const char *path); /* 0 or -errno; -ENOENT: not there */
/* Creates the directory with all parents, mode 0755 & ~umask. An existing one is fine. */
int root_mkdirs(const struct root *root, const char *path);
