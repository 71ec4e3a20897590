// SPDX-License-Identifier: MIT
#include "lib/fake_view.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the root is put together: every machine has it, and it is one of the parts. */
#define STAGE "/sys"

/*
 * What is never the machine's own. Directories above these are made anew, entry by entry. When /lib is a link to
 * /usr/lib, the later of two wins.
 */
static const char *const parts[] = {
	"/boot",
	"/efi",
	"/etc",
	"/mnt",
	"/proc",
	"/run",
	"/sys",
	"/usr/src",
	"/var/cache/kmodctl",
	"/var/lib/kmodctl",
	"/lib/depmod.d",
	"/lib/firmware",
	"/lib/modprobe.d",
	"/lib/modules",
	"/lib/modules-load.d",
	"/lib/sysctl.d",
	"/usr/lib/depmod.d",
	"/usr/lib/firmware",
	"/usr/lib/modprobe.d",
	"/usr/lib/modules",
	"/usr/lib/modules-load.d",
	"/usr/lib/sysctl.d",
	"/usr/local/lib/depmod.d",
	"/usr/local/lib/modprobe.d",
	"/usr/local/lib/modules-load.d",
	"/usr/local/lib/sysctl.d",
};

/* Keeps the path of what failed. */
static int failed_at(struct buf *where, const char *path)
{
	int r = -errno;

	if (where->n == 0)
		buf_adds(where, path);
	return r;
}

static bool is_part(const char *path)
{
	for (size_t i = 0; i < ELEMENTSOF(parts); i++)
		if (strcmp(path, parts[i]) == 0)
			return true;
	return false;
}

static bool is_above_part(const char *path)
{
	size_t n = strlen(path);

	for (size_t i = 0; i < ELEMENTSOF(parts); i++)
		if (strncmp(path, parts[i], n) == 0 && parts[i][n] == '/')
			return true;
	return false;
}

/* ---- the machine's own, below STAGE ---- */

static int copy_link(const char *from, const char *to)
{
	char target[PATH_MAX];
	ssize_t n = readlink(from, target, sizeof(target) - 1);

	if (n < 0)
		return -1;
	target[n] = '\0';
	return symlink(target, to);
}

static int bind_entry(const char *from, const char *to, bool is_directory)
{
	if ((is_directory ? mkdir(to, 0755) : mknod(to, S_IFREG | 0644, 0)) < 0)
		return -1;
	/* The machine may have removed it by now. */
	return mount(from, to, NULL, MS_BIND | MS_REC, NULL) < 0 && errno != ENOENT ? -1 : 0;
}

static int lay_directory(const char *path, struct buf *where);

static int lay_entry(const char *path, struct buf *where)
{
	_cleanup_buf_ struct buf to = BUF_INIT;
	struct stat st;
	int r;

	buf_addf(&to, STAGE "%s", path);
	if (is_part(path))
		return 0;
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : failed_at(where, path);
	if (S_ISDIR(st.st_mode) && is_above_part(path))
		return mkdir(buf_str(&to), 0755) < 0 ? failed_at(where, path) : lay_directory(path, where);
	r = S_ISLNK(st.st_mode) ? copy_link(path, buf_str(&to)) : bind_entry(path, buf_str(&to), S_ISDIR(st.st_mode));
	return r < 0 ? failed_at(where, path) : 0;
}

static int lay_directory(const char *path, struct buf *where)
{
	_cleanup_closedir_ DIR *d = opendir(path);
	const struct dirent *e;
	int r = 0;

	if (!d)
		return failed_at(where, path);
	while (r == 0 && (e = readdir(d))) {
		_cleanup_buf_ struct buf entry = BUF_INIT;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		buf_addf(&entry, "%s/%s", strcmp(path, "/") == 0 ? "" : path, e->d_name);
		r = lay_entry(buf_str(&entry), where);
	}
	return r;
}

/* A tmpfs becomes the root. The old one stays below it, where descriptors still lead. */
static int change_root(struct buf *where)
{
	int r;

	if (mount("none", STAGE, "tmpfs", 0, "mode=755") < 0)
		return failed_at(where, STAGE);
	r = lay_directory("/", where);
	if (r == 0 &&
	    (chdir(STAGE) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0))
		return failed_at(where, "/");
	return r;
}

/* ---- the parts; the working directory is that of the fake machine ---- */

