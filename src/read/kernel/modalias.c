// SPDX-License-Identifier: MIT
#include "read/kernel/modalias.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "base/fileio.h"
#include "base/modname.h"
#include "base/oom.h"
#include "read/kernel/devices.h"

#define MODALIAS_MAX 4096

/* What a link in the device's directory leads to, by its last component. NULL: no such link, or no memory. */
static const char *link_of(const struct root *root, struct arena *strings, const char *dir, const char *link)
{
	char path[PATH_MAX], name[NAME_MAX + 1];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, link) >= sizeof(path) ||
	    device_link_name(root, path, name, sizeof(name)) < 0)
		return NULL;
	return arena_str(strings, name);
}

static const char *module_of(const struct root *root, struct arena *strings, const char *dir)
{
	const char *link = link_of(root, strings, dir, "driver/module");
	char name[MODNAME_MAX];

	return link && modname_normalize(link, name) == 0 ? arena_str(strings, name) : NULL;
}

static int add_device(const struct root *root, const char *dir, const char *bus, const char *name,
		      struct modaliases *into)
{
	char path[PATH_MAX], text[MODALIAS_MAX];
	struct modalias m = { 0 };

	if ((size_t)snprintf(path, sizeof(path), "%s/modalias", dir) >= sizeof(path) ||
	    file_read_line(root, path, text, sizeof(text)) < 0 || !*text)
		return 0;
	m.bus = arena_str(&into->strings, bus);
	m.name = arena_str(&into->strings, name);
	m.modalias = arena_str(&into->strings, text);
	m.driver = link_of(root, &into->strings, dir, "driver");
	m.module = module_of(root, &into->strings, dir);
	if (!m.bus || !m.name || !m.modalias || vec_room(&into->items, into->n, &into->cap) < 0)
		return -ENOMEM;
	into->items[into->n++] = m;
	return 0;
}

/* All devices whose directories are below dir. */
static int add_devices(const struct root *root, const char *dir, const char *bus, struct modaliases *into)
{
	_cleanup_strv_ struct strv names = { 0 };
	char path[PATH_MAX];
	int r = root_list(root, dir, &names);

	if (r < 0)
		return only_oom(r);
	for (size_t i = 0; i < names.n && r >= 0; i++)
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, names.items[i]) < sizeof(path))
			r = add_device(root, path, bus, names.items[i], into);
	return r;
}

static int add_buses(const struct root *root, struct modaliases *into)
{
	_cleanup_strv_ struct strv buses = { 0 };
	char path[PATH_MAX];
	int r = root_list(root, "/sys/bus", &buses);

	if (r < 0)
		return only_oom(r);
	for (size_t i = 0; i < buses.n && r >= 0; i++)
		if ((size_t)snprintf(path, sizeof(path), "/sys/bus/%s/devices", buses.items[i]) < sizeof(path))
			r = add_devices(root, path, buses.items[i], into);
	return r;
}

int modaliases_read(const struct root *root, struct modaliases *ret)
{
	_cleanup_modaliases_ struct modaliases m = { 0 };
	int r = add_buses(root, &m);

	if (r >= 0)
		r = add_devices(root, "/sys/class/input", "input", &m);
	if (r >= 0)
		r = add_devices(root, "/sys/class/dmi", "dmi", &m);
	if (r >= 0)
		r = add_device(root, "/sys/devices/system/cpu", "cpu", "cpu", &m);
	if (r < 0)
		return r;
	*ret = m;
	m = (struct modaliases){ 0 };
	return 0;
}

void modaliases_done(struct modaliases *m)
{
	free(m->items);
	arena_done(&m->strings);
	*m = (struct modaliases){ 0 };
}
