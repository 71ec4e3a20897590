// SPDX-License-Identifier: MIT
#include "verb/status/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int read_parts(struct status *s)
{
	const struct why_query q = {
		.sys = &s->sys,
		.world = &s->running.world,
		.release = s->running.uts.release,
	};
	int r = status_read_taint(&s->sys, &s->taint);

	if (r >= 0)
		r = status_read_failures(&q, &s->strings, &s->failures);
	if (r >= 0)
		r = hardware_read(&s->sys, &s->running.world, &s->hardware);
	if (r >= 0)
		r = status_read_index(&q, &s->index);
	return r < 0 ? r : status_read_waiting(&s->sys, &s->running, &s->waiting);
}

int status_read(struct sys *sys, struct status *ret)
{
	int r;

	*ret = (struct status){ .sys = *sys };
	ret->sys.diag = (struct diag){ 0 };
	r = machine_read(&ret->sys, &ret->machine);
	if (r >= 0)
		r = running_open(&ret->sys, &ret->running);
	if (r >= 0)
		r = read_parts(ret);
	if (r < 0) {
		sys_error(sys, "status.read", "could not read the state of the machine: %s", strerror(-r));
		status_done(ret);
	}
	return r < 0 ? r : 0;
}

void status_done(struct status *s)
{
	machine_reading_done(&s->machine);
	running_close(&s->running);
	if (s->taint.live)
		live_free(s->taint.live);
	free(s->failures.items);
	hardware_done(&s->hardware);
	strv_done(&s->index.unlisted);
	strv_done(&s->index.gone);
	why_done(&s->index.absence);
	strv_done(&s->waiting.options);
	strv_done(&s->waiting.boot);
	strv_done(&s->waiting.missing);
	strv_done(&s->waiting.newer);
	mok_status_done(&s->waiting.mok);
	arena_done(&s->strings);
	*s = (struct status){ 0 };
}
