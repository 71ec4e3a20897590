// SPDX-License-Identifier: MIT
/* Which module a name or a device number belongs to. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/modname.h"
#include "decide/plan/resolve.h"
#include "verb/users/users_private.h"

bool users_is_module(const struct users_search *s, const char *name)
{
	return strcmp(s->q->module, name) == 0;
}

bool users_alias_leads_here(const struct users_search *s, const char *alias)
{
	const struct plan_world world = { .catalog = s->q->catalog };
	_cleanup_candidates_ struct candidates found = { 0 };

	if (!s->q->catalog || resolve(&world, alias, &found) < 0)
		return false;
	for (size_t i = 0; i < found.n; i++)
		if (users_is_module(s, found.items[i].name))
			return true;
	return false;
}

/* Nodes whose module neither an alias nor a driver link reveals: found by the beginning of their name. */
static const struct {
	const char *node, *module;
} nodes[] = {
	{ "device-mapper", "dm_mod" }, /* of /proc/devices */
	{ "ramdisk", "brd" },          { "input/event", "evdev" },
	{ "input/js", "joydev" },      { "input/mouse", "mousedev" },
	{ "input/mice", "mousedev" },  { "kvm", "kvm_intel" }, /* the vendor's module owns the common node */
	{ "kvm", "kvm_amd" },
};

static bool node_name_leads_here(const struct users_search *s, const char *node)
{
	char name[MODNAME_MAX];

	for (size_t i = 0; i < ELEMENTSOF(nodes); i++)
		if (users_is_module(s, nodes[i].module) && strncmp(node, nodes[i].node, strlen(nodes[i].node)) == 0)
			return true;
	return modname_normalize(node, name) == 0 && users_is_module(s, name);
}

static bool number_leads_here(const struct users_search *s, bool block, dev_t number)
{
	const struct device_majors *m = &s->majors;
	char alias[64];

	snprintf(alias, sizeof(alias), "%s-major-%u-%u", block ? "block" : "char", major(number), minor(number));
	if (users_alias_leads_here(s, alias))
		return true;
	for (size_t i = 0; i < m->n; i++)
		if (m->items[i].major == major(number) && m->items[i].block == block &&
		    node_name_leads_here(s, m->items[i].name))
			return true;
	return false;
}

/* *ret_nearest: the device is the module's own, not one further up the bus. */
static int judge_device(const struct users_search *s, bool block, dev_t number, bool *ret_owned, bool *ret_nearest)
{
	_cleanup_strv_ struct strv modules = { 0 };
	char dir[PATH_MAX], name[NAME_MAX + 1];

	*ret_owned = *ret_nearest = number_leads_here(s, block, number);
	if (*ret_owned || device_of_number(s->q->root, block, number, dir) < 0)
		return 0;
	if (device_uevent(s->q->root, dir, "DEVNAME", name, sizeof(name)) == 0 && node_name_leads_here(s, name)) {
		*ret_owned = *ret_nearest = true;
		return 0;
	}
	if (device_modules(s->q->root, dir, &modules) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < modules.n && !*ret_owned; i++) {
		*ret_owned = users_is_module(s, modules.items[i]);
		*ret_nearest = *ret_owned && i == 0;
	}
	return 0;
}

int users_owns(struct users_search *s, bool block, dev_t number, bool *ret_nearest)
{
	struct owned x = { .number = number, .block = block };

	for (size_t i = 0; i < s->n_seen; i++)
		if (s->seen[i].number == number && s->seen[i].block == block) {
			*ret_nearest = s->seen[i].nearest;
			return s->seen[i].owned;
		}
	if (judge_device(s, block, number, &x.owned, &x.nearest) < 0 || vec_room(&s->seen, s->n_seen, &s->cap_seen) < 0)
		return -ENOMEM;
	s->seen[s->n_seen++] = x;
	*ret_nearest = x.nearest;
	return x.owned;
}
