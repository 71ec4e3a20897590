// SPDX-License-Identifier: MIT
#include "act/load/parallel.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "act/load/run.h"

struct parallel_node {
	size_t waits; /* predecessors that have not ended */
	size_t first_successor, n_successors;
};

struct parallel {
	const struct run *user; /* as the caller gave it */
	struct sys sys;         /* the same machine, with a sink that takes the lock */
	struct run run;         /* the same with callbacks that take the lock */
	const struct plan *plan;
	const struct graph *graph;
	struct parallel_result *results;
	struct parallel_node *nodes;
	size_t *successors; /* of all nodes, one run each */
	size_t *ready;      /* every node enters once, in the order in which they became ready */
	size_t n_ready, n_taken;
	pthread_mutex_t lock;
	pthread_cond_t news; /* the ready list grew */
};

/* ---- callbacks of the caller, one at a time ---- */

static void locked_starting(void *data, const struct plan_step *step)
{
	struct parallel *p = data;

	pthread_mutex_lock(&p->lock);
	p->user->starting(p->user->data, step);
	pthread_mutex_unlock(&p->lock);
}

static int unlocked_command(void *data, const struct plan_step *step, const char *command)
{
	struct parallel *p = data;

	return p->user->run_command(p->user->data, step, command);
}

static void locked_sink(void *data, const struct diag_msg *msg)
{
	struct parallel *p = data;
	struct diag *d = &p->user->sys->diag;

	pthread_mutex_lock(&p->lock);
	d->sink(d->data, msg);
	pthread_mutex_unlock(&p->lock);
}

/* ---- the graph, reversed ---- */

static void place_successors(struct parallel *p)
{
	size_t at = 0;

	for (size_t i = 0; i < p->graph->n; i++) {
		p->nodes[i].waits = p->graph->nodes[i].n_after;
		for (size_t e = 0; e < p->graph->nodes[i].n_after; e++)
			p->nodes[p->graph->nodes[i].after[e].node].n_successors++;
	}
	for (size_t i = 0; i < p->graph->n; i++) {
		p->nodes[i].first_successor = at;
		at += p->nodes[i].n_successors;
		p->nodes[i].n_successors = 0;
	}
	for (size_t i = 0; i < p->graph->n; i++)
		for (size_t e = 0; e < p->graph->nodes[i].n_after; e++) {
			struct parallel_node *before = &p->nodes[p->graph->nodes[i].after[e].node];

			p->successors[before->first_successor + before->n_successors++] = i;
		}
}

static int prepare(struct parallel *p)
{
	size_t edges = 0;

	for (size_t i = 0; i < p->graph->n; i++)
		edges += p->graph->nodes[i].n_after;
	p->nodes = calloc(p->graph->n + 1, sizeof(*p->nodes));
	p->successors = calloc(edges + 1, sizeof(*p->successors));
	p->ready = calloc(p->graph->n + 1, sizeof(*p->ready));
	if (!p->nodes || !p->successors || !p->ready)
		return -ENOMEM;
	place_successors(p);
	for (size_t i = 0; i < p->graph->n; i++)
		if (p->nodes[i].waits == 0)
			p->ready[p->n_ready++] = i;
	return 0;
}

/* ---- work ---- */

/*
 * A hard dependency that failed makes the node impossible; the first one to fail is the cause. Called under the lock.
 */
static bool is_cancelled(const struct parallel *p, size_t node, struct parallel_result *ret)
{
	const struct graph_node *n = &p->graph->nodes[node];

	for (size_t i = 0; i < n->n_after; i++) {
		size_t before = n->after[i].node;
		const struct parallel_result *r = &p->results[before];

		if (!n->after[i].hard || r->error == 0)
			continue;
		*ret = (struct parallel_result){ -ECANCELED, r->error == -ECANCELED ? r->blocker : before };
		return true;
	}
	return false;
}

/* Called under the lock. */
static void node_ended(struct parallel *p, size_t node)
{
	const struct parallel_node *n = &p->nodes[node];

	for (size_t i = 0; i < n->n_successors; i++) {
		size_t next = p->successors[n->first_successor + i];

		if (--p->nodes[next].waits == 0)
			p->ready[p->n_ready++] = next;
	}
	pthread_cond_broadcast(&p->news);
}

/* Called under the lock, which is released while the step runs. */
static void run_node(struct parallel *p, size_t node)
{
	const struct plan_step *s = &p->plan->steps[p->graph->nodes[node].step];
	struct parallel_result result = { 0 };
	int r = -ECANCELED;

	if (!is_cancelled(p, node, &result)) {
		pthread_mutex_unlock(&p->lock);
		r = run_insert_step(&p->run, s);
		pthread_mutex_lock(&p->lock);
		result.error = r < 0 ? r : 0;
	}
	p->results[node] = result;
	if (p->user->ended)
		p->user->ended(p->user->data, s, r);
	node_ended(p, node);
}

static void *work(void *arg)
{
	struct parallel *p = arg;

	pthread_mutex_lock(&p->lock);
	while (p->n_taken < p->graph->n) {
		if (p->n_taken == p->n_ready)
			pthread_cond_wait(&p->news, &p->lock);
		else
			run_node(p, p->ready[p->n_taken++]);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static void work_on_threads(struct parallel *p, unsigned jobs)
{
	_cleanup_free_ pthread_t *threads = NULL;
	unsigned started = 0;

	jobs = jobs > p->graph->n ? (unsigned)p->graph->n : jobs;
	threads = calloc(jobs + 1, sizeof(*threads));
	/* Failing to start a thread is not an error: the others take its share. */
	while (threads && started + 1 < jobs && pthread_create(&threads[started], NULL, work, p) == 0)
		started++;
	work(p);
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}

int run_parallel(const struct run *r, const struct plan *plan, const struct graph *g, unsigned jobs,
		 struct parallel_result *ret_results)
{
	struct parallel p = { .user = r, .sys = *r->sys, .run = *r, .plan = plan, .graph = g, .results = ret_results };
	int result;

	p.sys.diag = (struct diag){ .sink = locked_sink,
				    .data = &p,
				    .max_level = r->sys->diag.sink ? r->sys->diag.max_level : -1 };
	p.run.sys = &p.sys;
	p.run.data = &p;
	p.run.starting = r->starting ? locked_starting : NULL;
	p.run.run_command = r->run_command ? unlocked_command : NULL;
	result = prepare(&p);
	if (result == 0) {
		pthread_mutex_init(&p.lock, NULL);
		pthread_cond_init(&p.news, NULL);
		work_on_threads(&p, jobs);
		pthread_cond_destroy(&p.news);
		pthread_mutex_destroy(&p.lock);
	}
	free(p.nodes);
	free(p.successors);
	free(p.ready);
	return result;
}
