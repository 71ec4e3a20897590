// SPDX-License-Identifier: MIT
#include "base/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"

#define PREFIX ".kmodctl-"
#define RANDOM_DIGITS 16
/* Names that exist already come from someone who guesses them. */
#define ATTEMPTS 16

/* The process that made a temporary of this name. 0: it is not the name of one. */
static pid_t maker(const char *name)
{
	const char *random;
	pid_t pid = 0;

	if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
		return 0;
	name += strlen(PREFIX);
	for (random = name; *random >= '0' && *random <= '9' && random - name < 9; random++)
		pid = pid * 10 + (*random - '0');
	if (*name == '0' || *random++ != '-')
		return 0;
	return strspn(random, "0123456789abcdef") == RANDOM_DIGITS && strlen(random) == RANDOM_DIGITS ? pid : 0;
}

/* The lock decides where the number cannot: its process may belong to another PID namespace. */
static void remove_file(int dir, const char *name)
{
	_cleanup_close_ int fd = openat(dir, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() && st.st_nlink == 1 &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlinkat(dir, name, 0);
}

static bool is_left_by_killed(const char *name)
{
	pid_t pid = maker(name);

	return pid > 0 && kill(pid, 0) < 0 && errno == ESRCH;
}

void temporary_remove_left(int dir, bool (*is_left)(const char *name))
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	if (!d) {
		close_fd_p(&fd);
		return;
	}
	while ((e = readdir(d)))
		if (is_left(e->d_name))
			remove_file(dir, e->d_name);
}

/* Early at boot there may be no random numbers yet; O_EXCL guards the name either way. */
static uint64_t random_number(void)
{
	struct timespec now;
	uint64_t n;

	if (getrandom(&n, sizeof(n), GRND_NONBLOCK) == (ssize_t)sizeof(n))
		return n;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec ^ (uintptr_t)&n;
}

int temporary_make(int dir, char ret_name[TEMPORARY_NAME])
{
	int fd = -1;

	temporary_remove_left(dir, is_left_by_killed);
	for (int i = 0; i < ATTEMPTS && fd < 0 && (i == 0 || errno == EEXIST); i++) {
		snprintf(ret_name, TEMPORARY_NAME, PREFIX "%d-%016llx", (int)getpid(),
			 (unsigned long long)random_number());
		fd = openat(dir, ret_name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	}
	if (fd < 0)
		return -errno;
	/* Without locks (a network file system) the number of the process has to do. */
	flock(fd, LOCK_EX | LOCK_NB);
	return fd;
}
