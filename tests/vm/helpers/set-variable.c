// SPDX-License-Identifier: MIT
/*
 * set-variable NAME-GUID ATTRIBUTES FILE: writes an EFI variable with one write(2), as efivarfs wants it, and prints
 * the error: "0 Success". FILE is what the firmware gets behind the attributes, an authentication header included.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/fs.h>

static void make_mutable(const char *path)
{
	unsigned flags = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && flags & FS_IMMUTABLE_FL) {
		flags &= ~(unsigned)FS_IMMUTABLE_FL;
		ioctl(fd, FS_IOC_SETFLAGS, &flags);
	}
	close(fd);
}

int main(int argc, char **argv)
{
	static uint8_t data[1 << 20];
	char path[512];
	uint32_t attributes;
	size_t n;
	FILE *f;
	int fd, error;

	if (argc != 4 || !(f = fopen(argv[3], "r"))) {
		perror("set-variable");
		return 2;
	}
	attributes = (uint32_t)strtoul(argv[2], NULL, 0);
	memcpy(data, &attributes, sizeof(attributes));
	n = sizeof(attributes) + fread(data + sizeof(attributes), 1, sizeof(data) - sizeof(attributes), f);
	fclose(f);
	snprintf(path, sizeof(path), "/sys/firmware/efi/efivars/%s", argv[1]);
	make_mutable(path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	error = fd < 0 || write(fd, data, n) != (ssize_t)n ? errno : 0;
	printf("%d %s\n", error, strerror(error));
	return error != 0;
}
