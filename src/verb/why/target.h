/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What an argument of `kmodctl why` is: people type names, names of files, paths, devices, symbols. It is classified
 * before anything is explained.
 */

#include "verb/why/query.h"

enum target_kind {
	TARGET_NAME,   /* of a module, or an alias; or of nothing */
	TARGET_FILE,   /* a module file */
	TARGET_PATH,   /* a path that is no module file, or does not exist */
	TARGET_DEVICE, /* a device, an interface, a device node, a directory of sysfs */
	TARGET_SYMBOL,
};

struct target {
	enum target_kind kind;
	struct candidates modules; /* that it stands for */
	struct why said;           /* what it is; an obstacle: it stands for no module, and why. May be empty */
};

/* 0, -ENOMEM, -errno: the path is too long. */
int target_find(const struct why_query *q, const char *asked, struct target *ret);
void target_done(struct target *t);
const char *target_kind_name(enum target_kind kind);

/* "/dev/x", "./x", "../x", "x.ko": what can only be a path, and not an alias with a slash in it. */
bool target_is_path(const char *text);

#define _cleanup_target_ _cleanup_(target_done)
