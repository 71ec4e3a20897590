/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Modules to load at boot: modules-load.d(5), modules_load= and rd.modules_load= of the kernel command line
 * (systemd-modules-load.service(8)), and Debian's /etc/modules. Each name comes with the place that lists it.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/root.h"

struct modload_entry {
	char *name;    /* as written */
	char *options; /* /etc/modules only: the words after the name; NULL: none */
	char *file;    /* "/etc/modules-load.d/x.conf", "/proc/cmdline" */
	unsigned line; /* 0 for the command line */
};

struct modload {
	struct modload_entry *items;
	size_t n, cap;
	int error; /* -errno of the first file that could not be read (reported); 0: none */
};

extern const char *const modload_default_paths[]; /* NULL-terminated */

struct modload_request {
	struct root root;
	/*
	 * NULL-terminated files to read instead of everything else; a name without '/' is looked for in the
	 * default directories. NULL: the kernel command line, the directories, then /etc/modules unless one of the
	 * fragments is a link to it.
	 */
	const char *const *files;
};

/*
 * In the order in which systemd-modules-load works: command line first, then fragments by name. A name that
 * occurs twice is listed twice. 0 or -ENOMEM; a file that cannot be read does not stop the others.
 */
int modload_read(const struct modload_request *req, struct diag *diag, struct modload *ret);
void modload_done(struct modload *m);

#define _cleanup_modload_ _cleanup_(modload_done)
