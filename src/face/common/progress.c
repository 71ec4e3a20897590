// SPDX-License-Identifier: MIT
#include "face/common/progress.h"

#include <unistd.h>

#define FIRST_AFTER_MS 500
#define AGAIN_AFTER_MS 100

static long milliseconds(struct timespec from, struct timespec to)
{
	return (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
}

void progress_init(struct progress *p, FILE *out, const char *tool, const char *noun)
{
	*p = (struct progress){ .out = out, .tool = tool, .noun = noun };
	p->terminal = isatty(fileno(out)) && clock_gettime(CLOCK_MONOTONIC, &p->start) == 0;
}

void progress_show(struct progress *p, size_t done, size_t total)
{
	struct timespec now;

	if (done == total)
		progress_done(p);
	if (done == total || !p->terminal || clock_gettime(CLOCK_MONOTONIC, &now) < 0)
		return;
	if (milliseconds(p->start, now) < FIRST_AFTER_MS || (p->shown && milliseconds(p->last, now) < AGAIN_AFTER_MS))
		return;
	fprintf(p->out, "\r%s: %zu of %zu %s\033[K", p->tool, done, total, p->noun);
	fflush(p->out);
	p->last = now;
	p->shown = true;
}

void progress_done(struct progress *p)
{
	if (p->shown) {
		fputs("\r\033[K", p->out);
		fflush(p->out);
	}
	p->shown = false;
}
