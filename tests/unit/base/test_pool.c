// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>

#include "base/pool.h"

struct tally {
	atomic_int seen[1000];
	atomic_uint highest_worker;
};

static int count(void *data, unsigned worker, size_t i)
{
	struct tally *t = data;

	atomic_fetch_add(&t->seen[i], 1);
	if (worker > t->highest_worker)
		t->highest_worker = worker;
	return i % 100 == 42 ? -(int)i : 0;
}

static void every_job_once_and_lowest_failure(void **state)
{
	(void)state;
	for (unsigned workers = 0; workers < 5; workers++) {
		struct tally t = { 0 };

		assert_int_equal(pool_run(workers, 1000, count, &t), -42);
		for (size_t i = 0; i < 1000; i++)
			assert_int_equal(t.seen[i], 1);
		assert_true(t.highest_worker < (workers ? workers : 1));
	}
}

static void no_jobs(void **state)
{
	(void)state;
	assert_int_equal(pool_run(4, 0, count, NULL), 0);
	assert_true(pool_cpus() >= 1);
}

static void lowest_quota_on_the_way_up_counts(void **state)
{
	char *dir = unit_mkdtemp();
	const struct root root = { .prefix = dir };

	(void)state;
	assert_int_equal(pool_quota(&root), UINT_MAX);
	unit_puts(dir, "proc/self/cgroup", "9:cpu:/v1\n0::/a.slice/b.service\n");
	assert_int_equal(pool_quota(&root), UINT_MAX);
	unit_puts(dir, "sys/fs/cgroup/a.slice/b.service/cpu.max", "max 100000\n");
	assert_int_equal(pool_quota(&root), UINT_MAX);
	unit_puts(dir, "sys/fs/cgroup/a.slice/b.service/cpu.max", "800000 100000\n");
	assert_int_equal(pool_quota(&root), 8);
	unit_puts(dir, "sys/fs/cgroup/a.slice/cpu.max", "250000 100000\n");
	assert_int_equal(pool_quota(&root), 3);
	unit_puts(dir, "sys/fs/cgroup/cpu.max", "10000 100000\n");
	assert_int_equal(pool_quota(&root), 1);
	unit_puts(dir, "proc/self/cgroup", "0::/\n");
	assert_int_equal(pool_quota(&root), 1);
	unit_puts(dir, "proc/self/cgroup", "9:cpu:/a.slice\n");
	assert_int_equal(pool_quota(&root), UINT_MAX);
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_job_once_and_lowest_failure),
		cmocka_unit_test(no_jobs),
		cmocka_unit_test(lowest_quota_on_the_way_up_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
