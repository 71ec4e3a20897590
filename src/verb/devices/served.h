/* SPDX-License-Identifier: MIT */
#pragma once

/* The devices of the machine as people look at them: what each is, and what keeps its modules from serving it. */

#include "read/hwdata/hwids.h"
#include "verb/hardware/hardware.h"
#include "verb/why/query.h"

struct served_device {
	const struct hardware_device *device;
	const char *id;         /* "8086:10d3"; NULL: not of a bus that has such ids */
	const char *what;       /* class, vendor and device, as far as hwdata has names for them; NULL: none */
	const char **obstacles; /* one for each of its modules; NULL: nothing is known to be in the way */
	const char *obstacle;   /* of the device: no module is known for it. NULL: none */
};

struct served {
	struct hardware hardware;
	struct served_device *items; /* one for each of hardware.items */
	struct hwids names[HWIDS_BUSES];
	struct arena strings;
};

/*
 * Reads the devices, and for those that no module serves asks verb/why what is in the way of each that would: once for
 * a module. 0, -ENOMEM; -errno: sysfs shows no devices, so that they are not known.
 */
int served_read(const struct why_query *q, struct served *ret);
void served_done(struct served *s);

/* Is it a device that lacks its driver or module, as far as is known? */
bool served_is_unserved(const struct served_device *d);
/*
 * Is this how somebody calls the device? By its name, PCI address or id, its bus, its driver, or a module that serves
 * or would serve it.
 */
bool served_is_called(const struct served_device *d, const char *word);

#define _cleanup_served_ _cleanup_(served_done)
