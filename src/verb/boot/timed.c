// SPDX-License-Identifier: MIT
/* How long each module of a boot took: measured while the plan is carried out, and recorded. */
#include "verb/boot/load.h"

#ifndef KMODCTL_SMALL
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "verb/boot/record.h"

#define USEC_PER_SEC 1000000u
#define NSEC_PER_USEC 1000u

struct step_times {
	uint64_t start, end; /* 0: it was not started */
	int error;           /* 0 or -errno */
};

struct timing {
	const struct boot_load *load;
	const struct run *user;
	struct step_times *steps; /* of each step of the plan */
};

static uint64_t now(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) < 0)
		return 0;
	return (uint64_t)t.tv_sec * USEC_PER_SEC + (uint64_t)t.tv_nsec / NSEC_PER_USEC;
}

static void starting(void *data, const struct plan_step *step)
{
	struct timing *t = data;

	if (t->user->starting)
		t->user->starting(t->user->data, step);
	t->steps[step - t->load->plan.steps].start = now();
}

static void ended(void *data, const struct plan_step *step, int result)
{
	struct timing *t = data;
	struct step_times *s = &t->steps[step - t->load->plan.steps];

	if (!s->start)
		return;
	s->end = now();
	s->error = result > 0 ? -EEXIST : result;
}

/* The first entry that wants the step. */
static const struct modload_entry *entry_of(const struct boot_load *b, size_t step)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct boot_wish *w = &b->wishes[i];
		const struct plan_request *r;

		if (w->outcome == BOOT_NOT_FOUND)
			continue;
		r = &b->plan.requests[w->request];
		if (step >= r->first && step - r->first < r->n)
			return w->entry;
	}
	return NULL;
}

static void add_record(const struct timing *t, size_t i, struct buf *lines)
{
	const struct plan_step *step = &t->load->plan.steps[i];
	const struct modload_entry *entry = entry_of(t->load, i);
	_cleanup_buf_ struct buf asked = BUF_INIT;

	buf_adds(&asked, entry ? entry->file : "?");
	if (entry && entry->line)
		buf_addf(&asked, ":%u", entry->line);
	if (step->origin)
		buf_addf(&asked, " for %s", step->origin);
	boot_record_add(lines, &(struct boot_record){ .start = t->steps[i].start,
						      .end = t->steps[i].end,
						      .error = (uint64_t)-t->steps[i].error,
						      .module = step->name,
						      .asked = buf_str(&asked) });
}

int boot_timed_run(struct boot_load *b, const struct run *run, unsigned jobs)
{
	_cleanup_free_ struct step_times *steps = calloc(b->plan.n + 1, sizeof(*steps));
	struct timing t = { .load = b, .user = run, .steps = steps };
	_cleanup_buf_ struct buf lines = BUF_INIT;
	struct run timed = *run;
	int r;

	if (!steps)
		return run_parallel(run, &b->plan, &b->graph, jobs, b->results);
	timed.starting = starting;
	timed.ended = ended;
	timed.data = &t;
	r = run_parallel(&timed, &b->plan, &b->graph, jobs, b->results);
	for (size_t i = 0; r == 0 && i < b->plan.n; i++)
		if (steps[i].end)
			add_record(&t, i, &lines);
	/* Nobody needs it for the boot. */
	(void)boot_record_append(&b->sys->root, &lines);
	return r;
}
#endif
