/* SPDX-License-Identifier: MIT */
#pragma once

/* Devices of sysfs and the modules that drive them (Documentation/admin-guide/sysfs-rules.rst, sysfs-module). */

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/root.h"
#include "base/vec.h"

/* A device that a driver of a module is bound to. */
struct bound_device {
	const char *bus;    /* "pci" */
	const char *driver; /* "e1000e" */
	const char *name;   /* "0000:00:03.0" */
};

struct bound_devices {
	struct bound_device *items; /* sorted by bus and name */
	size_t n, cap;
	struct arena strings;
};

/* Devices bound to the drivers of /sys/module/NAME/drivers. 0 (also when there are none) or -ENOMEM. */
int bound_devices_read(const struct root *root, const char *module, struct bound_devices *ret);
void bound_devices_done(struct bound_devices *d);
bool bound_device_is_bound(const struct root *root, const struct bound_device *d); /* now */

/* The directory below /sys/devices that a path of sysfs leads to. -ENOENT: to none; -errno */
int device_resolve(const struct root *root, const char *path, char ret[static PATH_MAX]);
/* /sys/dev/{char,block}/MAJOR:MINOR resolved. -ENOENT: no such device. */
int device_of_number(const struct root *root, bool block, dev_t number, char ret[static PATH_MAX]);
/* The modules of the drivers bound to a resolved directory and to those above it, nearest first. 0 or -ENOMEM. */
int device_modules(const struct root *root, const char *dir, struct strv *ret);
/* The value of a KEY= line of DIR/uevent. -ENOENT: none. */
int device_uevent(const struct root *root, const char *dir, const char *key, char *ret, size_t cap);

/* The last component of the target of a symbolic link of sysfs. -errno, -ENAMETOOLONG */
int device_link_name(const struct root *root, const char *path, char *ret, size_t cap);

/* A network interface of the caller's namespace. */
struct interface {
	const char *name;
	const char *kind; /* of a virtual one: "bridge", "vlan", "tun"; NULL: not known */
	bool up;
	struct strv modules; /* that drive the device below it */
};

struct interfaces {
	struct interface *items; /* sorted by name */
	size_t n, cap;
	struct arena strings;
};

int interfaces_read(const struct root *root, struct interfaces *ret); /* 0, -errno */
void interfaces_done(struct interfaces *i);

/* A block device that has something set up in it, or is used by another one. */
struct block_device {
	const char *name;
	dev_t number;
	const char *backing; /* loop: its file; NULL: none */
	const char *mapping; /* device-mapper: the name; NULL: none */
	const char *uuid;    /* device-mapper: "CRYPT-LUKS2-...", "" */
	const char *level;   /* md: "raid1"; NULL: none */
	struct strv holders; /* block devices on top of it */
};

struct block_devices {
	struct block_device *items; /* sorted by name; partitions among them */
	size_t n, cap;
	struct arena strings;
};

int block_devices_read(const struct root *root, struct block_devices *ret); /* 0, -errno */
void block_devices_done(struct block_devices *b);

#define _cleanup_bound_devices_ _cleanup_(bound_devices_done)
#define _cleanup_interfaces_ _cleanup_(interfaces_done)
#define _cleanup_block_devices_ _cleanup_(block_devices_done)

/* "8:16", as sysfs and mountinfo write a device's number, and nothing after it. */
bool device_number_parse(const char *text, dev_t *ret);
