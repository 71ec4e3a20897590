/* SPDX-License-Identifier: MIT */
#pragma once

/* The three name rules of kernel modules, and module file names. */

#include <stdbool.h>
#include <stddef.h>

/* Room for any module name: the kernel takes 56 - 1 bytes at most, files may carry longer names. */
#define MODNAME_MAX 256

/*
 * Module name rule (files, names given by users): '-' becomes '_' everywhere, the name ends at the first
 * '.'. `snd-timer.ko.xz` -> `snd_timer`. -EINVAL for an empty result, -ENAMETOOLONG.
 */
int modname_normalize(const char *name, char ret[static MODNAME_MAX]);

/* The module name of a path's last component, by the rule above. */
int modname_from_path(const char *path, char ret[static MODNAME_MAX]);

/*
 * Alias rule (modalias strings, names and patterns of modprobe.d, keys of the alias indexes): '-' becomes
 * '_' except inside [...], whose text is kept. ret may be alias itself. -EINVAL for an unmatched bracket,
 * -ENAMETOOLONG when it does not fit into cap bytes.
 */
int alias_normalize(const char *alias, char *ret, size_t cap);

/*
 * The bytes of a module extension (.ko, .ko.gz, .ko.xz, .ko.zst) that name ends in, 0 if none. A name that is only an
 * extension counts as none.
 */
size_t modname_extension(const char *name);

/* Is it the kernel's own directory of a module (/sys/module/NAME), or below it? Then the module's name. */
bool modname_of_sysfs(const char *written, char ret[static MODNAME_MAX]);
/* The same, or is it written as the file of a module, with an extension or directories? */
bool modname_of_file(const char *written, char ret[static MODNAME_MAX]);

/*
 * Equal by the module name rule, except that '.' does not end them: for comparing parameter and module names as the
 * kernel does.
 */
bool modname_equal(const char *a, const char *b);
/* An order in which those that are equal by that rule are equal: below, at or above 0. */
int modname_compare_n(const char *a, size_t a_len, const char *b, size_t b_len);
bool modname_equal_n(const char *a, size_t a_len, const char *b, size_t b_len);
