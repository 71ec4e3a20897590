// SPDX-License-Identifier: MIT
#include "verb/hardware/hardware.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/modname.h"
#include "base/oom.h"
#include "decide/plan/resolve.h"

static const char *const names[] = {
	[HARDWARE_DRIVEN] = "driven",         [HARDWARE_SERVED] = "served",   [HARDWARE_IDLE] = "no-driver",
	[HARDWARE_NOT_LOADED] = "not-loaded", [HARDWARE_UNKNOWN] = "unknown",
};

const char *hardware_state_name(enum hardware_state state)
{
	return names[state];
}

/* ---- the modules of one device ---- */

/* /sys/module/NAME/drivers has an entry "BUS:DRIVER" for each driver that the module registered. */
static int has_driver_on(const struct root *root, const char *module, const char *bus, bool *ret)
{
	_cleanup_strv_ struct strv drivers = { 0 };
	char path[PATH_MAX];
	size_t n = strlen(bus);
	int r = -ENAMETOOLONG;

	*ret = false;
	if ((size_t)snprintf(path, sizeof(path), "/sys/module/%s/drivers", module) < sizeof(path))
		r = root_list(root, path, &drivers);
	for (size_t i = 0; r >= 0 && i < drivers.n; i++)
		if (strncmp(drivers.items[i], bus, n) == 0 && drivers.items[i][n] == ':')
			*ret = true;
	return r < 0 ? only_oom(r) : 0;
}

/* Is it in modules.dep, in the kernel or loaded? A line of the configuration can lead to any name. */
static int is_there(const struct plan_world *world, const struct candidate *c, const char *name, bool *ret)
{
	_cleanup_free_ char *path = NULL;
	int r = world_path(world, name, &path);

	*ret = path || c->builtin || world_state(world, name) != LIVE_ABSENT;
	return r;
}

static bool has_module(const struct hardware_device *d, const char *name)
{
	for (size_t i = 0; i < d->n_modules; i++)
		if (strcmp(d->modules[i].name, name) == 0)
			return true;
	return false;
}

static int add_module(struct sys *sys, const struct plan_world *world, const struct candidate *c,
		      struct hardware_device *d, struct arena *strings)
{
	struct hardware_module *m = &d->modules[d->n_modules];
	char name[MODNAME_MAX];
	bool there = false;
	int r = modname_normalize(c->name, name) < 0 ? 0 : is_there(world, c, name, &there);

	if (r < 0 || !there || has_module(d, name))
		return r;
	*m = (struct hardware_module){ .name = arena_str(strings, name), .builtin = c->builtin };
	if (!m->name)
		return -ENOMEM;
	m->state = c->builtin ? LIVE_BUILTIN : world_state(world, name);
	m->blacklisted = world->policy ? policy_blacklist(world->policy, name) : NULL;
	d->n_modules++;
	return m->state == LIVE_LIVE ? has_driver_on(&sys->root, name, d->id->bus, &m->has_driver) : 0;
}

/* "off" in the place of a module: the administrator has switched the alias off. */
static const struct policy_entry *switched_off(const struct candidates *c)
{
	if (c->n != 1 || c->items[0].source != RESOLVE_CONFIG_ALIAS || strcmp(c->items[0].name, "off") != 0)
		return NULL;
	return c->items[0].entry;
}

static int find_modules(struct sys *sys, const struct plan_world *world, struct hardware_device *d,
			struct arena *strings)
{
	struct plan_world unconfigured = *world;
	_cleanup_candidates_ struct candidates found = { 0 };
	int r = only_oom(resolve(world, d->id->modalias, &found));

	d->off = switched_off(&found);
	if (r >= 0 && d->off) {
		candidates_done(&found);
		unconfigured.policy = NULL;
		r = only_oom(resolve(&unconfigured, d->id->modalias, &found));
	}
	if (r < 0 || !found.n)
		return r;
	d->modules = arena_array(strings, found.n, sizeof(*d->modules));
	if (!d->modules)
		return -ENOMEM;
	for (size_t i = 0; i < found.n && r >= 0; i++)
		r = add_module(sys, world, &found.items[i], d, strings);
	return r;
}

/* ---- its state ---- */

/* Drivers are bound to the devices of buses only. */
static bool takes_driver(const struct root *root, const struct modalias *id)
{
	char path[PATH_MAX];

	return (size_t)snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s", id->bus, id->name) < sizeof(path) &&
	       root_exists(root, path);
}

static enum hardware_state state_of(const struct root *root, const struct hardware_device *d)
{
	bool served = false;

	if (d->id->driver)
		return HARDWARE_DRIVEN;
	for (size_t i = 0; i < d->n_modules; i++) {
		const struct hardware_module *m = &d->modules[i];

		served = served || m->builtin || (m->state == LIVE_LIVE && !m->has_driver);
	}
	if (!d->n_modules)
		return HARDWARE_UNKNOWN;
	if (served)
		return HARDWARE_SERVED;
	return takes_driver(root, d->id) ? HARDWARE_IDLE : HARDWARE_NOT_LOADED;
}

/*
 * Drivers are bound to the device that ACPI describes (Documentation/ABI/testing/sysfs-bus-acpi: physical_node), which
 * its own bus shows with the same modalias.
 */
static bool is_description(const struct root *root, const struct modalias *id)
{
	char path[PATH_MAX];

	return strcmp(id->bus, "acpi") == 0 &&
	       (size_t)snprintf(path, sizeof(path), "/sys/bus/acpi/devices/%s/physical_node", id->name) <
		       sizeof(path) &&
	       root_exists(root, path);
}

/* ---- all devices ---- */

static int list_error(const struct root *root)
{
	_cleanup_strv_ struct strv buses = { 0 };
	int r = root_list(root, "/sys/bus", &buses);

	return r < 0 ? r : 0;
}

static int add_devices(struct sys *sys, const struct plan_world *world, struct hardware *h)
{
	int r = 0;

	h->items = arena_array(&h->strings, h->aliases.n, sizeof(*h->items));
	if (!h->items)
		return -ENOMEM;
	for (size_t i = 0; i < h->aliases.n && r >= 0; i++) {
		struct hardware_device *d = &h->items[h->n];

		if (is_description(&sys->root, &h->aliases.items[i]))
			continue;
		d->id = &h->aliases.items[i];
		r = find_modules(sys, world, d, &h->strings);
		d->state = state_of(&sys->root, d);
		h->n++;
	}
	return r;
}

int hardware_read(struct sys *sys, const struct plan_world *world, struct hardware *ret)
{
	_cleanup_hardware_ struct hardware h = { 0 };
	int r = modaliases_read(&sys->root, &h.aliases);

	h.error = list_error(&sys->root);
	h.is_indexed = world->catalog && catalog_reader(world->catalog, CATALOG_ALIAS);
	if (r >= 0)
		r = add_devices(sys, world, &h);
	if (r < 0)
		return r;
	*ret = h;
	h = (struct hardware){ 0 };
	return 0;
}

bool hardware_leads_to(const struct hardware_device *d, const char *module)
{
	return (d->id->module && strcmp(d->id->module, module) == 0) || has_module(d, module);
}

size_t hardware_count(const struct hardware *h, enum hardware_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += h->items[i].state == state;
	return n;
}

void hardware_done(struct hardware *h)
{
	modaliases_done(&h->aliases);
	arena_done(&h->strings);
	*h = (struct hardware){ 0 };
}
