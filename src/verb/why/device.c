// SPDX-License-Identifier: MIT
#include "verb/why/device.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/fileio.h"
#include "base/modname.h"
#include "base/oom.h"
#include "read/kernel/devices.h"

#define MODALIAS_MAX 4096

/* What is being asked about, and what is found out. */
struct search {
	const struct why_query *q;
	const char *asked;
	struct candidates *modules;
	struct why *said;
};

/* The device itself, or the nearest one above it that has a driver or wants one. */
struct device {
	char dir[PATH_MAX];
	char driver[NAME_MAX + 1], module[NAME_MAX + 1]; /* "": none */
	char modalias[MODALIAS_MAX];
	const char *relation; /* of what was asked for to it */
};

static bool read_link(const struct root *root, const char *dir, const char *link, char *ret)
{
	char path[PATH_MAX];

	*ret = '\0';
	return (size_t)snprintf(path, sizeof(path), "%s/%s", dir, link) < sizeof(path) &&
	       device_link_name(root, path, ret, NAME_MAX + 1) == 0;
}

static bool read_modalias(const struct root *root, struct device *d)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/modalias", d->dir) >= sizeof(path) ||
	    file_read_line(root, path, d->modalias, sizeof(d->modalias)) < 0)
		*d->modalias = '\0';
	return *d->modalias;
}

/* Up from dir to the first that has a driver or a modalias. Its file system, disk or interface is below it. */
static bool climb(const struct root *root, struct device *d)
{
	char *slash;

	d->relation = "is";
	while (strlen(d->dir) > strlen("/sys/devices")) {
		bool driven = read_link(root, d->dir, "driver", d->driver);

		if (driven)
			read_link(root, d->dir, "driver/module", d->module);
		if (read_modalias(root, d) || driven)
			return true;
		slash = strrchr(d->dir, '/');
		*slash = '\0';
		d->relation = "belongs to";
	}
	return false;
}

/* ---- findings ---- */

static const char *name_of(const struct device *d)
{
	return strrchr(d->dir, '/') + 1;
}

static int tell_driven(const struct search *t, const struct device *d)
{
	char name[MODNAME_MAX];
	int r = why_add(t->said, WHY_FACT, WHY_IS_DEVICE, NULL, "%s %s device %s, which is bound to the driver %s%s%s",
			t->asked, d->relation, name_of(d), d->driver,
			*d->module ? " of module " : ", which is built into the kernel", d->module);

	if (r < 0 || !*d->module || modname_normalize(d->module, name) < 0 || candidates_have(t->modules, name))
		return r;
	return resolve_literal(name, t->modules);
}

static int tell_undriven(const struct search *t, const struct device *d)
{
	size_t before = t->modules->n;
	int r = only_oom(resolve(t->q->world, d->modalias, t->modules));

	if (r < 0)
		return r;
	if (t->modules->n > before)
		return why_add(t->said, WHY_FACT, WHY_IS_DEVICE, NULL, "%s %s device %s, which has no driver (%s)",
			       t->asked, d->relation, name_of(d), d->modalias);
	r = why_add(t->said, WHY_OBSTACLE, WHY_DEVICE_UNKNOWN, NULL,
		    "%s %s device %s, which has no driver, and no installed module has an alias for it: %s", t->asked,
		    d->relation, name_of(d), d->modalias);
	return r < 0 ? r : why_fix(t->said, "find the driver that supports %s, and build or install it", d->modalias);
}

/* What has no bus: an interface of a kind ("bridge"), a node that a module provides. */
static int ask_by_alias(const struct search *t, const char *alias)
{
	int r = only_oom(resolve(t->q->world, alias, t->modules));

	if (r < 0 || !t->modules->n)
		return r;
	return why_add(t->said, WHY_FACT, WHY_IS_DEVICE, NULL, "%s is a device without a bus; its alias is %s",
		       t->asked, alias);
}

static int tell_virtual(const struct search *t, const char *dir)
{
	char kind[NAME_MAX + 1], alias[NAME_MAX + 32];
	int r = 0;

	if (device_uevent(&t->q->sys->root, dir, "DEVTYPE", kind, sizeof(kind)) == 0) {
		snprintf(alias, sizeof(alias), "rtnl-link-%s", kind);
		r = ask_by_alias(t, alias);
	}
	if (r < 0 || t->modules->n)
		return r;
	return why_add(t->said, WHY_OBSTACLE, WHY_DEVICE_UNKNOWN, NULL,
		       "%s is a device, but nothing in sysfs shows which driver it has or wants", t->asked);
}

static int tell_one(const struct search *t, const char *dir)
{
	struct device d = { 0 };

	strcpy(d.dir, dir);
	if (!climb(&t->q->sys->root, &d))
		return tell_virtual(t, dir);
	return *d.driver ? tell_driven(t, &d) : tell_undriven(t, &d);
}

