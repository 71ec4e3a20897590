/* SPDX-License-Identifier: MIT */
#pragma once

/* From a device to the modules that drive it, or that would be loaded for it. */

#include "verb/why/query.h"

/*
 * asked: a name in /sys/bus/BUS/devices or /sys/class/CLASS, a PCI address, or a directory or link of sysfs. 1: it is a
 * device, with what of it in said, and the modules added; 0: there is none; -ENOMEM.
 */
int device_find(const struct why_query *q, const char *asked, struct candidates *modules, struct why *said);
/* The same for a node in /dev; 1 or -ENOMEM. */
int device_find_node(const struct why_query *q, const char *asked, bool block, dev_t number, struct candidates *modules,
		     struct why *said);
/* The same for a directory below /sys/devices that is one; 1 or -ENOMEM. */
int device_tell(const struct why_query *q, const char *asked, const char *dir, struct candidates *modules,
		struct why *said);
/* The same for the id of a PCI or USB device: of those of this machine, or else by the indexes. 0: it is none. */
int device_find_id(const struct why_query *q, const char *asked, struct candidates *modules, struct why *said);
/* "0000:00:1f.6", or "00:1f.6" as lspci(8) prints it: ret is the whole address. */
bool device_pci_address(const char *text, char *ret, size_t cap);
