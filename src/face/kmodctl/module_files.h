/* SPDX-License-Identifier: MIT */
#pragma once

/* The module files that the operands of sign and verify stand for, and the kernel whose rules they must meet. */

#include <pthread.h>

#include "base/vec.h"
#include "face/common/env.h"
#include "face/common/progress.h"

struct module_files {
	bool all;            /* --all: every module of the kernel version */
	const char *version; /* -k, NULL: the running kernel */
};

/* Paths, and how much of each the user named (base/place.h): what was found below a directory is not to be a link. */
struct module_list {
	struct strv paths;
	struct module_tops {
		size_t *items;
		size_t n, cap;
	} tops; /* one for each path */
};
void module_list_done(struct module_list *l);

/*
 * Operands are files and directories. Each file is listed once. Errors are reported: -EINVAL no operands, -ENOENT a
 * directory without modules, -errno what cannot be read. For a release (--all) the files are those that depmod finds
 * (base/moduletree.h).
 */
int module_files_collect(struct env *env, const struct module_files *m, int n, char **operands,
			 struct module_list *ret);
/*
 * 100 * major + minor of the version given (-EINVAL, reported, if it is not a version) or of the running kernel
 * (RELEASE_VERSION_ASSUMED when that is not known).
 */
int module_files_kernel(struct env *env, const struct module_files *m, unsigned *ret);
/* The number that a --jobs option gives. -EINVAL after reporting. */
int module_files_jobs(struct env *env, const char *arg, unsigned *ret);

#define _cleanup_module_list_ _cleanup_(module_list_done)

/* Progress of files that several threads work on. */
struct file_progress {
	struct progress shown;
	pthread_mutex_t lock; /* guards the rest */
	size_t done, total;
};
void file_progress_init(struct file_progress *p, struct env *env, size_t total);
void file_progress_step(struct file_progress *p);
void file_progress_done(struct file_progress *p);