/* A USB device is driven by usbcore; what it does, its interfaces do, "1-1.2:1.0", which have drivers of their own. */
static int tell_interfaces(const struct search *t, const char *dir)
{
	_cleanup_strv_ struct strv names = { 0 };
	char path[PATH_MAX], bus[NAME_MAX + 1];
	const char *device = strrchr(dir, '/') + 1;
	size_t n = strlen(device);
	int r = 0;

	if (!read_link(&t->q->sys->root, dir, "subsystem", bus) || strcmp(bus, "usb") != 0 || strchr(device, ':'))
		return 0;
	root_list(&t->q->sys->root, dir, &names);
	for (size_t i = 0; i < names.n && r >= 0; i++)
		if (strncmp(names.items[i], device, n) == 0 && names.items[i][n] == ':' &&
		    (size_t)snprintf(path, sizeof(path), "%s/%s", dir, names.items[i]) < sizeof(path))
			r = tell_one(t, path);
	return r;
}

static int tell(const struct search *t, const char *dir)
{
	size_t before = t->said->n;
	int r = tell_interfaces(t, dir);

	if (r >= 0 && t->said->n == before)
		r = tell_one(t, dir);
	return r < 0 ? r : 1;
}

int device_tell(const struct why_query *q, const char *asked, const char *dir, struct candidates *modules,
		struct why *said)
{
	const struct search t = { q, asked, modules, said };

	return tell(&t, dir);
}

/* ---- where it is ---- */

static size_t hex_digits(const char *text)
{
	size_t n = 0;

	while (isxdigit((unsigned char)text[n]))
		n++;
	return n;
}

/* "1f.6" */
static bool is_slot(const char *text)
{
	return hex_digits(text) == 2 && text[2] == '.' && text[3] >= '0' && text[3] <= '7' && !text[4];
}

bool device_pci_address(const char *text, char *ret, size_t cap)
{
	size_t n = hex_digits(text);
	bool whole = (n == 4 || n == 8) && text[n] == ':';
	const char *bus = whole ? text + n + 1 : text;

	if (hex_digits(bus) != 2 || bus[2] != ':' || !is_slot(bus + 3))
		return false;
	if ((size_t)snprintf(ret, cap, "%s%s", whole ? "" : "0000:", text) >= cap)
		return false;
	for (char *p = ret; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return true;
}

/* In one of the directories of dir: /sys/bus/BUS/devices/NAME, /sys/class/CLASS/NAME. */
static int find_in(const struct root *root, const char *dir, const char *below, const char *name,
		   char ret[static PATH_MAX])
{
	_cleanup_strv_ struct strv kinds = { 0 };
	char path[PATH_MAX];
	int r = root_list(root, dir, &kinds);

	for (size_t i = 0; i < kinds.n && r >= 0; i++)
		if ((size_t)snprintf(path, sizeof(path), "%s/%s%s/%s", dir, kinds.items[i], below, name) <
			    sizeof(path) &&
		    device_resolve(root, path, ret) == 0)
			return 1;
	return only_oom(r);
}

static int find_directory(const struct root *root, const char *asked, char ret[static PATH_MAX])
{
	char address[32];
	int r;

	if (strchr(asked, '/'))
		return strncmp(asked, "/sys/", strlen("/sys/")) == 0 && device_resolve(root, asked, ret) == 0;
	if (!*asked || *asked == '.')
		return 0;
	r = find_in(root, "/sys/class", "", asked, ret);
	if (r == 0)
		r = find_in(root, "/sys/bus", "/devices", asked, ret);
	if (r == 0 && device_pci_address(asked, address, sizeof(address)))
		r = find_in(root, "/sys/bus", "/devices", address, ret);
	return r;
}

int device_find(const struct why_query *q, const char *asked, struct candidates *modules, struct why *said)
{
	const struct search t = { q, asked, modules, said };
	char dir[PATH_MAX];
	int r = find_directory(&q->sys->root, asked, dir);

	return r <= 0 ? r : tell(&t, dir);
}

int device_find_node(const struct why_query *q, const char *asked, bool block, dev_t number, struct candidates *modules,
		     struct why *said)
{
	const struct search t = { q, asked, modules, said };
	char dir[PATH_MAX], alias[64];
	int r;

	snprintf(alias, sizeof(alias), "%s-major-%u-%u", block ? "block" : "char", major(number), minor(number));
	r = ask_by_alias(&t, alias);
	if (r < 0 || modules->n)
		return r < 0 ? r : 1;
	if (device_of_number(&q->sys->root, block, number, dir) == 0)
		return tell(&t, dir);
	r = why_add(said, WHY_OBSTACLE, WHY_DEVICE_UNKNOWN, NULL,
		    "no device has the number of %s (%u:%u) now, and no alias leads to a module for it", asked,
		    major(number), minor(number));
	return r < 0 ? r : 1;
}
