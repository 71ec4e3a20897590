// SPDX-License-Identifier: MIT
#include "read/efi/vars.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fileio.h"
#include "read/efi/siglist.h"

#define ATTRIBUTES 4

void efi_var_done(struct efi_var *v)
{
	buf_done(&v->data);
}

static bool has_entries(const struct root *root, const char *path)
{
	_cleanup_closedir_ DIR *d = NULL;

	if (root_opendir(root, path, &d) < 0)
		return false;
	for (struct dirent *e; (e = readdir(d));)
		if (e->d_name[0] != '.')
			return true;
	return false;
}

enum efi_presence efi_presence(const struct root *root)
{
	/* Every machine has something there: ACPI, a memory map, a device tree. */
	if (!has_entries(root, EFI_FIRMWARE_DIR))
		return EFI_HIDDEN;
	if (!root_exists(root, EFI_DIR))
		return EFI_NO_FIRMWARE;
	/* The mount point itself is an empty directory; a mounted file system always holds SecureBoot or BootOrder. */
	return has_entries(root, EFI_VARS_DIR) ? EFI_PRESENT : EFI_NOT_MOUNTED;
}

int efi_var_path(const char *name, const struct efi_guid *guid, char *ret, size_t cap)
{
	char text[EFI_GUID_TEXT];
	int n;

	efi_guid_text(guid, text);
	n = snprintf(ret, cap, "%s/%s-%s", EFI_VARS_DIR, name, text);
	return n < 0 || (size_t)n >= cap ? -ENAMETOOLONG : 0;
}

bool efi_var_exists(const struct root *root, const char *name, const struct efi_guid *guid)
{
	char path[PATH_MAX];

	return efi_var_path(name, guid, path, sizeof(path)) == 0 && root_exists(root, path);
}

int efi_var_read(const struct root *root, const char *name, const struct efi_guid *guid, struct efi_var *ret)
{
	_cleanup_buf_ struct buf all = BUF_INIT;
	struct efi_var v = { 0 };
	struct span rest;
	char path[PATH_MAX];
	int r = efi_var_path(name, guid, path, sizeof(path));

	if (r == 0)
		r = file_read(root, path, EFI_VAR_CAP, &all);
	if (r < 0)
		return r;
	if (span_le32(buf_span(&all), 0, &v.attributes) < 0 || span_from(buf_span(&all), ATTRIBUTES, &rest) < 0)
		return -EBADMSG;
	r = buf_add(&v.data, rest.p, rest.n);
	if (r < 0)
		return r;
	*ret = v;
	return 0;
}

int efi_var_read_u8(const struct root *root, const char *name, const struct efi_guid *guid, uint8_t *ret)
{
	_cleanup_efi_var_ struct efi_var v = { 0 };
	int r = efi_var_read(root, name, guid, &v);

	if (r < 0)
		return r;
	return v.data.n == 1 ? span_u8(buf_span(&v.data), 0, ret) : -EBADMSG;
}

/* A variable whose immutable flag is off for as long as it is written. */
struct thawed {
	int fd;         /* -1: there was no such variable, or it was not immutable */
	unsigned flags; /* as they were */
};

/*
 * The flag protects the variable against a stray `rm -r`. That it could not be set again is not an error of the write,
 * which has been done or reported by then.
 */
static void freeze(struct thawed *t)
{
	if (t->fd >= 0)
		ioctl(t->fd, FS_IOC_SETFLAGS, &t->flags);
	close_fd_p(&t->fd);
}

#define _cleanup_thawed_ _cleanup_(freeze)

/* Clears the immutable flag of an existing file. On a file system without flags (a test's directory) does nothing. */
static int thaw(const struct root *root, const char *path, struct thawed *ret)
{
	_cleanup_close_ int fd = file_open_any(root, path);
	unsigned flags, without;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0 || !(flags & FS_IMMUTABLE_FL))
		return 0;
	without = flags & ~(unsigned)FS_IMMUTABLE_FL;
	if (ioctl(fd, FS_IOC_SETFLAGS, &without) < 0)
		return -errno;
	*ret = (struct thawed){ take_fd(&fd), flags };
	return 0;
}

/* efivarfs sets the size; a plain file may be longer than what was written over it. */
static int cut_tail(int fd, size_t size)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if ((size_t)st.st_size <= size)
		return 0;
	return ftruncate(fd, (off_t)size) < 0 ? -errno : 0;
}

