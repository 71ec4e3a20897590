/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The kernel that judges a file, as sign and verify do it: the one that -k or --all names, or else the one that the
 * file was built for, by its vermagic.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "read/image/source.h"
#include "read/kernel/target.h"
#include "system/module_files.h"
#include "system/release.h"
#include "system/sys.h"

#define FILE_KERNELS_MAX 64

struct file_kernels {
	struct sys *sys;
	struct kernel_target usual; /* the named or the running one */
	bool is_named;
	char running[RELEASE_MAX]; /* "": not known */
	pthread_mutex_t lock;      /* guards the rest */
	struct known_kernel *known;
	size_t n, cap;
};

/* As kernel_target_read(). */
int file_kernels_open(struct sys *sys, const struct module_files *files, struct file_kernels *ret);
void file_kernels_done(struct file_kernels *k);
#define _cleanup_file_kernels_ _cleanup_(file_kernels_done)

/*
 * From any thread. 1: *ret is a kernel that the file was built for, which is neither named nor running; its
 * configuration is read for the first FILE_KERNELS_MAX of which there is one. 0: k->usual judges the file, which is
 * *ret then: also one that does not say what it was built for, or not in the form of a version. -ENOMEM
 */
int file_kernel_find(struct file_kernels *k, struct source *src, struct kernel_target *ret);
