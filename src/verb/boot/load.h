/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What modules-load.d(5), the kernel command line and /etc/modules ask for, loaded as one plan without barriers: the
 * load of a module starts as soon as its own dependencies are loaded.
 */

#include "act/load/parallel.h"
#include "read/conf/modload.h"
#include "system/sys.h"
#include "verb/why/finding.h"

enum boot_outcome { BOOT_LOADED, BOOT_ALREADY, BOOT_BUILTIN, BOOT_DENIED, BOOT_NOT_FOUND, BOOT_FAILED };

/* One module that an entry stands for. */
struct boot_wish {
	const struct modload_entry *entry;
	size_t request; /* in the plan; unused if not found */
	enum boot_outcome
		outcome;     /* BOOT_LOADED also when its load failed, until the caller looks (boot_load_failed()) */
	int error;           /* BOOT_FAILED: of the module named by culprit */
	const char *culprit; /* itself, or the dependency that failed */
	struct why causes;   /* of the failure: what the caller found */
};

struct boot_load {
	struct sys *sys;
	struct modload list; /* list.error: of a list that could not be read */
	struct policy *policy;
	struct catalog *catalog;
	struct live_view live;
	struct plan_world world;
	struct plan plan;
	struct graph graph;
	struct parallel_result *results; /* of each node of the graph, once it was carried out */
	struct boot_wish *wishes;        /* in the order of the list */
	size_t n, cap;
};

/*
 * Reads the lists (files NULL: the standard ones) and opens what decides about them. *ret points into itself: it must
 * not be moved, and must be closed with boot_load_done() also after a failure. 0 or -errno.
 */
int boot_load_open(struct sys *sys, const char *const *files, struct boot_load *ret);
/* Turns the entries into wishes, and the wishes into one plan. 0 or -errno. */
int boot_load_plan(struct boot_load *b);
/*
 * Carries it out. jobs 0: by the number of CPUs. starting() is called before each step. 0, or -errno: it could not
 * start.
 */
int boot_load_run(struct boot_load *b, unsigned jobs, void (*starting)(void *data, const struct plan_step *step),
		  void *data);
/* Did the load of this wish fail? Then its node of the graph, whose result says by what. */
bool boot_load_failed(const struct boot_load *b, const struct boot_wish *w, size_t *ret_node);
/*
 * As with systemd, a missing device (ENODEV) and a missing file or symbol (ENOENT) are reported, but are not
 * failures.
 */
bool boot_wish_is_failure(const struct boot_wish *w);
void boot_load_done(struct boot_load *b);

/* ---- for boot_load_run() ---- */

/*
 * As run_parallel(), for a run without run_command(), and records how long each module took (record.h). A record that
 * cannot be written is not an error; the small kmod keeps none.
 */
#ifdef KMODCTL_SMALL
static inline int boot_timed_run(struct boot_load *b, const struct run *run, unsigned jobs)
{
	return run_parallel(run, &b->plan, &b->graph, jobs, b->results);
}
#else
int boot_timed_run(struct boot_load *b, const struct run *run, unsigned jobs);
#endif
