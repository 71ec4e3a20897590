/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A kernel made of files: DIR/proc/modules and DIR/sys/module hold its state, system calls change them, and
 * everything that reads a root sees the result. What it does with a module image:
 *
 *         name=, depends=   are taken from the strings of .modinfo; a dependency that is not loaded gives ENOENT, one
 * that is                       gets a user   options           become DIR/sys/module/NAME/parameters/KEY
 * compressed        finit_module only with its flag and if DIR/sys/module/compression has the word
 *
 * Calls may come from many threads at once: they are carried out one by one, and what others read meanwhile is whole.
 *
 * The test steers it with files in DIR/fake (the log is written there):
 *
 *         errors   lines `finit|init|delete NAME|* ERRNO [TIMES]`: the call fails so often (default: always), before
 * anything else        log      one line per call: `finit NAME flags=0 options=... = 0`
 *
 * DIR/proc/sys/kernel/osrelease is uname's release; without it FAKE_RELEASE.
 */

#include <pthread.h>

#include "base/root.h"
#include "read/kernel/calls.h"

#define FAKE_RELEASE "6.12.0-test"

struct fake_kernel {
	struct root root;
	struct kernel kernel;
	pthread_mutex_t lock; /* tools may load in parallel */
};

/*
 * dir is borrowed. Modules of DIR/proc/modules that have no directory in DIR/sys/module get one; those that have keep
 * theirs as it is. Makes an empty DIR/proc/modules when there is none and DIR/fake/no-modules does not exist. 0 or
 * -errno.
 */
int fake_kernel_init(struct fake_kernel *k, const char *dir);
void fake_kernel_done(struct fake_kernel *k);
