/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the kernel logged about a load: the records written to /dev/kmsg between kmsg_open() and kmsg_collect()
 * (Documentation/ABI/testing/dev-kmsg). Anyone may have written them: they are hints, never the basis of a decision.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"
#include "base/span.h"
#include "base/vec.h"

/* No more than this is collected: one load logs a few lines. */
#define KMSG_RECORDS_MAX 256
#define KMSG_TEXT_MAX 1024
/* A log is read to its end, but one that grows as fast as it is read has none. */
#define KMSG_READS_MAX (1u << 20)

struct kmsg_record {
	unsigned priority; /* facility << 3 | level */
	uint64_t sequence;
	uint64_t usec;    /* since boot */
	const char *text; /* without newline; escapes such as \x0a as the kernel writes them */
};

/* Is it the kernel's own? Its facility is 0 of syslog(3), which nobody else can use. */
static inline bool kmsg_is_kernels(const struct kmsg_record *record)
{
	return record->priority >> 3 == 0;
}

struct kmsg {
	int fd; /* -1: not readable */
};

/* Places a mark behind the last record. -errno: unreadable (-EPERM with dmesg_restrict, -ENOENT); k->fd is then -1. */
int kmsg_open(const struct root *root, struct kmsg *ret);
void kmsg_close(struct kmsg *k);

struct kmsg_list {
	struct kmsg_record *items;
	size_t n, cap;
	struct strv texts;
	bool lost; /* records were overwritten before they could be read, or exceeded the bound */
};

/*
 * Appends what was written since the mark. Never blocks. 0 also when nothing was written, and with k->fd -1; -ENOMEM,
 * -errno of read(2).
 */
int kmsg_collect(struct kmsg *k, struct kmsg_list *into);
void kmsg_list_done(struct kmsg_list *l);

/*
 * Passes every record that the kernel still has to visit(), from the oldest on; its text lasts for the call only.
 * *ret_from_boot: the first record of this boot was among them. 0, -errno of opening or reading, or what visit()
 * returned to end it.
 */
int kmsg_each(const struct root *root, int (*visit)(void *data, const struct kmsg_record *record), void *data,
	      bool *ret_from_boot);

/*
 * One record as read(2) returns it: "6,339,5140900,-[,...];text\n KEY=value\n...". *ret_text is not terminated.
 * -EINVAL: not of this form. record->text is not touched.
 */
int kmsg_parse(struct span raw, struct kmsg_record *ret, struct span *ret_text);

#define _cleanup_kmsg_ _cleanup_(kmsg_close)
#define _cleanup_kmsg_list_ _cleanup_(kmsg_list_done)
