/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A file replaced in steps, so that the new content can be checked where it lies before it takes the old one's place:
 * find, begin, write, read .fd, settle (attributes, fsync), commit. Until commit the old file is untouched, and done()
 * removes what is left over. Of several hard links only the one that is named becomes the new file. Signals that would
 * end the process wait from begin to done.
 *
 * The path is looked up once, by find. From there on everything is done on the descriptors of the old file and of its
 * directory (base/place.h), so that nobody who may write to that directory can lead it elsewhere.
 */

#include <stdbool.h>
#include <sys/stat.h>

#include "base/place.h"
#include "base/root.h"
#include "base/signals.h"
#include "base/span.h"
#include "base/temporary.h"

struct replacement {
	struct place place;
	int old;                        /* the file to replace, open for reading; -1: there is none */
	struct stat was;                /* its status; of mode 0: nothing has the name, or a link that is replaced */
	int fd;                         /* the new file, open for reading and writing */
	char temporary[TEMPORARY_NAME]; /* its name until commit; "" when there is none (any more) */
	struct signals signals;
	bool holds;
};

/*
 * For work on a file in place: a link that the user named (top: base/place.h) stays, and what it leads to is replaced.
 * -EISDIR or -EINVAL: something other than a file is there; -ENOENT: there is no such directory, or the link leads
 * nowhere.
 */
int replacement_find(const struct root *root, const char *path, size_t top, struct replacement *ret);
/* For a file that is generated: what has the name is replaced, also when it is a link. */
int replacement_find_name(const struct root *root, const char *path, size_t top, struct replacement *ret);
int replacement_begin(struct replacement *r);
int replacement_write(struct replacement *r, struct span bytes);
/*
 * Copies owner, mode, access list, extended attributes and labels from the old file, or sets the mode of a new one,
 * then syncs the file to disk. What belongs to the old content is not copied: set-user-ID and set-group-ID bits, file
 * capabilities, IMA and EVM labels. From here on the owner may write to the file: check its content before.
 */
int replacement_settle(struct replacement *r, mode_t mode);
/* Renames, and makes the rename durable. */
int replacement_commit(struct replacement *r);
void replacement_done(struct replacement *r);

/*
 * All steps at once, in place. If the path exists and is not a file (a terminal, a pipe, /dev/null), it is written to
 * instead of being replaced. Below an anchor (base/root.h) it is file_generate().
 */
int file_replace(const struct root *root, const char *path, struct span content, mode_t mode);
/* For a name that the program chose. -EINVAL or -EISDIR: something other than a file or a link has it. */
int file_generate(const struct root *root, const char *path, size_t top, struct span content, mode_t mode);
/* The number of the stream that /dev/stdout, /dev/stderr, /dev/fd/N or /proc/self/fd/N stands for; -1: another path. */
int file_stream_of(const char *path);
/*
 * For output to a name that the user chose: as file_generate(), but a terminal, a pipe or a device is written to, and
 * so is the stream behind /dev/stdout, /dev/stderr and /dev/fd/N, which are links. -ENXIO: nobody reads the pipe.
 */
int file_output(const struct root *root, const char *path, struct span content, mode_t mode);

#define REPLACEMENT_INIT ((struct replacement){ .place = PLACE_INIT, .old = -1, .fd = -1 })
#define _cleanup_replacement_ _cleanup_(replacement_done)
