// SPDX-License-Identifier: MIT
/*
 * The guest's first process in tests/sign/kernel_verdicts.py: loads every file of /variants with finit_module(2),
 * unloads it again, and prints "NAME ERRNO TAINT" for each on the second serial port. Static; needs nothing else in
 * the initramfs.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MODULE_INIT_COMPRESSED_FILE
#define MODULE_INIT_COMPRESSED_FILE 4
#endif

static const char *module_name;

static void read_taint(char *ret, size_t n)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/module/%s/taint", module_name);
	f = fopen(path, "r");
	if (!f || !fgets(ret, (int)n, f))
		ret[0] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	if (f)
		fclose(f);
}

static int is_packed(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && strcmp(dot, ".ko") != 0;
}

static void try_file(FILE *out, const char *name)
{
	char path[512], taint[64] = "";
	int fd, error;

	snprintf(path, sizeof(path), "/variants/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	error = fd < 0 || syscall(SYS_finit_module, fd, "", is_packed(name) ? MODULE_INIT_COMPRESSED_FILE : 0) < 0 ?
			errno :
			0;
	if (fd >= 0)
		close(fd);
	if (error == 0) {
		read_taint(taint, sizeof(taint));
		syscall(SYS_delete_module, module_name, 0);
	}
	fprintf(out, "%s %s %s\n", name, error ? strerrorname_np(error) : "ok", taint[0] ? taint : "-");
}

int main(void)
{
	struct dirent *entry;
	FILE *out;
	DIR *dir;

	module_name = getenv("MODULE");
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mkdir("/dev", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL);
	out = fopen("/dev/ttyS1", "w");
	dir = opendir("/variants");
	while (out && dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			try_file(out, entry->d_name);
	if (out) {
		fputs("end\n", out);
		fclose(out);
	}
	sync();
	reboot(RB_POWER_OFF);
	return 0;
}
