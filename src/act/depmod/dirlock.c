// SPDX-License-Identifier: MIT
#include "act/depmod/dirlock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/control.h"
#include "read/kernel/processes.h"

#define NAPS_PER_SECOND 20

/* An attempt to get the lock. */
struct attempt {
	int dir_fd;
	const char *dir;
	struct diag *diag;
	unsigned naps; /* that are left */
	bool created;  /* this process made the file */
	bool told;     /* that it waits */
};

/* Can only this user open it? A second name could be one that was made for a file of this user by somebody else. */
static bool is_ours(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	       !(st.st_mode & (S_IRWXG | S_IRWXO)) && st.st_nlink <= 1;
}

static int report_foreign(const struct attempt *a)
{
	diag_warn(a->diag, "depmod.lock-foreign",
		  "%s/" DIRLOCK_NAME " is not a file that only this user can open; continuing without a lock", a->dir);
	return 0;
}

static int report_none(const struct attempt *a, int error)
{
	diag_notice(a->diag, "depmod.no-lock", "could not lock %s: %s; continuing without a lock", a->dir,
		    strerror(error));
	if (a->created)
		unlinkat(a->dir_fd, DIRLOCK_NAME, 0);
	return 0;
}

/* A link, a directory, a socket or a device without a driver, a file of another user. */
static bool is_foreign(int error)
{
	return error == ELOOP || error == EISDIR || error == ENXIO || error == ENODEV || error == EACCES;
}

/* 1: *ret is open, 0: reported. */
static int open_file(struct attempt *a, int *ret)
{
	const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = openat(a->dir_fd, DIRLOCK_NAME, flags | O_CREAT | O_EXCL, 0600);

	a->created = fd >= 0;
	if (!a->created && errno == EEXIST)
		fd = openat(a->dir_fd, DIRLOCK_NAME, flags | O_CREAT, 0600);
	if (fd < 0)
		return is_foreign(errno) ? report_foreign(a) : report_none(a, errno);
	if (is_ours(fd)) {
		*ret = fd;
		return 1;
	}
	close(fd);
	/* One that is made here is wrong only on a file system without owners and modes. */
	return a->created ? report_none(a, EOPNOTSUPP) : report_foreign(a);
}

static struct flock whole_file(void)
{
	return (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
}

static void report_waiting(struct attempt *a, int fd)
{
	char name[PROCESS_NAME_MAX], shown[PROCESS_NAME_MAX];
	struct flock holder = whole_file();

	if (a->told || fcntl(fd, F_GETLK, &holder) < 0 || holder.l_type == F_UNLCK)
		return;
	a->told = true;
	process_name(&ROOT_REAL, holder.l_pid, name);
	diag_warn(a->diag, "depmod.waiting", "waiting for process %ld (%s) to finish with %s", (long)holder.l_pid,
		  control_masked(name, shown, sizeof(shown)), a->dir);
}

/* 1: locked, 0: no locks here, which was reported; -ETIMEDOUT. */
static int lock_file(struct attempt *a, int fd)
{
	const struct timespec nap = { 0, 1000000000 / NAPS_PER_SECOND };
	struct flock lock = whole_file();

	while (fcntl(fd, F_SETLK, &lock) < 0) {
		if (errno != EAGAIN && errno != EACCES && errno != EINTR)
			return report_none(a, errno);
		report_waiting(a, fd);
		if (a->naps-- == 0)
			return -ETIMEDOUT;
		nanosleep(&nap, NULL);
	}
	return 1;
}

/* The holder removes the file before it lets go of it: what was waited for may be a file without a name. */
static bool is_in_place(const struct attempt *a, int fd)
{
	struct stat st, named;

	return fstat(fd, &st) == 0 && fstatat(a->dir_fd, DIRLOCK_NAME, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_dev == named.st_dev && st.st_ino == named.st_ino;
}

int dirlock_take(int dir_fd, const char *dir, unsigned seconds, struct diag *diag, struct dirlock *ret)
{
	struct attempt a = {
		.dir_fd = dir_fd,
		.dir = dir,
		.diag = diag,
		.naps = seconds * NAPS_PER_SECOND,
	};
	int r;

	do {
		_cleanup_close_ int fd = -1;

		r = open_file(&a, &fd);
		if (r > 0)
			r = lock_file(&a, fd);
		if (r > 0 && is_in_place(&a, fd)) {
			*ret = (struct dirlock){ take_fd(&fd), dir_fd };
			return 1;
		}
	} while (r > 0 && a.naps-- > 0);
	if (r == 0)
		return 0;
	diag_err(diag, "depmod.lock-timeout", "%s is still in use after %u s; nothing was changed", dir, seconds);
	return -ETIMEDOUT;
}

void dirlock_release(struct dirlock *l)
{
	if (l->fd >= 0)
		unlinkat(l->dir_fd, DIRLOCK_NAME, 0);
	close_fd_p(&l->fd);
	*l = DIRLOCK_NONE;
}
