/* SPDX-License-Identifier: MIT */
#pragma once

/* The parameters of a module as they are now: /sys/module/NAME/parameters (Documentation/ABI/stable/sysfs-module). */

#include <stddef.h>

#include "base/arena.h"
#include "base/root.h"

struct setting {
	const char *name;
	const char *value; /* without the newline at its end; NULL: may not be read */
};

struct settings {
	struct setting *items; /* sorted by name; those without a file are not among them */
	size_t n, cap;
	struct arena strings;
};

/* 0, also for a module without any; -ENOMEM. */
int settings_read(const struct root *root, const char *module, struct settings *ret);
/* NULL: not there. '-' and '_' are the same. */
const struct setting *settings_find(const struct settings *s, const char *name);
void settings_done(struct settings *s);

#define _cleanup_settings_ _cleanup_(settings_done)
