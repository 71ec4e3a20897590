// SPDX-License-Identifier: MIT
#include "read/kernel/devices.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/fileio.h"
#include "base/num.h"

#define UEVENT_MAX (64u << 10)
#define ATTRIBUTE_MAX 4096
#define FLAG_UP 1u /* IFF_UP of linux/if.h */

int device_link_name(const struct root *root, const char *path, char *ret, size_t cap)
{
	char full[PATH_MAX], target[PATH_MAX];
	const char *p = root_path(root, path, full), *name;
	ssize_t n = p ? readlink(p, target, sizeof(target) - 1) : -1;

	if (n < 0)
		return -errno;
	target[n] = '\0';
	name = strrchr(target, '/');
	name = name ? name + 1 : target;
	if (strlen(name) >= cap)
		return -ENAMETOOLONG;
	strcpy(ret, name);
	return 0;
}

/* One attribute as an owned string, NULL when it is not there. */
static const char *attribute(const struct root *root, struct arena *strings, const char *dir, const char *name)
{
	char path[PATH_MAX], value[ATTRIBUTE_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path) ||
	    file_read_line(root, path, value, sizeof(value)) < 0)
		return NULL;
	return arena_str(strings, value);
}

/* ---- devices bound to the drivers of a module ---- */

static int by_bus_and_name(const void *a, const void *b)
{
	const struct bound_device *x = a, *y = b;
	int r = strcmp(x->bus, y->bus);

	return r ? r : strcmp(x->name, y->name);
}

static int add_bound(struct bound_devices *d, const char *bus, const char *driver, const char *name)
{
	const struct bound_device x = {
		.bus = arena_str(&d->strings, bus),
		.driver = arena_str(&d->strings, driver),
		.name = arena_str(&d->strings, name),
	};

	if (!x.bus || !x.driver || !x.name || vec_room(&d->items, d->n, &d->cap) < 0)
		return -ENOMEM;
	d->items[d->n++] = x;
	return 0;
}

/* entry: "pci:e1000e". A driver's directory has a link for each device, one to its module, and plain files. */
static int read_driver(const struct root *root, const char *module, const char *entry, struct bound_devices *ret)
{
	_cleanup_strv_ struct strv names = { 0 };
	char dir[PATH_MAX], path[PATH_MAX], unused[NAME_MAX + 1];
	const char *colon = strchr(entry, ':');
	char *bus;
	int r = 0;

	if (!colon)
		return 0;
	bus = arena_strn(&ret->strings, entry, (size_t)(colon - entry));
	if (!bus)
		return -ENOMEM;
	snprintf(dir, sizeof(dir), "/sys/module/%s/drivers/%s", module, entry);
	root_list(root, dir, &names);
	for (size_t i = 0; i < names.n && r >= 0; i++)
		if (strcmp(names.items[i], "module") != 0 &&
		    (size_t)snprintf(path, sizeof(path), "%s/%s", dir, names.items[i]) < sizeof(path) &&
		    device_link_name(root, path, unused, sizeof(unused)) == 0)
			r = add_bound(ret, bus, colon + 1, names.items[i]);
	return r;
}

int bound_devices_read(const struct root *root, const char *module, struct bound_devices *ret)
{
	_cleanup_bound_devices_ struct bound_devices d = { 0 };
	_cleanup_strv_ struct strv drivers = { 0 };
	char path[PATH_MAX];
	int r = 0;

	snprintf(path, sizeof(path), "/sys/module/%s/drivers", module);
	root_list(root, path, &drivers);
	for (size_t i = 0; i < drivers.n && r >= 0; i++)
		r = read_driver(root, module, drivers.items[i], &d);
	if (r < 0)
		return r;
	if (d.n)
		qsort(d.items, d.n, sizeof(*d.items), by_bus_and_name);
	*ret = d;
	d = (struct bound_devices){ 0 };
	return 0;
}

bool bound_device_is_bound(const struct root *root, const struct bound_device *d)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s/driver", d->bus, d->name);
	return root_exists(root, path);
}

void bound_devices_done(struct bound_devices *d)
{
	free(d->items);
	arena_done(&d->strings);
	*d = (struct bound_devices){ 0 };
}

/* ---- one device ---- */

int device_resolve(const struct root *root, const char *path, char ret[static PATH_MAX])
{
	char full[PATH_MAX], prefix[PATH_MAX] = "";
	const char *p = root_path(root, path, full);
	size_t n = 0;

	if (!p || !realpath(p, ret))
		return -errno;
	if (*root->prefix) {
		if (!realpath(root->prefix, prefix))
			return -errno;
		n = strlen(prefix);
	}
	if (strncmp(ret, prefix, n) != 0 || strncmp(ret + n, "/sys/devices/", strlen("/sys/devices/")) != 0)
		return -ENOENT;
	memmove(ret, ret + n, strlen(ret + n) + 1);
	return 0;
}

int device_of_number(const struct root *root, bool block, dev_t number, char ret[static PATH_MAX])
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/dev/%s/%u:%u", block ? "block" : "char", major(number), minor(number));
	return device_resolve(root, path, ret);
}

