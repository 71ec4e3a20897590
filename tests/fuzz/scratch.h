/* SPDX-License-Identifier: MIT */
#pragma once

/* A root in memory-backed storage whose one file holds the input: for parsers that read through struct root. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/root.h"

static char scratch_dir[64];

static inline void scratch_remove(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", scratch_dir);
	if (system(command) != 0)
		perror(scratch_dir);
}

/* The directory, made at the first call and removed at exit. */
static inline struct root scratch_root(void)
{
	const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	if (!scratch_dir[0]) {
		snprintf(scratch_dir, sizeof(scratch_dir), "%s/kmodctl-fuzz-XXXXXX", base);
		if (!mkdtemp(scratch_dir))
			abort();
		atexit(scratch_remove);
	}
	return (struct root){ .prefix = scratch_dir };
}

/* Writes /NAME below the root, with the directories above it. */
static inline void scratch_write(const char *name, const uint8_t *data, size_t size)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", scratch_root().prefix, name);
	f = fopen(path, "w");
	for (char *slash = path + strlen(scratch_root().prefix); !f && (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	if (!f)
		f = fopen(path, "w");
	if (!f || (size > 0 && fwrite(data, 1, size, f) != size) || fclose(f) != 0)
		abort();
}
