/* SPDX-License-Identifier: MIT */
#pragma once

/* The module files that the operands of sign and verify stand for, and the kernel whose rules they shall meet. */

#include "base/vec.h"
#include "tools/env.h"

struct module_files {
	bool all;            /* --all: every module of the kernel version */
	const char *version; /* -k, NULL: the running kernel */
};

/* Operands are files and directories. -EINVAL when there are none (reported), else as tree_collect(). */
int module_files_collect(struct env *env, const struct module_files *m, int n, char **operands, struct strv *ret);
/* 100 * major + minor of the version given or running; 612 when that cannot be read as one. */
unsigned module_files_kernel(struct env *env, const struct module_files *m);
/* CPUs, or what a --jobs option says. -EINVAL after reporting. */
int module_files_jobs(struct env *env, const char *arg, unsigned *ret);
