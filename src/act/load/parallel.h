/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Carries out a plan of many requests in parallel: each module is loaded as soon as what it waits for has ended. There
 * are no barriers.
 */

#include "act/load/run.h"
#include "decide/plan/graph.h"

struct parallel_result {
	int error;      /* 0; -errno of its own load; -ECANCELED: a hard dependency failed */
	size_t blocker; /* -ECANCELED: the node that failed first */
};

/*
 * jobs: threads, at least 1. ret_results: one per node of the graph, allocated by the caller. The callbacks of *r are
 * called under a lock, from any of the threads; commands run without it. 0, or -errno when it could not start.
 */
int run_parallel(const struct run *r, const struct plan *p, const struct graph *g, unsigned jobs,
		 struct parallel_result *ret_results);
