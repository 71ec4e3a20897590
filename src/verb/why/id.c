// SPDX-License-Identifier: MIT
/* Id of a PCI or USB device: "8086:10d3", as lspci(8) and lsusb(8) print it. Of this machine, or in modules.alias. */
#include "verb/why/device.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/oom.h"
#include "read/hwdata/hwids.h"
#include "read/kernel/devices.h"
#include "read/kernel/modalias.h"

struct search {
	const struct why_query *q;
	const char *asked;
	uint16_t vendor, device;
	struct candidates *modules;
	struct why *said;
	bool exact; /* of aliases for any device of the vendor, none */
};

static bool is_of_id(const struct search *t, const char *alias)
{
	struct hwid_alias a;

	return hwid_of_alias(alias, &a) && a.vendor == t->vendor && (a.has_device ? a.device == t->device : !t->exact);
}

/* ---- of this machine ---- */

/* The interfaces of a USB device have its id; they are below it. */
static bool find_directory(const struct root *root, const struct modalias *m, char ret[static PATH_MAX])
{
	char path[PATH_MAX];
	bool is_interface = strcmp(m->bus, "usb") == 0 && strchr(m->name, ':');

	if ((size_t)snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s", m->bus, m->name) >= sizeof(path))
		return false;
	if (device_resolve(root, path, ret) < 0)
		strcpy(ret, path);
	if (is_interface)
		*strrchr(ret, '/') = '\0';
	return true;
}

static int look_at_machine(const struct search *t)
{
	_cleanup_modaliases_ struct modaliases all = { 0 };
	char dir[PATH_MAX], last[PATH_MAX] = "";
	int r = modaliases_read(&t->q->sys->root, &all);

	for (size_t i = 0; i < all.n && r >= 0; i++) {
		if (!is_of_id(t, all.items[i].modalias) || !find_directory(&t->q->sys->root, &all.items[i], dir) ||
		    strcmp(dir, last) == 0)
			continue;
		strcpy(last, dir);
		r = device_tell(t->q, t->asked, dir, t->modules, t->said);
	}
	return r < 0 ? r : 0;
}

/* ---- in the indexes ---- */

static const char *of_this_machine(const struct search *t)
{
	return root_exists(&t->q->sys->root, "/sys/bus") ?
		       "no device of this machine has this id" :
		       "the devices of this machine cannot be seen, because there is no /sys/bus";
}

static int look_at_alias(void *data, const char *key, const char *value, uint32_t priority _unused_)
{
	const struct search *t = data;
	int r;

	if (!is_of_id(t, key) || candidates_have(t->modules, value))
		return 0;
	r = only_oom(resolve_name(t->q->world, value, t->modules));
	if (r < 0 || !candidates_have(t->modules, value))
		return r;
	return t->said->n ? why_add(t->said, WHY_FACT, WHY_IS_DEVICE, NULL, "module %s has an alias for it: %s", value,
				    key) :
			    why_add(t->said, WHY_FACT, WHY_IS_DEVICE, NULL, "%s; module %s has an alias for it: %s",
				    of_this_machine(t), value, key);
}

static int look_at_indexes(struct search *t)
{
	static const enum catalog_index which[] = { CATALOG_ALIAS, CATALOG_BUILTIN_ALIAS };
	int r = 0;

	for (int exact = 1; exact >= 0 && r >= 0 && !t->modules->n; exact--) {
		t->exact = exact;
		for (size_t i = 0; i < ELEMENTSOF(which) && r >= 0; i++) {
			const struct index_reader *index = catalog_reader(t->q->world->catalog, which[i]);

			r = index ? only_oom(index_reader_walk(index, look_at_alias, t)) : 0;
		}
	}
	return r;
}

static int tell_unknown(const struct search *t)
{
	int r = why_add(t->said, WHY_OBSTACLE, WHY_DEVICE_UNKNOWN, NULL,
			"%s is the id of a device, and no installed module has an alias for it; %s", t->asked,
			of_this_machine(t));

	return r < 0 ? r : why_fix(t->said, "find the driver that supports %s, and build or install it", t->asked);
}

int device_find_id(const struct why_query *q, const char *asked, struct candidates *modules, struct why *said)
{
	struct search t = { .q = q, .asked = asked, .modules = modules, .said = said, .exact = true };
	int r;

	if (!hwid_parse(asked, &t.vendor, &t.device))
		return 0;
	r = look_at_machine(&t);
	if (r < 0 || said->n)
		return r < 0 ? r : 1;
	r = look_at_indexes(&t);
	if (r >= 0)
		r = modules->n ? 0 : tell_unknown(&t);
	return r < 0 ? r : 1;
}
