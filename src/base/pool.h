/* SPDX-License-Identifier: MIT */
#pragma once

/* Worker threads over a numbered list of independent jobs. */

#include <stddef.h>

#include "base/root.h"

/*
 * Calls job(data, worker, index) once for every index below n. worker is 0..workers-1 and lets a job use
 * its own scratch memory. Jobs are handed out in ascending order. With workers <= 1 everything runs in the
 * calling thread. Returns 0, or the negative result of the lowest index whose job failed, after all ran.
 */
int pool_run(unsigned workers, size_t n, int (*job)(void *data, unsigned worker, size_t index), void *data);

/* CPUs that this process may use: affinity mask, and the quota if it is lower. At least 1. */
unsigned pool_cpus(void);
/*
 * The lowest cgroup v2 quota (cpu.max) of this process's group and those above it, rounded up to CPUs; UINT_MAX:
 * none.
 */
unsigned pool_quota(const struct root *root);
