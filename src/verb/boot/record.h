/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What modules-load(8) keeps of its own work, until the next boot: a line for each module that it loaded or tried to
 * load. Fields are separated by tabs, which their texts do not contain (base/printable.h):
 *
 *	START	END	ERRNO	MODULE	ASKED
 *
 * START and END are microseconds of CLOCK_MONOTONIC, ERRNO is 0 for success, ASKED is FILE:LINE or /proc/cmdline, with
 * " for OTHER" behind it where OTHER needs the module. Every run of a boot adds its lines.
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/root.h"

#define BOOT_RECORD_DIR "/run/kmodctl"
#define BOOT_RECORD_FILE BOOT_RECORD_DIR "/modules-load.log"
/* Runs whose lines do not fit any more are not recorded. */
#define BOOT_RECORD_MAX (256u * 1024)

struct boot_record {
	uint64_t start, end;
	uint64_t error; /* an errno; 0: loaded */
	const char *module;
	const char *asked;
};

/* Appends the line. Sticky error. */
int boot_record_add(struct buf *into, const struct boot_record *record);
/*
 * Appends the lines to the file, all or nothing. 0, -EFBIG: they do not fit, -ENOENT: there is no /run; other -errno.
 * No link is followed, and nothing but a file is written to.
 */
int boot_record_append(const struct root *root, const struct buf *lines);
/* One line without its newline, which is changed; *ret borrows from it. -EINVAL: not of this form. */
int boot_record_parse(char *line, struct boot_record *ret);
/*
 * Passes each record of the file to visit(), in its order. 0, -ENOENT: there is none, other -errno of reading it, or
 * what visit() returned to end it. *ret_damaged: how many lines are not of this form.
 */
int boot_record_each(const struct root *root, int (*visit)(void *data, const struct boot_record *record), void *data,
		     size_t *ret_damaged);
