/* SPDX-License-Identifier: MIT */
#pragma once

/* A bar on a terminal for work that takes longer than half a second; nothing anywhere else. */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
	FILE *out; /* NULL: silent */
	const char *what;
	size_t total, done;
	int64_t next; /* milliseconds of the monotonic clock: not drawn before */
	bool drawn;
	pthread_mutex_t lock;
};

/* what: "signing"; total: number of steps. Silent unless out is a terminal. */
void progress_init(struct progress *p, FILE *out, const char *what, size_t total);
/* One step more. From any thread. */
void progress_step(struct progress *p);
/* Wipes the bar away. */
void progress_done(struct progress *p);
