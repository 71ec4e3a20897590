// SPDX-License-Identifier: MIT
#include "base/pool.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fileio.h"
#include "base/num.h"

struct pool {
	int (*job)(void *data, unsigned worker, size_t index);
	void *data;
	size_t n;
	atomic_size_t next;
	pthread_mutex_t lock; /* guards the two below */
	size_t failed;
	int result;
};

struct pool_worker {
	struct pool *pool;
	unsigned number;
	pthread_t thread;
};

static void note_failure(struct pool *p, size_t index, int r)
{
	pthread_mutex_lock(&p->lock);
	if (index < p->failed) {
		p->failed = index;
		p->result = r;
	}
	pthread_mutex_unlock(&p->lock);
}

static void *work(void *arg)
{
	struct pool_worker *w = arg;
	struct pool *p = w->pool;

	for (;;) {
		size_t i = atomic_fetch_add(&p->next, 1);
		int r;

		if (i >= p->n)
			return NULL;
		r = p->job(p->data, w->number, i);
		if (r < 0)
			note_failure(p, i, r);
	}
}

int pool_run(unsigned workers, size_t n, int (*job)(void *data, unsigned worker, size_t index), void *data)
{
	struct pool p = { .job = job, .data = data, .n = n, .failed = SIZE_MAX };
	_cleanup_free_ struct pool_worker *w = NULL;
	unsigned started = 1;

	workers = workers ? workers : 1;
	workers = workers > n ? (unsigned)(n ? n : 1) : workers;
	w = calloc(workers, sizeof(*w));
	if (!w)
		return -ENOMEM;
	pthread_mutex_init(&p.lock, NULL);
	for (unsigned i = 0; i < workers; i++)
		w[i] = (struct pool_worker){ .pool = &p, .number = i };
	/* Failing to start a thread is not an error: the others take its share. */
	while (started < workers && pthread_create(&w[started].thread, NULL, work, &w[started]) == 0)
		started++;
	work(&w[0]);
	for (unsigned i = 1; i < started; i++)
		pthread_join(w[i].thread, NULL);
	pthread_mutex_destroy(&p.lock);
	return p.result;
}

#define CGROUPS "/sys/fs/cgroup"

/* CPUs by the quota of one group, rounded up; UINT_MAX when it has none. */
static unsigned group_quota(const struct root *root, const char *group)
{
	char line[128], path[PATH_MAX];
	uint64_t quota, period, cpus;
	const char *p = line;
	int n = snprintf(path, sizeof(path), "%s/cpu.max", group);

	if (n < 0 || n >= PATH_MAX || file_read_line(root, path, line, sizeof(line)) < 0 || !scan_u64(&p, &quota) ||
	    !scan_u64(&p, &period) || !quota || !period)
		return UINT_MAX;
	cpus = quota / period + (quota % period != 0);
	return cpus < UINT_MAX ? (unsigned)cpus : UINT_MAX;
}

unsigned pool_quota(const struct root *root)
{
	_cleanup_buf_ struct buf groups = BUF_INIT;
	unsigned lowest = UINT_MAX, quota;
	char group[PATH_MAX], *slash;
	const char *own;
	int n;

	if (file_read(root, "/proc/self/cgroup", 65536, &groups) < 0)
		return UINT_MAX;
	/* The line of version 2, alone or among those of version 1. */
	own = strncmp(buf_str(&groups), "0::/", 4) == 0 ? buf_str(&groups) : strstr(buf_str(&groups), "\n0::/");
	if (!own)
		return UINT_MAX;
	own = strchr(own, '/');
	n = snprintf(group, sizeof(group), CGROUPS "%.*s", (int)strcspn(own, "\n"), own);
	if (n < 0 || n >= PATH_MAX)
		return UINT_MAX;
	for (;;) {
		quota = group_quota(root, group);
		lowest = quota < lowest ? quota : lowest;
		slash = strrchr(group, '/');
		if (slash < group + strlen(CGROUPS))
			return lowest;
		*slash = '\0';
	}
}

unsigned pool_cpus(void)
{
	const struct root root = ROOT_REAL;
	unsigned cpus, quota = pool_quota(&root);
	cpu_set_t set;

	/* Fails when there are more CPUs than the set has room for. */
	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		cpus = (unsigned)CPU_COUNT(&set);
	else
		cpus = CPU_SETSIZE;
	return quota < cpus ? quota : cpus;
}
