// SPDX-License-Identifier: MIT
/* Several threads, one context each, on the same tree: threads ROOT/lib/modules/VERSION NAME... For ThreadSanitizer. */
#include <pthread.h>
#include <stdio.h>

#include "scenario.h"

#define THREADS 8
#define ROUNDS 3

struct worker {
	pthread_t thread;
	const struct scenario *scenario;
	int found;
};

static void *work(void *arg)
{
	struct worker *w = arg;

	for (int i = 0; i < ROUNDS; i++)
		w->found += scenario_run(w->scenario);
	return NULL;
}

int main(int argc, char **argv)
{
	struct scenario s = { .resources = true };
	struct worker w[THREADS] = { 0 };
	int bad = 0;

	if (argc < 3)
		return 2;
	s.dirname = argv[1];
	s.names = (const char *const *)(argv + 2);
	for (int i = 0; i < THREADS; i++) {
		w[i].scenario = &s;
		bad |= pthread_create(&w[i].thread, NULL, work, &w[i]);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(w[i].thread, NULL);
		bad |= w[i].found <= 0 || w[i].found != w[0].found;
	}
	printf("threads: %d threads found %d modules each\n", THREADS, w[0].found);
	return bad;
}
