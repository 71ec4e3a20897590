// SPDX-License-Identifier: MIT
#include "verb/report/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "verb/why/parts.h"

/* ---- where modules come from ---- */

const char *snapshot_origin_name(enum snapshot_origin origin)
{
	static const char *const names[] = {
		[SNAPSHOT_IN_TREE] = "in-tree", [SNAPSHOT_DKMS] = "dkms",   [SNAPSHOT_UPDATES] = "updates",
		[SNAPSHOT_EXTRA] = "extra",     [SNAPSHOT_OTHER] = "other", [SNAPSHOT_UNKNOWN] = "unknown",
	};

	return names[origin];
}

static enum snapshot_origin origin_of(const struct loaded_module *m)
{
	if (!m->path)
		return SNAPSHOT_UNKNOWN;
	if (!m->place)
		return SNAPSHOT_OTHER;
	if (strcmp(m->place, "kernel") == 0)
		return strchr(m->live->taint, 'O') ? SNAPSHOT_OTHER : SNAPSHOT_IN_TREE;
	return strcmp(m->place, "updates") == 0 ? SNAPSHOT_UPDATES :
	       strcmp(m->place, "extra") == 0   ? SNAPSHOT_EXTRA :
						  SNAPSHOT_OTHER;
}

/* DKMS installs beside kernel/, into a directory that depends on the distribution. */
static int find_origin(const struct why_query *q, struct arena *strings, struct snapshot_module *m)
{
	_cleanup_buf_ struct buf package = BUF_INIT;
	int r;

	m->origin = origin_of(m->loaded);
	if (!m->loaded->place || strcmp(m->loaded->place, "kernel") == 0)
		return 0;
	r = dkms_find(q, m->loaded->live->name, &package);
	if (r <= 0)
		return r;
	m->origin = SNAPSHOT_DKMS;
	m->dkms = arena_str(strings, buf_str(&package));
	return m->dkms ? 0 : -ENOMEM;
}

/* ---- the modules ---- */

static int read_modules(struct snapshot *s)
{
	struct running *running = &s->status.running;
	const struct why_query q = { .sys = &s->status.sys, .world = &running->world, .release = running->uts.release };
	const struct loaded_filter every = { 0 };
	int r = 0;

	s->loaded_error = loaded_read(&s->status.sys, &every, &s->loaded);
	if (s->loaded_error == -ENOMEM)
		return -ENOMEM;
	s->items = calloc(s->loaded.n + 1, sizeof(*s->items));
	if (!s->items)
		return -ENOMEM;
	for (size_t i = 0; r >= 0 && i < s->loaded.n; i++) {
		s->items[i].loaded = &s->loaded.items[i];
		r = find_origin(&q, &s->strings, &s->items[i]);
	}
	return r < 0 ? r : 0;
}

static int read_trust(struct snapshot *s)
{
	_cleanup_verdicts_ struct verdicts v = { 0 };
	int r = verdicts_open(&s->status.sys, &s->status.machine, &v);

	s->machine = v.context.machine;
	for (size_t i = 0; r == 0 && i < s->loaded.n; i++)
		r = verdicts_judge(&v, s->loaded.items[i].path, &s->strings, &s->items[i].trust);
	return r;
}

static int read_parts(struct snapshot *s)
{
	int r = summary_of(&s->status, &s->summary);

	if (r == 0)
		r = read_modules(s);
	if (r == 0)
		r = read_trust(s);
	if (r == 0)
		r = linked_read(&s->status.running, &s->loaded, &s->linked);
	if (r == 0)
		r = deviations_read(&s->status.sys, &s->status.running, &s->loaded, &s->deviations);
	return r == 0 ? waterfall_read(&s->status.sys, &s->waterfall) : r;
}

int snapshot_read(struct sys *sys, struct snapshot *ret)
{
	int r;

	*ret = (struct snapshot){ 0 };
	r = status_read(sys, &ret->status);
	if (r < 0)
		return r;
	r = read_parts(ret);
	if (r < 0) {
		sys_error(sys, "report.read", "could not read the state of the modules: %s", strerror(-r));
		snapshot_done(ret);
	}
	return r;
}

void snapshot_done(struct snapshot *s)
{
	waterfall_done(&s->waterfall);
	deviations_done(&s->deviations);
	linked_done(&s->linked);
	free(s->items);
	loaded_done(&s->loaded);
	summary_done(&s->summary);
	status_done(&s->status);
	arena_done(&s->strings);
	*s = (struct snapshot){ 0 };
}

/* ---- sums ---- */

struct snapshot_sum snapshot_sum(const struct snapshot *s, enum snapshot_origin origin)
{
	struct snapshot_sum sum = { 0 };

	for (size_t i = 0; i < s->loaded.n; i++)
		if (origin == SNAPSHOT_ORIGINS || s->items[i].origin == origin) {
			sum.n++;
			sum.size += s->loaded.items[i].live->size;
		}
	return sum;
}

size_t snapshot_count(const struct snapshot *s, enum trust_outcome outcome)
{
	size_t n = 0;

	for (size_t i = 0; i < s->loaded.n; i++)
		n += !s->items[i].trust.error && s->items[i].trust.verdict.outcome == outcome;
	return n;
}
