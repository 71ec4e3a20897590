/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A directory that stands for "/". All rooms name files by their logical path; the prefix is added only at
 * the system call, so messages and output never show it. A relative path is taken as it is, against the
 * working directory. Symbolic links are followed by the kernel and may lead out of the root.
 *
 * Trees below it that belong to somebody else (depmod -b, modprobe -d) have anchors: such a directory is opened once,
 * and whatever lies below it is reached from that descriptor with base/inroot.h, so that nothing in the tree leads
 * outside of it. All calls here but root_path() do so.
 */

#include <dirent.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/inroot.h"
#include "base/vec.h"

struct root_anchor {
	struct root_anchor *next;
	struct inroot in; /* .fd: or -errno, which is then the result of each call below it */
	char path[];      /* logical and absolute */
};

struct root {
	const char *prefix;          /* "" for the real one; borrowed, without trailing slash */
	struct root_anchor *anchors; /* borrowed by copies; the owner calls root_anchors_close() */
};

#define ROOT_REAL ((struct root){ .prefix = "" })

/*
 * Makes the directory an anchor. Itself it is reached as any path: links in it are followed, unless it lies below
 * another anchor. "/" and "" are no anchors. It need not exist: root_mkdirs() of a path below it makes it and opens it.
 * 0 or -errno, for lack of memory or because a relative path cannot be made absolute.
 */
int root_anchor_add(struct root *root, const char *path);
/*
 * Makes the directory stand for "/" itself: whatever is named by an absolute path is reached below it from now on, and
 * no link leads out. 0 or -errno.
 */
int root_enter(struct root *root, const char *dir);
void root_anchors_close(struct root *root);
/*
 * Does the path lie below an anchor? A path that leads out of one at once, as in ANCHOR/../x, does not: only a user
 * names such a path. Any other ".." does not lead out.
 */
bool root_is_anchored(const struct root *root, const char *path);
/* The path of that anchor, NULL if there is none. Borrowed. */
const char *root_anchor_of(const struct root *root, const char *path);

/*
 * The path to hand to the kernel, in buf of PATH_MAX bytes or path itself. NULL and errno ENAMETOOLONG. Only for paths
 * that never lie below an anchor.
 */
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
/*
 * Of a path below an anchor: the directory of its last name, as inroot_open_parent() opens it. -EXDEV: it does not lie
 * below one.
 */
int root_open_parent(const struct root *root, const char *path, char ret_name[static NAME_MAX + 1]);
bool root_exists(const struct root *root, const char *path);
bool root_is_regular(const struct root *root, const char *path);
int root_opendir(const struct root *root, const char *path, DIR **ret); /* 0 or -errno */
/* Names of the entries of a directory without those that begin with a dot, sorted. Appends. 0 or -errno. */
int root_list(const struct root *root, const char *path, struct strv *ret);
int root_unlink(const struct root *root, const char *path); /* 0 or -errno; -ENOENT: not there */
/* Creates the directory with all parents, mode 0755 & ~umask. An existing one is fine. */
int root_mkdirs(const struct root *root, const char *path);
