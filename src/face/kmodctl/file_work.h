/* SPDX-License-Identifier: MIT */
#pragma once

/* Work on many files at once, as sign and verify do it: the progress. */

#include <pthread.h>

#include "face/common/env.h"
#include "face/common/progress.h"

/* Progress of files that several threads work on. */
struct file_progress {
	struct progress shown;
	pthread_mutex_t lock; /* guards the rest */
	size_t done, total;
};
void file_progress_init(struct file_progress *p, struct env *env, size_t total);
void file_progress_step(struct file_progress *p);
void file_progress_done(struct file_progress *p);
