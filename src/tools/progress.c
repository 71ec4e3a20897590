// SPDX-License-Identifier: MIT
#include "tools/progress.h"

#include <time.h>
#include <unistd.h>

#define FIRST_MS 500
#define EVERY_MS 100
#define BAR_WIDTH 40

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void progress_init(struct progress *p, FILE *out, const char *what, size_t total)
{
	*p = (struct progress){
		.out = total > 1 && isatty(fileno(out)) ? out : NULL,
		.what = what,
		.total = total,
		.next = now_ms() + FIRST_MS,
	};
	pthread_mutex_init(&p->lock, NULL);
}

static void draw(struct progress *p)
{
	static const char full[BAR_WIDTH + 1] = "########################################";
	int width = (int)(p->done * BAR_WIDTH / p->total);

	fprintf(p->out, "\r%s [%-*.*s] %zu/%zu", p->what, BAR_WIDTH, width, full, p->done, p->total);
	fflush(p->out);
	p->drawn = true;
}

void progress_step(struct progress *p)
{
	int64_t now;

	if (!p->out)
		return;
	pthread_mutex_lock(&p->lock);
	p->done++;
	now = now_ms();
	if (now >= p->next) {
		draw(p);
		p->next = now + EVERY_MS;
	}
	pthread_mutex_unlock(&p->lock);
}

void progress_done(struct progress *p)
{
	if (p->drawn)
		fputs("\r\033[K", p->out);
	pthread_mutex_destroy(&p->lock);
}
