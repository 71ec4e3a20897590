// SPDX-License-Identifier: MIT
#include "face/kmodctl/file_work.h"

void file_progress_init(struct file_progress *p, struct env *env, size_t total)
{
	*p = (struct file_progress){ .total = total };
	pthread_mutex_init(&p->lock, NULL);
	progress_init(&p->shown, env->err, env->tool, "modules");
}

void file_progress_step(struct file_progress *p)
{
	pthread_mutex_lock(&p->lock);
	progress_show(&p->shown, ++p->done, p->total);
	pthread_mutex_unlock(&p->lock);
}

void file_progress_done(struct file_progress *p)
{
	progress_done(&p->shown);
	pthread_mutex_destroy(&p->lock);
}
