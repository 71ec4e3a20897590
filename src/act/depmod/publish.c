// SPDX-License-Identifier: MIT
#include "act/depmod/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fileio.h"
#include "base/num.h"
#include "base/signals.h"
#include "base/temporary.h"
#include "act/depmod/outputs.h"

/* Hidden, and not of the form modules.*, which packages remove and copy. */
#define TEMPORARY_PREFIX ".depmod-"
#define TEMPORARY_MAX 64
/* An old file is compared in pieces that stay in the processor's cache. */
#define COMPARE_CHUNK ((size_t)64 << 10)

struct pending {
	const struct publish_file *file;
	char temporary[TEMPORARY_MAX];
	int fd;
	bool made;      /* the temporary exists */
	bool exchanged; /* the new content has the name, and the temporary holds the old */
	bool created;   /* the new content has the name, and there was no old */
};

struct publishing {
	int dir_fd;
	const char *dir;
	struct pending *items;
	size_t n;
	struct diag *diag;
};

/* ---- lock and remains ---- */

static bool is_output_name(const char *name)
{
	for (int i = 0; i < OUTPUTS; i++)
		if (strcmp(name, output_name((enum output_id)i)) == 0)
			return true;
	return false;
}

/* Is it the name that write_aside() gives, by a process that has ended? *this* process has none yet. */
static bool is_remains_name(const char *name)
{
	char again[TEMPORARY_MAX];
	uint32_t pid;
	char digits[16];
	size_t n;

	if (strncmp(name, TEMPORARY_PREFIX, strlen(TEMPORARY_PREFIX)) != 0)
		return false;
	n = strspn(name + strlen(TEMPORARY_PREFIX), "0123456789");
	if (n >= sizeof(digits))
		return false;
	memcpy(digits, name + strlen(TEMPORARY_PREFIX), n);
	digits[n] = '\0';
	name += strlen(TEMPORARY_PREFIX) + n;
	if (*name++ != '-' || !is_output_name(name) || parse_u32(digits, 10, &pid) < 0 || pid == 0 || pid > INT_MAX)
		return false;
	snprintf(again, sizeof(again), "%" PRIu32, pid);
	return strcmp(again, digits) == 0 && ((pid_t)pid == getpid() || (kill((pid_t)pid, 0) < 0 && errno == ESRCH));
}

int publish_lock(const struct root *root, const char *dir, struct diag *diag, int *ret_fd, struct dirlock *ret_lock)
{
	_cleanup_close_ int fd = root_open(root, dir, O_RDONLY | O_DIRECTORY);
	int r;

	if (fd < 0) {
		diag_err(diag, "depmod.output-dir", "could not open %s for writing: %s", dir, strerror(-fd));
		return fd;
	}
	r = dirlock_take(fd, dir, DIRLOCK_WAIT_S, diag, ret_lock);
	if (r < 0)
		return r;
	if (r > 0)
		temporary_remove_left(fd, is_remains_name);
	*ret_fd = take_fd(&fd);
	return 0;
}

/* ---- one file ---- */

/* true only when it is certain: otherwise the file is written again. So is a link, whose file others may change. */
static bool is_unchanged(int dir_fd, const struct publish_file *f)
{
	_cleanup_close_ int fd = openat(dir_fd, f->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct span left = f->content;
	char chunk[COMPARE_CHUNK];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size != f->content.n)
		return false;
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));
		struct span part;

		if (n <= 0)
			return n == 0 && left.n == 0;
		if (span_take(&left, (uint64_t)n, &part) < 0 || !span_eq(part, span_of(chunk, (size_t)n)))
			return false;
	}
}

static int fail(const struct publishing *p, const char *what, const char *name, int error)
{
	diag_err(p->diag, "depmod.write", "could not %s %s/%s: %s; the old files are kept", what, p->dir, name,
		 strerror(error));
	return -error;
}

