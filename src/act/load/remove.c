// SPDX-License-Identifier: MIT
#include "act/load/remove.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

/* Milliseconds: after a long wait the module must not stay much longer than its users. */
#define PAUSE_MAX 1024

static void sleep_ms(unsigned ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

int remove_module(const struct sys *sys, const char *name, const struct remove_options *o)
{
	unsigned flags = O_NONBLOCK | (o->force ? O_TRUNC : 0);
	unsigned pause = 1, left = o->wait_ms;
	int r;

	while ((r = kernel_delete_module(sys->kernel, name, flags)) == -EAGAIN && left > 0) {
		unsigned ms = pause < left ? pause : left;

		sleep_ms(ms);
		left -= ms;
		pause = pause < PAUSE_MAX ? pause * 2 : pause;
	}
	return r;
}
