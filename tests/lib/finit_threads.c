// SPDX-License-Identifier: MIT
/*
 * finit_threads FILE...: gives each module to the kernel from a thread of its own, all at once, by finit_module(2).
 * The first thread ends before the others. Status 1 when one of them fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define THREADS_MAX 64

static pthread_barrier_t all_there;

static void *load(void *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	pthread_barrier_wait(&all_there);
	if (fd >= 0 && syscall(SYS_finit_module, fd, "", 0) == 0)
		return NULL;
	fprintf(stderr, "%s: %s\n", (const char *)path, strerror(errno));
	_exit(1);
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc < 2 || argc > THREADS_MAX || pthread_barrier_init(&all_there, NULL, (unsigned)argc - 1) != 0)
		return 1;
	for (int i = 1; i < argc; i++)
		if (pthread_create(&thread, NULL, load, argv[i]) != 0)
			return 1;
	pthread_exit(NULL);
}