int device_modules(const struct root *root, const char *dir, struct strv *ret)
{
	char at[PATH_MAX], path[PATH_MAX], module[NAME_MAX + 1];
	char *slash;

	if ((size_t)snprintf(at, sizeof(at), "%s", dir) >= sizeof(at))
		return 0;
	/* /sys/devices itself has no driver. */
	while ((slash = strrchr(at, '/')) && slash - at > (ptrdiff_t)strlen("/sys/devices") - 1) {
		if ((size_t)snprintf(path, sizeof(path), "%s/driver/module", at) < sizeof(path) &&
		    device_link_name(root, path, module, sizeof(module)) == 0 && strv_add(ret, module) < 0)
			return -ENOMEM;
		*slash = '\0';
	}
	return 0;
}

int device_uevent(const struct root *root, const char *dir, const char *key, char *ret, size_t cap)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	char path[PATH_MAX], *at, *line;
	size_t n = strlen(key);

	if ((size_t)snprintf(path, sizeof(path), "%s/uevent", dir) >= sizeof(path) ||
	    file_read(root, path, UEVENT_MAX, &text) < 0)
		return -ENOENT;
	at = text.p;
	while ((line = strsep(&at, "\n")))
		if (strncmp(line, key, n) == 0 && line[n] == '=' && strlen(line + n + 1) < cap) {
			strcpy(ret, line + n + 1);
			return 0;
		}
	return -ENOENT;
}

/* ---- network interfaces ---- */

static int read_interface(const struct root *root, const char *name, struct interfaces *all)
{
	char dir[PATH_MAX], device[PATH_MAX], kind[NAME_MAX + 1];
	struct interface x = { .name = arena_str(&all->strings, name) };
	const char *flags;
	uint64_t bits;

	snprintf(dir, sizeof(dir), "/sys/class/net/%s", name);
	flags = attribute(root, &all->strings, dir, "flags");
	x.up = flags && parse_u64(flags, 0, &bits) == 0 && bits & FLAG_UP;
	if (device_uevent(root, dir, "DEVTYPE", kind, sizeof(kind)) == 0)
		x.kind = arena_str(&all->strings, kind);
	else if (attribute(root, &all->strings, dir, "tun_flags"))
		x.kind = "tun";
	snprintf(dir, sizeof(dir), "/sys/class/net/%s/device", name);
	if (!x.name || vec_room(&all->items, all->n, &all->cap) < 0)
		return -ENOMEM;
	if (device_resolve(root, dir, device) == 0 && device_modules(root, device, &x.modules) < 0) {
		strv_done(&x.modules);
		return -ENOMEM;
	}
	all->items[all->n++] = x;
	return 0;
}

int interfaces_read(const struct root *root, struct interfaces *ret)
{
	_cleanup_interfaces_ struct interfaces all = { 0 };
	_cleanup_strv_ struct strv names = { 0 };
	int r = root_list(root, "/sys/class/net", &names);

	for (size_t i = 0; i < names.n && r >= 0; i++)
		r = read_interface(root, names.items[i], &all);
	if (r < 0)
		return r;
	*ret = all;
	all = (struct interfaces){ 0 };
	return 0;
}

void interfaces_done(struct interfaces *i)
{
	for (size_t k = 0; k < i->n; k++)
		strv_done(&i->items[k].modules);
	free(i->items);
	arena_done(&i->strings);
	*i = (struct interfaces){ 0 };
}

/* ---- block devices ---- */

bool device_number_parse(const char *text, dev_t *ret)
{
	uint64_t major, minor;

	if (!scan_u64(&text, &major) || *text++ != ':' || !scan_u64(&text, &minor) || *text || major > UINT32_MAX ||
	    minor > UINT32_MAX)
		return false;
	*ret = makedev((unsigned)major, (unsigned)minor);
	return true;
}

static bool read_number(const struct root *root, const char *dir, dev_t *ret)
{
	char path[PATH_MAX + 16], text[32];

	snprintf(path, sizeof(path), "%s/dev", dir);
	return file_read_line(root, path, text, sizeof(text)) >= 0 && device_number_parse(text, ret);
}

static int read_block(const struct root *root, const char *name, struct block_devices *all)
{
	char dir[PATH_MAX], path[PATH_MAX + 16];
	struct block_device x = { .name = arena_str(&all->strings, name) };

	snprintf(dir, sizeof(dir), "/sys/class/block/%s", name);
	if (!read_number(root, dir, &x.number))
		return 0;
	x.backing = attribute(root, &all->strings, dir, "loop/backing_file");
	x.mapping = attribute(root, &all->strings, dir, "dm/name");
	x.uuid = attribute(root, &all->strings, dir, "dm/uuid");
	x.level = attribute(root, &all->strings, dir, "md/level");
	if (!x.name || vec_room(&all->items, all->n, &all->cap) < 0)
		return -ENOMEM;
	snprintf(path, sizeof(path), "%s/holders", dir);
	if (root_list(root, path, &x.holders) == -ENOMEM) {
		strv_done(&x.holders);
		return -ENOMEM;
	}
	all->items[all->n++] = x;
	return 0;
}

int block_devices_read(const struct root *root, struct block_devices *ret)
{
	_cleanup_block_devices_ struct block_devices all = { 0 };
	_cleanup_strv_ struct strv names = { 0 };
	int r = root_list(root, "/sys/class/block", &names);

	for (size_t i = 0; i < names.n && r >= 0; i++)
		r = read_block(root, names.items[i], &all);
	if (r < 0)
		return r;
	*ret = all;
	all = (struct block_devices){ 0 };
	return 0;
}

void block_devices_done(struct block_devices *b)
{
	for (size_t k = 0; k < b->n; k++)
		strv_done(&b->items[k].holders);
	free(b->items);
	arena_done(&b->strings);
	*b = (struct block_devices){ 0 };
}
