// SPDX-License-Identifier: MIT
/*
 * lsmod-agrees COMMAND [ARGUMENT...]: does lsmod, called so, print what the kernel says in /proc/modules? Same rows
 * in the same order; each names a module's users in an order of its own. The kernel may change its mind in between,
 * for instance when it has finished testing a new cipher: what is compared is a moment before and after which it said
 * the same. Exit status 0: yes; 1: no, and the first row that differs is printed.
 */
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXT = 1 << 20, USERS = 256, ROW = 8192 };

/* Everything up to the end, as a string. */
static void read_all(int fd, char text[TEXT])
{
	size_t used = 0;
	ssize_t n;

	while ((n = read(fd, text + used, TEXT - 1 - used)) > 0)
		used += (size_t)n;
	if (n < 0 || used == TEXT - 1)
		err(2, "read");
	text[used] = '\0';
	close(fd);
}

static void read_kernel(char text[TEXT])
{
	int fd = open("/proc/modules", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(2, "/proc/modules");
	read_all(fd, text);
}

static void read_command(char **argv, char text[TEXT])
{
	int pipes[2], status;
	pid_t child;

	if (pipe(pipes) < 0 || (child = fork()) < 0)
		err(2, "fork");
	if (child == 0) {
		dup2(pipes[1], STDOUT_FILENO);
		close(pipes[0]);
		close(pipes[1]);
		execvp(argv[0], argv);
		err(127, "%s", argv[0]);
	}
	close(pipes[1]);
	read_all(pipes[0], text);
	if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		errx(1, "%s failed", argv[0]);
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "NAME SIZE COUNT USER USER" of the next line, the users sorted, without marks like "-" and "[permanent]". */
static bool next_row(char **text, char row[ROW])
{
	char *line = strsep(text, "\n"), *users[USERS], *field[4] = { "", "", "", "" }, *word;
	size_t n_fields = 0, n = 0;
	int used;

	if (!line || !*line)
		return false;
	while (n_fields < 4 && (word = strsep(&line, " ")))
		if (*word)
			field[n_fields++] = word;
	for (char *rest = n_fields == 4 ? field[3] : NULL; n < USERS && (word = strsep(&rest, ","));)
		if (isalnum((unsigned char)*word) || *word == '_')
			users[n++] = word;
	qsort(users, n, sizeof(users[0]), compare_words);
	used = snprintf(row, ROW, "%s %s %s", field[0], field[1], field[2]);
	for (size_t i = 0; i < n && used < ROW; i++)
		used += snprintf(row + used, ROW - (size_t)used, " %s", users[i]);
	if (n == USERS || used >= ROW)
		errx(2, "%s: too many users", field[0]);
	return true;
}

static bool same_rows(char *kernel, char *lsmod)
{
	char ours[ROW], theirs[ROW];

	strsep(&lsmod, "\n"); /* the header */
	for (;;) {
		bool more = next_row(&kernel, theirs);

		if (next_row(&lsmod, ours) != more) {
			printf("lsmod has %s rows than the kernel\n", more ? "fewer" : "more");
			return false;
		}
		if (!more)
			return true;
		if (strcmp(ours, theirs) != 0) {
			printf("lsmod: %s; kernel: %s\n", ours, theirs);
			return false;
		}
	}
}

int main(int argc, char **argv)
{
	static char before[TEXT], lsmod[TEXT], after[TEXT];

	if (argc < 2)
		errx(2, "a command is missing");
	do {
		read_kernel(before);
		read_command(argv + 1, lsmod);
		read_kernel(after);
	} while (strcmp(before, after) != 0);
	return same_rows(before, lsmod) ? 0 : 1;
}
