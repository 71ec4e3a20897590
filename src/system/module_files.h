/* SPDX-License-Identifier: MIT */
#pragma once

/* What operands stand for: the module files of those of sign and verify, and the module of a name. */

#include "base/modname.h"
#include "base/vec.h"
#include "system/sys.h"

struct module_files {
	bool all;            /* --all: every module of the kernel version */
	const char *version; /* -k, NULL: the running kernel */
};

/* Paths, and how much of each the user named (base/place.h): what was found below a directory is not to be a link. */
struct module_list {
	struct strv paths;
	struct module_tops {
		size_t *items;
		size_t n, cap;
	} tops; /* one for each path */
	struct module_errors {
		int *items;
		size_t n, cap;
	} errors; /* one for each path: -errno, reported: it is not to be opened; 0 otherwise */
};
void module_list_done(struct module_list *l);

/* What is said when no operand was given: sign and verify find that out before they read anything. */
#define MODULE_FILES_NONE "no module given; name files or directories, or use --all"

/*
 * Operands are files and directories. Each file is listed once. What cannot be read, and a directory without modules
 * (-ENOENT), is reported and listed with its error, so that the others are worked on all the same. -ENOMEM, or
 * -errno, reported: the kernel version is unknown. For a release (--all) the files are those that depmod finds
 * (base/moduletree.h).
 */
int module_files_collect(struct sys *sys, const struct module_files *m, int n, char **operands,
			 struct module_list *ret);
#define _cleanup_module_list_ _cleanup_(module_list_done)

/*
 * The module that an operand names, for verbs that take no file: NAME.ko will do, a path will not, since the file need
 * not be that of the module. 0; -EINVAL or -ENAMETOOLONG, reported with that code, and with the module's name if the
 * operand shows it.
 */
int module_name_of_operand(struct sys *sys, const char *code, const char *written, char ret[static MODNAME_MAX]);
/* Says why an operand is no name, for those that are stricter. */
void module_report_name(struct sys *sys, const char *code, const char *written);
