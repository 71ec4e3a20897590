// SPDX-License-Identifier: MIT
#include "verb/boot/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "base/vec.h"
#include "decide/plan/order.h"
#include "decide/plan/resolve.h"
#include "system/live_sysfs.h"
#include "system/release.h"

/* More threads than this only wait for the kernel's own locks. */
#define JOBS_MAX 16

/* ---- wishes into a plan ---- */

static struct boot_wish *add_wish(struct boot_load *b, const struct modload_entry *e)
{
	if (vec_room(&b->wishes, b->n, &b->cap) < 0)
		return NULL;
	b->wishes[b->n] = (struct boot_wish){ .entry = e, .outcome = BOOT_NOT_FOUND };
	return &b->wishes[b->n++];
}

static enum boot_outcome outcome_of_verdict(enum plan_verdict v)
{
	switch (v) {
	case PLAN_BUILTIN:
		return BOOT_BUILTIN;
	case PLAN_DENIED:
		return BOOT_DENIED;
	case PLAN_LOADED:
		return BOOT_ALREADY;
	default:
		return BOOT_LOADED;
	}
}

static int plan_candidate(struct boot_load *b, const struct modload_entry *e, const struct candidate *c)
{
	const struct order_options o = { .asked = e->name, .extra = e->options, .deny = true, .deny_by_alias = true };
	struct boot_wish *w = add_wish(b, e);
	int r;

	if (!w)
		return -ENOMEM;
	r = order_load(&b->world, c, &o, &b->plan);
	if (r < 0)
		return r;
	w->request = b->plan.n_requests - 1;
	w->outcome = outcome_of_verdict(b->plan.requests[w->request].verdict);
	return 0;
}

static int plan_entry(struct boot_load *b, const struct modload_entry *e)
{
	_cleanup_candidates_ struct candidates found = { 0 };
	int r = resolve(&b->world, e->name, &found);

	if (r == -ENOMEM)
		return r;
	if (r < 0 || found.n == 0)
		return add_wish(b, e) ? 0 : -ENOMEM;
	r = 0;
	for (size_t i = 0; r == 0 && i < found.n; i++)
		r = plan_candidate(b, e, &found.items[i]);
	return r;
}

int boot_load_plan(struct boot_load *b)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->list.n; i++)
		r = plan_entry(b, &b->list.items[i]);
	return r < 0 ? r : plan_graph(&b->world, &b->plan, &b->graph);
}

/* ---- carrying out ---- */

int boot_load_run(struct boot_load *b, unsigned jobs, void (*starting)(void *data, const struct plan_step *step),
		  void *data)
{
	const struct run run = { .sys = b->sys, .live = &b->live, .starting = starting, .data = data };
	unsigned cpus = pool_cpus();

	int r = policy_check(b->world.policy, &b->sys->diag);

	if (r < 0)
		return r;
	b->results = calloc(b->graph.n + 1, sizeof(*b->results));
	if (!b->results)
		return -ENOMEM;
	if (jobs == 0)
		jobs = cpus < JOBS_MAX ? cpus : JOBS_MAX;
	return boot_timed_run(b, &run, jobs);
}

bool boot_load_failed(const struct boot_load *b, const struct boot_wish *w, size_t *ret_node)
{
	size_t node;

	if (w->outcome != BOOT_LOADED || !graph_find(&b->graph, b->plan.requests[w->request].name, &node) ||
	    b->results[node].error >= 0)
		return false;
	*ret_node = node;
	return true;
}

bool boot_wish_is_failure(const struct boot_wish *w)
{
	return w->outcome == BOOT_FAILED && w->error != -ENODEV && w->error != -ENOENT;
}

/* ---- set-up ---- */

int boot_load_open(struct sys *sys, const char *const *files, struct boot_load *ret)
{
	struct modload_request wanted = { .root = sys->root, .files = files };
	struct policy_request policy = { .root = sys->root };
	int r;

	*ret = (struct boot_load){ .sys = sys };
	r = modload_read(&wanted, &sys->diag, &ret->list);
	if (r >= 0)
		r = system_open_catalog(sys, NULL, NULL, &sys->diag, &ret->catalog);
	if (r >= 0)
		policy.moduledir = catalog_dir(ret->catalog);
	if (r >= 0)
		r = policy_load(&policy, &sys->diag, &ret->policy);
	ret->live = live_sysfs(&sys->root);
	ret->world = (struct plan_world){
		.catalog = ret->catalog, .policy = ret->policy, .live = &ret->live, .diag = &sys->diag
	};
	return r;
}

void boot_load_done(struct boot_load *b)
{
	for (size_t i = 0; i < b->n; i++)
		why_done(&b->wishes[i].causes);
	free(b->wishes);
	free(b->results);
	graph_done(&b->graph);
	plan_done(&b->plan);
	catalog_close(b->catalog);
	policy_free(b->policy);
	modload_done(&b->list);
}
