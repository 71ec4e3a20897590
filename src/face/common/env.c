// SPDX-License-Identifier: MIT
#include "face/common/env.h"

#include <fcntl.h>
#include <unistd.h>

/* An initramfs may have no /dev yet: the directory holds the number, and whatever is written to it fails. */
static int open_placeholder(void)
{
	int fd = open("/dev/null", O_RDWR);

	return fd < 0 ? open("/", O_PATH) : fd;
}

void env_complete_stdio(struct env *env)
{
	env->no_stderr = fcntl(STDERR_FILENO, F_GETFL) < 0;
	/* The lowest free number is what open(2) gives. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFL) < 0 && open_placeholder() < 0)
			return;
}
