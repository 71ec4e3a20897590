// SPDX-License-Identifier: MIT
#include "base/pool.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fileio.h"

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
	/* A thread that cannot be had is no failure: those that run take its share. */
	while (started < workers && pthread_create(&w[started].thread, NULL, work, &w[started]) == 0)
		started++;
	work(&w[0]);
	for (unsigned i = 1; i < started; i++)
		pthread_join(w[i].thread, NULL);
	pthread_mutex_destroy(&p.lock);
	return p.result;
}

/* CPUs by the quota of this process's own cgroup (v2), rounded up; 0 when there is none. */
static unsigned cgroup_cpus(void)
{
	const struct root root = ROOT_REAL;
	char line[512], path[640];
	unsigned long quota, period;

	if (file_read_line(&root, "/proc/self/cgroup", line, sizeof(line)) < 0 || strncmp(line, "0::", 3) != 0)
		return 0;
	snprintf(path, sizeof(path), "/sys/fs/cgroup%s/cpu.max", line + 3);
	if (file_read_line(&root, path, line, sizeof(line)) < 0 ||
	    sscanf(line, "%lu %lu", &quota, &period) != 2 || !quota || !period)
		return 0;
	return (unsigned)((quota + period - 1) / period);
}

unsigned pool_cpus(void)
{
	unsigned cpus = 1, quota;
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		cpus = (unsigned)CPU_COUNT(&set);
	quota = cgroup_cpus();
	return quota && quota < cpus ? quota : cpus;
}
