/* SPDX-License-Identifier: MIT */
/*
 * hold socket FAMILY TYPE PROTOCOL | hold hash ALGORITHM: keeps a socket until it is killed, for tests of what uses a
 * module. Prints "held" when it has it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_alg.h>

static int hold_socket(char **args)
{
	return socket(atoi(args[0]), atoi(args[1]), atoi(args[2]));
}

static int hold_hash(const char *algorithm)
{
	struct sockaddr_alg address = { .salg_family = AF_ALG, .salg_type = "hash" };
	int fd = socket(AF_ALG, SOCK_SEQPACKET, 0);

	strncpy((char *)address.salg_name, algorithm, sizeof(address.salg_name) - 1);
	return fd < 0 ? -1 : bind(fd, (struct sockaddr *)&address, sizeof(address));
}

int main(int argc, char **argv)
{
	int r = -1;

	if (argc == 5 && strcmp(argv[1], "socket") == 0)
		r = hold_socket(argv + 2);
	else if (argc == 3 && strcmp(argv[1], "hash") == 0)
		r = hold_hash(argv[2]);
	if (r < 0) {
		perror("hold");
		return 1;
	}
	puts("held");
	fflush(stdout);
	pause();
	return 0;
}
