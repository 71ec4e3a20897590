// SPDX-License-Identifier: MIT
#include "verb/mok/shim.h"

#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fileio.h"
#include "read/efi/bootentry.h"
#include "read/efi/secureboot.h"
#include "read/efi/vars.h"
#include "read/kernel/mounts.h"

static int64_t free_nvram(struct sys *sys)
{
	char buffer[PATH_MAX];
	const char *path = root_path(&sys->root, EFI_VARS_DIR, buffer);
	struct statfs s;

	/* Older kernels report nothing: all fields are 0. */
	if (!path || statfs(path, &s) < 0 || (uint32_t)s.f_type != EFIVARFS_MAGIC || s.f_blocks == 0)
		return -1;
	return (int64_t)s.f_bavail * (int64_t)s.f_bsize;
}

/* ---- the EFI system partition ---- */

/* "sda1", from the link that udev makes for the partition's GUID. */
static bool partition_device(struct sys *sys, const struct efi_guid *partition, char *ret, size_t cap)
{
	char path[128], buffer[PATH_MAX], guid[EFI_GUID_TEXT], target[PATH_MAX];
	const char *real, *name;
	ssize_t n;

	efi_guid_text(partition, guid);
	snprintf(path, sizeof(path), "/dev/disk/by-partuuid/%s", guid);
	real = root_path(&sys->root, path, buffer);
	n = real ? readlink(real, target, sizeof(target) - 1) : -1;
	if (n < 0)
		return false;
	target[n] = '\0';
	name = strrchr(target, '/');
	return (size_t)snprintf(ret, cap, "%s", name ? name + 1 : target) < cap;
}

/* Where the device is mounted in the caller's namespace. */
static bool mount_point(struct sys *sys, const char *device, char *ret, size_t cap)
{
	_cleanup_mounts_ struct mounts mounts = { 0 };
	_cleanup_buf_ struct buf text = BUF_INIT;

	if (file_read(&sys->root, "/proc/self/mountinfo", 16 << 20, &text) < 0 || text.n == 0 ||
	    mounts_parse(text.p, 0, &mounts) < 0)
		return false;
	for (size_t i = 0; i < mounts.n; i++) {
		const char *name = strrchr(mounts.items[i].source, '/');

		if (name && strcmp(name + 1, device) == 0)
			return (size_t)snprintf(ret, cap, "%s", mounts.items[i].target) < cap;
	}
	return false;
}

/*
 * Goes down the path "/EFI/debian" from directory, which grows by it. The letters' case does not matter on a FAT file
 * system. false: there is no such file; directory holds the part that was found.
 */
static bool descend(struct sys *sys, char *directory, size_t cap, const char *path)
{
	while (*(path += strspn(path, "/"))) {
		_cleanup_closedir_ DIR *d = NULL;
		size_t n = strcspn(path, "/"), length = strlen(directory);
		struct dirent *e = NULL;

		if (root_opendir(&sys->root, directory, &d) < 0)
			return false;
		while ((e = readdir(d)) &&
		       (e->d_name[0] == '.' || strlen(e->d_name) != n || strncasecmp(e->d_name, path, n) != 0))
			;
		if (!e || (size_t)snprintf(directory + length, cap - length, "/%s", e->d_name) >= cap - length)
			return false;
		path += n;
	}
	return true;
}

/* The directory on the mounted EFI system partition: that of the boot entry, or where distributions mount it. */
static bool find_directory(struct sys *sys, const struct boot_entry *entry, const char *directory, char *ret,
			   size_t cap)
{
	static const char *const usual[] = { "/boot/efi", "/efi", "/boot" };
	char device[NAME_MAX + 1];

	if (entry->has_partition && partition_device(sys, &entry->partition, device, sizeof(device)) &&
	    mount_point(sys, device, ret, cap))
		return descend(sys, ret, cap, directory);
	for (size_t i = 0; i < ELEMENTSOF(usual); i++) {
		snprintf(ret, cap, "%s", usual[i]);
		if (descend(sys, ret, cap, directory))
			return true;
	}
	return false;
}

/* ---- MokManager ---- */

/* That of the firmware, which may have 32 bits under a kernel of 64. */
static const char *firmware_suffix(struct sys *sys)
{
#if defined(__x86_64__) || defined(__i386__)
	char bits[8];

	return file_read_line(&sys->root, EFI_DIR "/fw_platform_size", bits, sizeof(bits)) == 0 &&
			       strcmp(bits, "32") == 0 ?
		       "ia32" :
		       "x64";
#elif defined(__aarch64__)
	(void)sys;
	return "aa64";
#elif defined(__riscv)
	(void)sys;
	return "riscv64";
#elif defined(__loongarch__)
	(void)sys;
	return "loongarch64";
#else
	(void)sys;
	return "arm";
#endif
}

/* The "x64" of "shimx64.efi" or "BOOTX64.EFI", in lower case; false: that is not a name of a shim. */
static bool suffix_of(const char *file, char *ret, size_t cap)
{
	static const char *const stems[] = { "shim", "boot" };
	const char *dot = strrchr(file, '.');

	for (size_t i = 0; dot && i < ELEMENTSOF(stems); i++) {
		size_t n = strlen(stems[i]);

		if (strncasecmp(file, stems[i], n) != 0 || dot < file + n || (size_t)(dot - file) - n >= cap)
			continue;
		for (file += n; file < dot; file++)
			*ret++ = (char)(*file | ('A' <= *file && *file <= 'Z' ? 0x20 : 0));
		*ret = '\0';
		return true;
	}
	return false;
}

/* Splits the entry's file into directory and architecture; without a file the firmware uses its default. */
static bool split(struct sys *sys, const struct boot_entry *entry, char *directory, size_t cap, char *suffix, size_t n)
{
	const char *slash = entry->file ? strrchr(entry->file, '/') : NULL;

	if (!slash) {
		snprintf(directory, cap, "/EFI/BOOT");
		snprintf(suffix, n, "%s", firmware_suffix(sys));
		return true;
	}
	snprintf(directory, cap, "%.*s", (int)(slash - entry->file), entry->file);
	return suffix_of(slash + 1, suffix, n);
}

static struct mokmanager untold(const char *why)
{
	return (struct mokmanager){ .is_there = -1, .why = why };
}

static struct mokmanager find_manager(struct sys *sys)
{
	_cleanup_boot_entry_ struct boot_entry entry = { 0 };
	struct mokmanager m = { 0 };
	char directory[PATH_MAX], suffix[32], name[64];
	size_t n;

	if (boot_entry_current(&sys->root, &entry) < 0)
		return untold("the firmware does not report which boot entry was started");
	if (!split(sys, &entry, directory, sizeof(directory), suffix, sizeof(suffix)))
		return untold("the boot entry starts something else, which started shim");
	if (!find_directory(sys, &entry, directory, m.path, sizeof(m.path)))
		return untold("shim's directory was not found: is the EFI system partition mounted?");
	snprintf(name, sizeof(name), "mm%s.efi", suffix);
	m.is_there = descend(sys, m.path, sizeof(m.path), name);
	n = strlen(m.path);
	if (!m.is_there && n + strlen(name) + 2 <= sizeof(m.path))
		snprintf(m.path + n, sizeof(m.path) - n, "/%s", name);
	return m;
}

void mok_machine_read(struct sys *sys, struct mok_machine *ret)
{
	ret->shim = secureboot_through_shim(&sys->root);
	ret->manager = find_manager(sys);
	ret->nvram_free = free_nvram(sys);
}