static int write_aside(struct publishing *p, struct pending *item)
{
	struct stat st;
	int r;

	if (fstatat(p->dir_fd, item->file->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
		return fail(p, "replace", item->file->name, EISDIR);
	snprintf(item->temporary, sizeof(item->temporary), TEMPORARY_PREFIX "%ld-%s", (long)getpid(), item->file->name);
	item->fd = openat(p->dir_fd, item->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (item->fd < 0)
		return fail(p, "create a temporary file for", item->file->name, errno);
	item->made = true;
	r = fd_write_all(item->fd, item->file->content.p, item->file->content.n);
	if (r < 0)
		return fail(p, "write", item->file->name, -r);
	if (fchmod(item->fd, 0644) < 0)
		return fail(p, "set the mode of", item->file->name, errno);
	/*
	 * Starts writing to disk while the next files are made, so that the syncs have less to wait for. Only a hint:
	 * the syncs report failures.
	 */
	(void)sync_file_range(item->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	return 0;
}

static int sync_aside(struct publishing *p, struct pending *item)
{
	int fd = take_fd(&item->fd);

	if (fsync(fd) < 0) {
		int error = errno;

		close(fd);
		return fail(p, "sync", item->file->name, error);
	}
	return close(fd) < 0 ? fail(p, "close", item->file->name, errno) : 0;
}

/* By libc's function where there is one, as base/listing does. */
static long exchange(int dir_fd, const char *a, const char *b)
{
#ifdef HAVE_RENAMEAT2
	return renameat2(dir_fd, a, dir_fd, b, RENAME_EXCHANGE);
#else
	return syscall(SYS_renameat2, dir_fd, a, dir_fd, b, RENAME_EXCHANGE);
#endif
}

/*
 * Exchanging keeps the old file under the temporary name, for the way back. Where there is no old file, or the file
 * system cannot exchange, a plain rename does.
 */
static int rename_item(struct publishing *p, struct pending *item)
{
	const char *name = item->file->name;

	if (exchange(p->dir_fd, item->temporary, name) == 0) {
		item->exchanged = true;
		return 0;
	}
	if (errno != ENOENT && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP && errno != EXDEV)
		return fail(p, "rename", name, errno);
	item->created = errno == ENOENT;
	if (renameat(p->dir_fd, item->temporary, p->dir_fd, name) < 0)
		return fail(p, "rename", name, errno);
	item->made = false;
	return 0;
}

/* ---- the set ---- */

static int sync_directory(const struct publishing *p)
{
	/* EINVAL: a file system that cannot sync directories. */
	return fsync(p->dir_fd) < 0 && errno != EINVAL ? fail(p, "sync", ".", errno) : 0;
}

static void roll_back(struct publishing *p)
{
	for (size_t i = p->n; i > 0; i--) {
		struct pending *item = &p->items[i - 1];

		if (item->exchanged)
			exchange(p->dir_fd, item->temporary, item->file->name);
		else if (item->created && !item->made)
			unlinkat(p->dir_fd, item->file->name, 0);
	}
}

static void remove_temporaries(struct publishing *p)
{
	for (size_t i = 0; i < p->n; i++) {
		close_fd_p(&p->items[i].fd);
		if (p->items[i].made)
			unlinkat(p->dir_fd, p->items[i].temporary, 0);
	}
}

static int write_all_aside(struct publishing *p)
{
	int r = 0;

	for (size_t i = 0; i < p->n && r == 0; i++)
		r = signals_waiting() ? -EINTR : write_aside(p, &p->items[i]);
	/* All are written before any is synced: the file system then writes them to disk together. */
	for (size_t i = 0; i < p->n && r == 0; i++)
		r = signals_waiting() ? -EINTR : sync_aside(p, &p->items[i]);
	return r == 0 && signals_waiting() ? -EINTR : r;
}

static int replace_all(struct publishing *p)
{
	int r = write_all_aside(p);

	for (size_t i = 0; i < p->n && r == 0; i++)
		r = rename_item(p, &p->items[i]);
	if (r == 0)
		r = sync_directory(p);
	if (r < 0)
		roll_back(p);
	remove_temporaries(p);
	return r;
}

static int replace_uninterrupted(struct publishing *p)
{
	struct signals signals;
	int r;

	signals_hold(&signals);
	r = replace_all(p);
	signals_release(&signals);
	return r;
}

int publish_set(int dir_fd, const char *dir, const struct publish_file *files, size_t n, struct diag *diag,
		size_t *ret_written)
{
	_cleanup_free_ struct pending *items = calloc(n ? n : 1, sizeof(*items));
	struct publishing p = { .dir_fd = dir_fd, .dir = dir, .items = items, .diag = diag };
	int r = 0;

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (!is_unchanged(dir_fd, &files[i]))
			items[p.n++] = (struct pending){ .file = &files[i], .fd = -1 };
	if (p.n)
		r = replace_uninterrupted(&p);
	if (r == 0)
		*ret_written = p.n;
	return r;
}
