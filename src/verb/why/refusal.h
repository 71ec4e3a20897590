/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Why the kernel refused a module, where that can be seen from here: as lines for a person, printed below the
 * tool's own message. Reads files, changes nothing; what cannot be read gives no line.
 */

#include "read/index/catalog.h"
#include "read/kernel/kmsg.h"

#define CAUSE_LINES_MAX 3

struct cause_query {
	const struct root *root;
	const struct catalog *catalog; /* NULL: providers of symbols are not looked up */
	const struct kmsg_list *kmsg;  /* what the kernel said meanwhile; NULL: unknown */
	const char *name;              /* normalised */
	const char *path;              /* NULL: unknown */
	const char *options;
	int error;                     /* the kernel's -errno */
};

/* Appends at most CAUSE_LINES_MAX lines without newline, each beginning with the module's name. 0 (also without any) or -ENOMEM. */
int cause_of_load(const struct cause_query *q, struct strv *lines);
/* May this answer come from the signature rules? EPERM counts: it is what lockdown says. */
bool cause_is_signature(int error);