static bool is_of_view(const struct stat *st)
{
	struct stat root;

	return stat("/", &root) == 0 && st->st_dev == root.st_dev;
}

/* With those above it. Where a link leads to a directory of the machine, nothing is made in it. */
static int make_directory(const char *path, bool *ret_is_of_view)
{
	bool is_ours = true;

	for (const char *end = path; *end;) {
		char here[PATH_MAX];
		struct stat st;

		end = strchrnul(end + 1, '/');
		snprintf(here, sizeof(here), "%.*s", (int)(end - path), path);
		if (stat(here, &st) < 0) {
			errno = is_ours ? errno : EROFS;
			if (!is_ours || mkdir(here, 0755) < 0 || stat(here, &st) < 0)
				return -1;
		}
		if (!S_ISDIR(st.st_mode)) {
			errno = ENOTDIR;
			return -1;
		}
		is_ours = is_of_view(&st);
	}
	*ret_is_of_view = is_ours;
	return 0;
}

static int make_empty(const char *part, struct buf *where)
{
	bool is_ours;

	if (make_directory(part, &is_ours) < 0)
		return failed_at(where, part);
	return is_ours || mount("none", part, "tmpfs", 0, "mode=755") == 0 ? 0 : failed_at(where, part);
}

static int lay_part(const char *part, struct buf *where)
{
	const char *own = part + 1;

	if (access(own, F_OK) < 0)
		return errno == ENOENT ? 0 : failed_at(where, part);
	return mount(own, part, NULL, MS_BIND | MS_REC, NULL) < 0 ? failed_at(where, part) : 0;
}

/* What the machine's kernel says is no answer to what was done here. */
static int lay_kmsg(struct buf *where)
{
	const char *own = access("dev/kmsg", F_OK) == 0 ? "dev/kmsg" : "/dev/null";

	if (*own == '/' && access("/dev/kmsg", F_OK) < 0)
		return 0;
	return mount(own, "/dev/kmsg", NULL, MS_BIND, NULL) < 0 ? failed_at(where, "/dev/kmsg") : 0;
}

static int lay_parts(int dir_fd, struct buf *where)
{
	int r = fchdir(dir_fd) < 0 ? failed_at(where, ".") : 0;

	for (size_t i = 0; r == 0 && i < ELEMENTSOF(parts); i++)
		r = make_empty(parts[i], where);
	for (size_t i = 0; r == 0 && i < ELEMENTSOF(parts); i++)
		r = lay_part(parts[i], where);
	return r < 0 ? r : lay_kmsg(where);
}

/* ---- what the fake machine gets ---- */

static int make_below(int dir_fd, const char *name)
{
	return mkdirat(dir_fd, name, 0755) < 0 && errno != EEXIST ? -1 : 0;
}

/*
 * The fake kernel writes to sys/module: what it loads must be seen from inside. /dev/stdout leads through /proc/self:
 * the real one stays reachable below proc, unless the test has put one of its own there.
 */
static int prepare(const char *dir, int dir_fd)
{
	_cleanup_buf_ struct buf host = BUF_INIT;

	buf_addf(&host, "%s/proc/.host", dir);
	if (make_below(dir_fd, "sys") < 0 || make_below(dir_fd, "sys/module") < 0 || make_below(dir_fd, "proc") < 0 ||
	    make_below(dir_fd, "proc/.host") < 0)
		return -1;
	if (symlinkat(".host/self", dir_fd, "proc/self") < 0 && errno != EEXIST)
		return -1;
	return mount("/proc", buf_str(&host), NULL, MS_BIND, NULL);
}

static int enter(const char *dir, const char *cwd, struct buf *where)
{
	_cleanup_close_ int dir_fd = -1;
	int r;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return failed_at(where, "mount namespace");
	/* Not before: only mounts of this namespace can be bound. */
	dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0 || prepare(dir, dir_fd) < 0)
		return failed_at(where, dir);
	r = change_root(where);
	if (r == 0)
		r = lay_parts(dir_fd, where);
	return r == 0 && chdir(cwd) < 0 ? failed_at(where, cwd) : r;
}

int fake_view_enter(const char *dir, struct buf *ret_where)
{
	char cwd[PATH_MAX];
	mode_t mask = umask(022);
	int r = getcwd(cwd, sizeof(cwd)) ? enter(dir, cwd, ret_where) : failed_at(ret_where, ".");

	umask(mask);
	return r;
}
