/* SPDX-License-Identifier: MIT */
#pragma once

/* The module files that the operands of sign and verify stand for, and the kernel whose rules they shall meet. */

#include <pthread.h>

#include "base/vec.h"
#include "face/common/env.h"
#include "face/common/progress.h"

struct module_files {
	bool all;            /* --all: every module of the kernel version */
	const char *version; /* -k, NULL: the running kernel */
};

/*
 * Operands are files and directories. Each file once. Reported: -EINVAL there are no operands, -ENOENT no modules in a
 * directory; what cannot be read (-errno). Of a release (--all) they are those that depmod finds (base/moduletree.h).
 */
int module_files_collect(struct env *env, const struct module_files *m, int n, char **operands, struct strv *ret);
/*
 * 100 * major + minor of the version given (reported with -EINVAL if it is none) or running (RELEASE_VERSION_ASSUMED
 * when that is not known).
 */
int module_files_kernel(struct env *env, const struct module_files *m, unsigned *ret);
/* CPUs, or what a --jobs option says. -EINVAL after reporting. */
int module_files_jobs(struct env *env, const char *arg, unsigned *ret);

/* Progress of files that several threads work on. */
struct file_progress {
	struct progress shown;
	pthread_mutex_t lock; /* guards the rest */
	size_t done, total;
};
void file_progress_init(struct file_progress *p, struct env *env, size_t total);
void file_progress_step(struct file_progress *p);
void file_progress_done(struct file_progress *p);
