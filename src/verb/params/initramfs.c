// SPDX-License-Identifier: MIT
#include "verb/params/initramfs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/fileio.h"
#include "base/modname.h"
#include "base/paths.h"
#include "base/program.h"
#include "base/spawn.h"

#define LIST_MAX (64u << 20)

static const struct maker {
	const char *tool, *rebuild, *lister;
} makers[] = {
	{ "update-initramfs", "update-initramfs -u", "lsinitramfs" },
	{ "dracut", "dracut --force", "lsinitrd" },
	{ "mkinitcpio", "mkinitcpio -P", "lsinitcpio" },
};

/*
 * Where images are: those of initramfs-tools and of Debian's dracut; dracut's; SUSE's; then those of the Boot Loader
 * Specification, below the machine's id, and mkinitcpio's, which has the name of the kernel's package.
 */
static const struct {
	const char *before, *after;
	enum { OF_RELEASE, OF_MACHINE, OF_PACKAGE } name;
} places[] = {
	{ "/boot/initrd.img-", "", OF_RELEASE },    { "/boot/initramfs-", ".img", OF_RELEASE },
	{ "/boot/initrd-", "", OF_RELEASE },        { "/efi/", "/initrd", OF_MACHINE },
	{ "/boot/efi/", "/initrd", OF_MACHINE },    { "/boot/", "/initrd", OF_MACHINE },
	{ "/boot/initramfs-", ".img", OF_PACKAGE },
};

static bool line_is_module(const char *line, size_t n, const char *module)
{
	char name[MODNAME_MAX];
	_cleanup_free_ char *path = NULL;
	const char *slash = memrchr(line, '/', n);

	path = slash ? span_dup(span_of(slash + 1, n - (size_t)(slash + 1 - line))) : NULL;
	return path && modname_extension(path) && modname_normalize(path, name) == 0 && strcmp(name, module) == 0;
}

enum initramfs_has initramfs_search(struct span list, const char *module)
{
	while (list.n > 0) {
		const uint8_t *newline = memchr(list.p, '\n', list.n);
		size_t n = newline ? (size_t)(newline - list.p) : list.n;

		if (line_is_module((const char *)list.p, n, module))
			return INITRAMFS_HAS;
		n += newline != NULL;
		list = span_of(list.p + n, list.n - n);
	}
	return INITRAMFS_LACKS;
}

static enum initramfs_has list_image(const struct root *root, const char *lister, const char *image, const char *module)
{
	char lister_path[PATH_MAX], image_path[PATH_MAX];
	const char *const argv[] = { root_path(root, lister, lister_path), root_path(root, image, image_path), NULL };
	_cleanup_close_ int fd = memfd_create("initramfs", MFD_CLOEXEC);
	_cleanup_buf_ struct buf list = BUF_INIT;
	int status;

	if (fd < 0 || !argv[0] || !argv[1])
		return INITRAMFS_UNKNOWN;
	status = spawn_argv(argv, -1, fd);
	if (status < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0 || lseek(fd, 0, SEEK_SET) < 0 ||
	    fd_read(fd, LIST_MAX, &list) < 0 || list.n == 0)
		return INITRAMFS_UNKNOWN;
	return initramfs_search(buf_span(&list), module);
}

/* Without a newline or a slash, which no name has. "": not known. */
static void read_name(const struct root *root, const char *path, char *ret, size_t cap)
{
	if (file_read_line(root, path, ret, cap) < 0 || strchr(ret, '/'))
		*ret = '\0';
}

int initramfs_image(const struct root *root, const char *release, struct buf *ret)
{
	char machine[NAME_MAX], package[NAME_MAX], path[PATH_MAX];

	snprintf(path, sizeof(path), RELEASES_DIR "/%s/pkgbase", release);
	read_name(root, path, package, sizeof(package));
	read_name(root, "/etc/machine-id", machine, sizeof(machine));
	for (size_t i = 0; i < ELEMENTSOF(places); i++) {
		const char *name = places[i].name == OF_PACKAGE ? package :
				   places[i].name == OF_MACHINE ? machine :
								  release;

		buf_clear(ret);
		buf_addf(ret, "%s%s%s%s%s", places[i].before, name, places[i].name == OF_MACHINE ? "/" : "",
			 places[i].name == OF_MACHINE ? release : "", places[i].after);
		if (buf_error(ret))
			return -ENOMEM;
		if (*name && root_is_regular(root, buf_str(ret)))
			return 1;
	}
	return 0;
}

int initramfs_look(const struct root *root, const char *release, const char *module, struct initramfs *ret)
{
	_cleanup_buf_ struct buf path = BUF_INIT, image = BUF_INIT;
	const struct maker *m = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < ELEMENTSOF(makers); i++) {
		m = &makers[i];
		r = program_find(root, m->tool, &path);
	}
	*ret = (struct initramfs){ .rebuild = r > 0 ? m->rebuild : NULL };
	if (r <= 0)
		return r;
	r = program_find(root, m->lister, &path);
	if (r > 0)
		r = initramfs_image(root, release, &image);
	if (r > 0)
		ret->has = list_image(root, buf_str(&path), buf_str(&image), module);
	return r < 0 ? r : 0;
}
