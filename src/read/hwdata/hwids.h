/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The names of vendors, devices and classes in pci.ids and usb.ids (their heads describe the form; hwdata, pci.ids(5)):
 *
 *	8086  Intel Corporation
 *		10d3  82574L Gigabit Network Connection
 *	C 02  Network controller
 *		00  Ethernet controller
 *
 * and the vendor and device that a modalias names (file2alias of the kernel's build; modules.alias).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/root.h"
#include "base/span.h"

/* A larger file is not read: the real ones have 1.5 and 0.8 MB. */
#define HWIDS_MAX ((size_t)32 << 20)

enum hwids_bus { HWIDS_PCI, HWIDS_USB, HWIDS_BUSES };

struct hwid {
	uint32_t key;
	struct span name; /* not empty */
};

struct hwid_list {
	struct hwid *items; /* by key; of equal ones the first in the file comes first */
	size_t n, cap;
};

struct hwids {
	struct buf text;          /* of the file, which the names are part of */
	struct hwid_list vendors; /* key: the vendor */
	struct hwid_list devices; /* vendor << 16 | device */
	struct hwid_list classes; /* HWIDS_CLASS() */
};

#define HWIDS_CLASS(class) ((uint32_t)(class) << 16)
#define HWIDS_SUBCLASS(class, sub) (HWIDS_CLASS(class) | 0x100 | (uint32_t)(sub))

/* The file of that bus, where the distribution has it. -ENOENT: not installed; -EFBIG; -errno. Not reported. */
int hwids_open(const struct root *root, enum hwids_bus bus, struct hwids *ret);
/* The same from text, which must outlive the result. Lines that are not of this form are skipped. 0 or -ENOMEM. */
int hwids_parse(struct span text, struct hwids *ret);
void hwids_done(struct hwids *h);
/* The name of a key. Empty: none. */
struct span hwid_name(const struct hwid_list *l, uint32_t key);

/* What a modalias, or a pattern of some, says of the device. */
struct hwid_alias {
	enum hwids_bus bus;
	uint16_t vendor;
	bool has_device; /* false: any device of the vendor, or not just one */
	uint16_t device;
	bool has_class; /* of a pci one */
	uint8_t class, subclass;
};

/* false: not of a pci or usb device, or (hid:) one that is behind such a bus, or the vendor is not given. */
bool hwid_of_alias(const char *alias, struct hwid_alias *ret);
/* "10d3" and the like, n digits and nothing else. */
bool hwid_parse_hex(const char *text, size_t n, uint32_t *ret);
/* "8086:10d3", vendor and device as lspci(8) and lsusb(8) print them, or with brackets around it as `lspci -nn`. */
bool hwid_parse(const char *text, uint16_t *ret_vendor, uint16_t *ret_device);

#define _cleanup_hwids_ _cleanup_(hwids_done)
