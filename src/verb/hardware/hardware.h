/* SPDX-License-Identifier: MIT */
#pragma once

/* The devices of the machine that have a modalias, with the installed modules that would serve each of them. */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "decide/plan/world.h"
#include "read/kernel/modalias.h"
#include "system/sys.h"

enum hardware_state {
	HARDWARE_DRIVEN,     /* a driver is bound to it */
	HARDWARE_SERVED,     /* no driver is bound, nor expected: what serves it is loaded, or is in the kernel */
	HARDWARE_IDLE,       /* an installed module drives it, but is not loaded, or its driver is not bound to it */
	HARDWARE_NOT_LOADED, /* of a kind to which no driver is bound (cpu, dmi, input), and no module is loaded */
	HARDWARE_UNKNOWN,    /* no installed module has an alias for it */
};

struct hardware_module {
	const char *name;
	bool builtin;
	enum live_state state;                  /* LIVE_ABSENT: not loaded, or that could not be read */
	bool has_driver;                        /* it is loaded, and has registered a driver on the bus of the device */
	const struct policy_entry *blacklisted; /* NULL: not by modprobe.d or modprobe.blacklist= */
};

struct hardware_device {
	const struct modalias *id; /* bus, name, modalias, bound driver and its module */
	enum hardware_state state;
	struct hardware_module *modules; /* installed ones that its modalias leads to, as modprobe would find them */
	size_t n_modules;
	const struct policy_entry *off; /* `alias PATTERN off` keeps them from being asked for; NULL */
};

struct hardware {
	struct modaliases aliases;
	struct hardware_device *items; /* as the aliases are sorted */
	size_t n;
	int error;       /* -errno: why /sys/bus could not be listed; the devices are then not known */
	bool is_indexed; /* modules.alias of this release could be read: without it HARDWARE_UNKNOWN is no answer */
	struct arena strings;
};

/*
 * The devices of the running machine; the world must outlive the result. 0 or -ENOMEM. A description by ACPI of a
 * device that a bus shows as well is left out.
 */
int hardware_read(struct sys *sys, const struct plan_world *world, struct hardware *ret);
/* How many are in this state. */
size_t hardware_count(const struct hardware *h, enum hardware_state state);
/* Does its modalias lead to that module, or is it the bound driver's? */
bool hardware_leads_to(const struct hardware_device *d, const char *module);
const char *hardware_state_name(enum hardware_state state); /* "driven", "served", "no-driver" ... */
void hardware_done(struct hardware *h);

#define _cleanup_hardware_ _cleanup_(hardware_done)
