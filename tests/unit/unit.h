/* SPDX-License-Identifier: MIT */
#pragma once

/* What every unit test includes: cmocka with the headers it wants before it, and a scratch directory. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* A new directory below TMPDIR; removed with everything in it by unit_rmdir(). */
static inline _unused_ char *unit_mkdtemp(void)
{
	const char *base = getenv("TMPDIR");
	char *path;

	assert_true(asprintf(&path, "%s/kmodctl-unit-XXXXXX", base ? base : "/tmp") > 0);
	assert_non_null(mkdtemp(path));
	return path;
}

static inline _unused_ void unit_rmdir(char *path)
{
	char *command;

	assert_true(asprintf(&command, "rm -rf '%s'", path) > 0);
	assert_int_equal(system(command), 0);
	free(command);
	free(path);
}

/* A test whose state is such a directory, which goes even when the test fails: `const char *dir = *state`. */
static inline _unused_ int unit_dir_setup(void **state)
{
	*state = unit_mkdtemp();
	return 0;
}

static inline _unused_ int unit_dir_teardown(void **state)
{
	unit_rmdir(*state);
	return 0;
}

/* cmocka says only that it was skipped; scripts/portable prints the reason. */
#define skip_because(reason)                            \
	do {                                            \
		print_message("skipped: %s\n", reason); \
		skip();                                 \
	} while (0)

/* qemu-user drops the nanoseconds of fstat(2) on some architectures. */
static inline _unused_ void unit_need_times(const char *path)
{
	struct stat by_name, by_fd;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0 && stat(path, &by_name) == 0 && fstat(fd, &by_fd) == 0);
	close(fd);
	if (by_name.st_ctim.tv_nsec != by_fd.st_ctim.tv_nsec)
		skip_because("fstat(2) does not tell the time that stat(2) tells");
}

#define unit_test_in_dir(f) cmocka_unit_test_setup_teardown(f, unit_dir_setup, unit_dir_teardown)

/* Writes a file below dir, making its parents. */
static inline _unused_ void unit_write(const char *dir, const char *name, const void *p, size_t n)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	for (char *s = path + strlen(dir) + 1; *s; s++) {
		if (*s != '/')
			continue;
		*s = '\0';
		mkdir(path, 0755);
		*s = '/';
	}
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static inline _unused_ void unit_puts(const char *dir, const char *name, const char *text)
{
	unit_write(dir, name, text, strlen(text));
}

/* A symbolic link below dir, with its parents; replaces an older one. */
static inline _unused_ void unit_link(const char *dir, const char *name, const char *target)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
	unit_puts(dir, name, "");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(target, path), 0);
}
