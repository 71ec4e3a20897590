/* SPDX-License-Identifier: MIT */
#pragma once

/* The parameters of a module as they are now: /sys/module/NAME/parameters (Documentation/ABI/stable/sysfs-module). */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/root.h"

struct setting {
	const char *name;
	const char *value; /* without the newline at its end; NULL: cannot be read */
	mode_t mode;
};

struct settings {
	struct setting *items; /* sorted by name; those without a file are not among them */
	size_t n, cap;
	struct arena strings;
};

/* 0, also for a module without parameters; -ENOMEM. */
int settings_read(const struct root *root, const char *module, struct settings *ret);
/* NULL: not there. '-' and '_' are the same. */
const struct setting *settings_find(const struct settings *s, const char *name);
/* As for settings_find(); the name is name_len bytes. */
const struct setting *settings_find_n(const struct settings *s, const char *name, size_t name_len);
/* Judged by the file's mode; whether the kernel accepts a write also depends on the value. */
bool setting_is_writable(const struct setting *s);
/*
 * Sets a parameter, named as its file is. 0 or -errno; from the kernel: -EACCES, -EPERM, -EINVAL and what the module
 * returns.
 */
int setting_write(const struct root *root, const char *module, const char *name, const char *value);
void settings_done(struct settings *s);

#define _cleanup_settings_ _cleanup_(settings_done)