/* One write(2): the firmware gets the whole variable at once or not at all. */
static int write_once(int fd, struct span bytes)
{
	ssize_t n;

	do
		n = write(fd, bytes.p, bytes.n);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == bytes.n ? 0 : -EIO;
}

int efi_var_write(const struct root *root, const char *name, const struct efi_guid *guid, uint32_t attributes,
		  struct span data, mode_t mode)
{
	_cleanup_thawed_ struct thawed thawed = { .fd = -1 };
	_cleanup_buf_ struct buf all = BUF_INIT;
	_cleanup_close_ int fd = -1;
	uint8_t head[ATTRIBUTES];
	char path[PATH_MAX];
	bool existed;
	int r = efi_var_path(name, guid, path, sizeof(path));

	if (r < 0)
		return r;
	store_le32(head, attributes);
	buf_add(&all, head, sizeof(head));
	r = buf_add(&all, data.p, data.n);
	if (r < 0)
		return r;
	existed = root_exists(root, path);
	r = thaw(root, path, &thawed);
	if (r < 0)
		return r;
	fd = root_create(root, path, O_WRONLY, mode);
	if (fd < 0)
		return fd;
	r = write_once(fd, buf_span(&all));
	if (r == 0)
		return cut_tail(fd, all.n);
	/* A file that could not be filled must not stay behind as an empty variable. */
	if (!existed)
		efi_var_delete(root, name, guid);
	return r;
}

int efi_var_delete(const struct root *root, const char *name, const struct efi_guid *guid)
{
	_cleanup_thawed_ struct thawed thawed = { .fd = -1 };
	char path[PATH_MAX];
	int r = efi_var_path(name, guid, path, sizeof(path));

	if (r == 0)
		r = thaw(root, path, &thawed);
	if (r == 0)
		r = root_unlink(root, path);
	return r == -ENOENT ? 0 : r;
}

const char *efi_write_error(int error)
{
	switch (error < 0 ? -error : error) {
	case EINVAL:
		return "the firmware refuses the data or its attributes";
	case EACCES:
		return "the firmware refuses the signature of the data";
	case ENOSPC:
		return "no room left in the firmware's variable store";
	case EROFS:
		return "the variable is write-protected, or efivarfs is mounted read-only";
	case EPERM:
		return "not permitted: this needs root, and efivarfs mounted writable";
	case EIO:
		return "the firmware reports a hardware error";
	default:
		return strerror(error < 0 ? -error : error);
	}
}

static int read_from_table(const struct root *root, const char *name, struct buf *into)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", EFI_MOK_TABLE_DIR, name);
	return file_read(root, path, EFI_VAR_CAP, into);
}

/* NAME, NAME1, NAME2... until one is missing. */
static int read_from_variables(const struct root *root, const char *name, struct buf *into)
{
	const struct efi_guid shim = EFI_GUID_SHIM;
	char part[128];
	int r;

	for (unsigned i = 0;; i++) {
		_cleanup_efi_var_ struct efi_var v = { 0 };

		snprintf(part, sizeof(part), i ? "%s%u" : "%s", name, i);
		r = efi_var_read(root, part, &shim, &v);
		if (r < 0)
			return r == -ENOENT && i > 0 ? 0 : r;
		r = buf_add(into, v.data.p, v.data.n);
		if (r < 0)
			return r;
		if (into->n > EFI_VAR_CAP)
			return -EFBIG;
	}
}

/* A damaged list of the table makes way for a whole one in the variables. */
static int prefer_whole(const struct root *root _unused_, const char *name _unused_, struct buf *into _unused_,
			size_t before _unused_, enum efi_list_source *source _unused_)
{
#ifndef KMODCTL_SMALL
	_cleanup_buf_ struct buf other = BUF_INIT;

	if (siglist_count(span_of(into->p + before, into->n - before)) >= 0 ||
	    read_from_variables(root, name, &other) < 0 || siglist_count(buf_span(&other)) < 0)
		return 0;
	into->n = before;
	*source = EFI_FROM_VARIABLES_INSTEAD;
	return buf_add(into, other.p, other.n);
#else
	return 0;
#endif
}

int efi_read_mok_list(const struct root *root, const char *name, struct buf *into, enum efi_list_source *ret)
{
	size_t before = into->n;
	enum efi_list_source source = EFI_FROM_TABLE;
	int r = read_from_table(root, name, into);

	if (r < 0) {
		into->n = before;
		source = EFI_FROM_VARIABLES;
		r = read_from_variables(root, name, into);
	} else {
		r = prefer_whole(root, name, into, before, &source);
	}
	if (r == 0)
		*ret = source;
	return r;
}
