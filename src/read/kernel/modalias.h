/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The devices of the machine and their modaliases: the modalias files of /sys/bus/BUS/devices/NAME, and of the few
 * devices without a bus (/sys/class/input, /sys/class/dmi, /sys/devices/system/cpu).
 */

#include "base/arena.h"
#include "base/root.h"

struct modalias {
	const char *bus;      /* "pci"; "input", "dmi", "cpu" of the others */
	const char *name;     /* "0000:00:03.0" */
	const char *modalias; /* "pci:v00008086d000010D3..." */
	const char *driver;   /* bound to it; NULL: none */
	const char *module;   /* of the driver, by the module name rule; NULL: none, or built in */
};

struct modaliases {
	struct modalias *items; /* by bus, then name; then those without a bus */
	size_t n, cap;
	struct arena strings;
};

/* 0 (also when there are none) or -ENOMEM. */
int modaliases_read(const struct root *root, struct modaliases *ret);
void modaliases_done(struct modaliases *m);

#define _cleanup_modaliases_ _cleanup_(modaliases_done)
