// SPDX-License-Identifier: MIT
#include "face/common/progress.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define FIRST_AFTER_MS 500
#define AGAIN_AFTER_MS 100

#define WIPE "\r\033[K"

/* The terminal with a line on it, -1: none. Of the process, as its signals are. */
static volatile sig_atomic_t line_on = -1;

/* Half a line is not left behind; then the signal does what it does. */
static void wipe_and_end(int number)
{
	if (line_on >= 0 && write(line_on, WIPE, strlen(WIPE)) < 0)
		line_on = -1;
	raise(number); /* the handler is reset, and the signal is blocked until it returns */
}

static void wipe_at_signals(void)
{
	static const int ending[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = wipe_and_end, .sa_flags = SA_RESETHAND }, before;

	for (size_t i = 0; i < ELEMENTSOF(ending); i++)
		if (sigaction(ending[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
			sigaction(ending[i], &action, NULL);
}

static long milliseconds(struct timespec from, struct timespec to)
{
	return (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
}

#define BAR_WIDTH 20

/* dpkg gives its scripts a terminal, all of which apt writes to a log. */
static bool is_dumb(void)
{
	const char *term = getenv("TERM");

	return getenv("DPKG_MAINTSCRIPT_PACKAGE") || (term && strcmp(term, "dumb") == 0);
}

static void print(const struct progress *p, size_t done, size_t total, long elapsed)
{
	static const char bar[] = "####################";
	int filled = (int)(done * BAR_WIDTH / total);

	fprintf(p->out, "\r%s: [%.*s%*s] %3zu%%, %zu of %zu %s", p->tool, filled, bar, BAR_WIDTH - filled, "",
		done * 100 / total, done, total, p->noun);
	if (done)
		fprintf(p->out, ", %ld s left", (elapsed * (long)(total - done) / (long)done + 999) / 1000);
	fputs("\033[K", p->out);
	fflush(p->out);
}

void progress_init(struct progress *p, FILE *out, const char *tool, const char *noun)
{
	*p = (struct progress){ .out = out, .tool = tool, .noun = noun };
	p->terminal = isatty(fileno(out)) && !is_dumb() && clock_gettime(CLOCK_MONOTONIC, &p->start) == 0;
	if (p->terminal)
		wipe_at_signals();
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
	line_on = fileno(p->out);
	print(p, done, total, milliseconds(p->start, now));
	p->last = now;
	p->shown = true;
}

void progress_done(struct progress *p)
{
	if (p->shown) {
		fputs(WIPE, p->out);
		fflush(p->out);
	}
	line_on = -1;
	p->shown = false;
}
