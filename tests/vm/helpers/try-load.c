// SPDX-License-Identifier: MIT
/*
 * try-load FILE NAME: loads a module with finit_module(2) alone, tells what the kernel did, and unloads it again:
 * "ERRNO MODULE-TAINT KERNEL-TAINT-BEFORE KERNEL-TAINT-AFTER", taints "-" when there is nothing to read.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void read_line(const char *path, char *line, size_t size)
{
	FILE *f = fopen(path, "r");

	if (!f || !fgets(line, (int)size, f))
		snprintf(line, size, "-");
	line[strcspn(line, "\n")] = '\0';
	if (!*line)
		snprintf(line, size, "-");
	if (f)
		fclose(f);
}

int main(int argc, char **argv)
{
	static const char kernel[] = "/proc/sys/kernel/tainted";
	char path[256], module[64] = "-", before[32], after[32];
	int fd = argc == 3 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	int error;

	if (fd < 0) {
		perror("try-load");
		return 2;
	}
	read_line(kernel, before, sizeof(before));
	error = syscall(SYS_finit_module, fd, "", 0) < 0 ? errno : 0;
	read_line(kernel, after, sizeof(after));
	if (error == 0) {
		snprintf(path, sizeof(path), "/sys/module/%s/taint", argv[2]);
		read_line(path, module, sizeof(module));
		if (syscall(SYS_delete_module, argv[2], O_NONBLOCK) < 0)
			perror("try-load: unload");
	}
	printf("%d %s %s %s\n", error, module, before, after);
	return 0;
}
