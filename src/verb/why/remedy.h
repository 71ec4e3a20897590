/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Commands for fixes that depend on the machine: its files, its distribution, its boot loader. Each gives a command to
 * the finding that was added last, or none where the machine does not show which would do it. 0, -ENOMEM.
 */

#include "base/root.h"
#include "verb/why/finding.h"

#ifdef KMODCTL_SMALL
/* As with why_command(). */
#define remedy_delete_line(w, root, at) ((void)(w), (void)(root), (void)(at), 0)
#define remedy_delete_option(w, root, at, word) ((void)(w), (void)(root), (void)(at), (void)(word), 0)
#define remedy_replace_word(w, root, at, word, with) \
	((void)(w), (void)(root), (void)(at), (void)(word), (void)(with), 0)
#define remedy_set_line(w, root, at, text) ((void)(w), (void)(root), (void)(at), (void)(text), 0)
#define remedy_delete_mark(w, root, at) ((void)(w), (void)(root), (void)(at), 0)
#define remedy_rename(w, file) ((void)(w), (void)(file), 0)
#define remedy_deny(w, module, first) ((void)(w), (void)(module), (void)(first), 0)
#define remedy_boot_argument(w, root, parameter, name) ((void)(w), (void)(root), (void)(parameter), (void)(name), 0)
#define remedy_modules(w, root, release, has_some) ((void)(w), (void)(root), (void)(release), (void)(has_some), 0)
#define remedy_file(w, root, release, path) ((void)(w), (void)(root), (void)(release), (void)(path), 0)
#define remedy_headers(w, root, release) ((void)(w), (void)(root), (void)(release), 0)
#define remedy_firmware(w, root, file) ((void)(w), (void)(root), (void)(file), 0)
#define remedy_reload(w, root, release, module) ((void)(w), (void)(root), (void)(release), (void)(module), 0)
#define remedy_initramfs(w, root, release) ((void)(w), (void)(root), (void)(release), 0)
#define remedy_use_copy(w, release, path) ((void)(w), (void)(release), (void)(path), 0)
#define remedy_recompress(w, path) ((void)(w), (void)(path), 0)
#define remedy_unbind(w, bus, driver, device) ((void)(w), (void)(bus), (void)(driver), (void)(device), 0)
#else
/*
 * Deletes the line of a configuration file. A file that a package owns (outside of /etc) is left as it is; a copy
 * without the line, of the same name in /etc, takes its place. A place on the kernel command line is none: see below.
 */
int remedy_delete_line(struct why *w, const struct root *root, const struct policy_entry *at);
/* Deletes one option of the line in the same way, or the line that has no other. */
int remedy_delete_option(struct why *w, const struct root *root, const struct policy_entry *at, struct span word);
/* Puts another word in the place of one of the line. */
int remedy_replace_word(struct why *w, const struct root *root, const struct policy_entry *at, const char *word,
			const char *with);
/* Puts a text, of one line or more, in the place of the line. */
int remedy_set_line(struct why *w, const struct root *root, const struct policy_entry *at, const char *text);
/* Takes the byte order mark away that stands before the line. */
int remedy_delete_mark(struct why *w, const struct root *root, const struct policy_entry *at);
/* Gives a file of a directory of configuration a name under which it is read. */
int remedy_rename(struct why *w, const char *file);
/* Makes modprobe refuse a module, by its normalized name; first: the install line that counts now, or NULL. */
int remedy_deny(struct why *w, const char *module, const struct policy_entry *first);
/* Appends text for a basic regular expression, or what replaces one, between the slashes of sed(1)'s command s. */
void remedy_add_literal(struct buf *into, struct span text);
/* Takes a name out of the list PARAMETER=A,B,... of the kernel command line, where the boot loader has it from. */
int remedy_boot_argument(struct why *w, const struct root *root, const char *parameter, const char *name);
/* Installs the package that has the modules of a release; has_some: the one with more of them. */
int remedy_modules(struct why *w, const struct root *root, const char *release, bool has_some);
/* Installs the package again that this module file came with. */
int remedy_file(struct why *w, const struct root *root, const char *release, const char *path);
/* Installs the headers of a release, against which modules are built. */
int remedy_headers(struct why *w, const struct root *root, const char *release);
/* Installs the package of this file of firmware. */
int remedy_firmware(struct why *w, const struct root *root, const char *file);
/*
 * Loads a module again that is loaded with something old. One that is in use cannot be; it may have come from the
 * initramfs, which is rebuilt, before a reboot.
 */
int remedy_reload(struct why *w, const struct root *root, const char *release, const char *module);
/* Rebuilds the initramfs, by the tool that is installed. */
int remedy_initramfs(struct why *w, const struct root *root, const char *release);
/* Moves a module's file away, so that another copy is used. */
int remedy_use_copy(struct why *w, const char *release, const char *path);
/* Compresses a .ko.xz again in a way that kernels unpack. */
int remedy_recompress(struct why *w, const char *path);
/* Takes a device from its driver, through sysfs. */
int remedy_unbind(struct why *w, const char *bus, const char *driver, const char *device);
#endif
