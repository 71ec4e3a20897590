/* SPDX-License-Identifier: MIT */
/* open-socket FAMILY TYPE PROTOCOL: exit 0 when the kernel has such a socket; it may load a module for it. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: open-socket FAMILY TYPE PROTOCOL\n");
		return 2;
	}
	if (socket(atoi(argv[1]), atoi(argv[2]), atoi(argv[3])) < 0) {
		perror("socket");
		return 1;
	}
	return 0;
}
